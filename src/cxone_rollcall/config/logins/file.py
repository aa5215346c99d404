"""Logins in a file that only its user can read."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.config.logins.store import LoginStore, from_record, make_folder, to_record
from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.login import Login

SCHEMA = "rollcall/logins/1"
LONGEST_WRITE = 10.0
"""Seconds to wait for another process that writes the file."""


class FileStore(LoginStore):
    """Stores the login of `key` in the JSON file `path`. Other entries stay unchanged.

    The file is written with mode 0600 under a temporary name and renamed. A file that others can read is refused.
    """

    @property
    def place(self) -> str:
        """The path."""
        return str(self.path)

    def load(self) -> Login | None:
        """The login, or None; SettingError if the file is unusable."""
        record = self._read().get(str(self.key))
        if record is None:
            return None
        try:
            return from_record(record, self.key)
        except ValueError as error:
            raise self._broken(str(error)) from None

    def save(self, login: Login) -> None:
        """Write the login into the file; SettingError where that cannot be."""
        self.check_key(login)
        with self._writing():
            self._write({**self._read(), str(self.key): to_record(login)})

    def delete(self) -> bool:
        """Delete the login, and the file if it was the last one. Returns whether there was one."""
        if str(self.key) not in self._read():
            return False
        with self._writing():
            logins = self._read()
            logins.pop(str(self.key), None)  # another process may have deleted it meanwhile
            if logins:
                self._write(logins)
            else:
                self.path.unlink(missing_ok=True)
            return True

    def _read(self) -> dict[str, Any]:
        try:
            data, status = read_file(self.path, named=f"the file of logins, {self.path},")
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise SettingError(f"the logins in {self.path} cannot be read: {error.strerror}") from None
        check_private(self.path, status, "logins")
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as error:
            # Only the position: the rest of the message may quote a token.
            where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "its text is damaged"
            raise self._broken(f"it is not JSON ({where})") from None
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise self._broken(f"its schema is not {SCHEMA}")
        logins = document.get("logins")
        if not isinstance(logins, dict):
            raise self._broken("it has no object named logins")
        return logins

    def _broken(self, why: str) -> SettingError:
        path = shlex.quote(str(self.path))
        return SettingError(
            f"the logins in {self.path} cannot be used: {why}. The file was not changed; move it away and log in"
            " again, or fix it",
            example=f"mv {path} {shlex.quote(f'{self.path}.broken')}",
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Lock the file against other writers, whose changes would be lost."""
        from filelock import FileLock, Timeout

        lock = FileLock(
            self.path.with_name(f"{self.path.name}.lock"), timeout=LONGEST_WRITE, thread_local=False, mode=0o600
        )
        try:
            make_folder(self.path)
            with lock:
                yield
        except Timeout:
            raise SettingError(f"another process has been writing {self.path} for {LONGEST_WRITE:g} s") from None
        except OSError as error:
            raise SettingError(f"the login cannot be stored in {self.path}: {error.strerror or error}") from None

    def _write(self, logins: dict[str, Any]) -> None:
        handle, beside = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")  # its mode is 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"schema": SCHEMA, "logins": logins}, file, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())  # the old token may be used up already: the new one must not be lost
            Path(beside).replace(self.path)
        except BaseException:
            with suppress(OSError):
                Path(beside).unlink()
            raise
