"""Secrets in files that the environment names, as containers mount them: `CXONE_CLIENT_SECRET_FILE`.

A `.env` cannot name such a file: it may come from a stranger, who would choose a file of yours and where to send it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from cxone_rollcall.config.definitions import SECRETS
from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.config.read_file import as_path, read_file
from cxone_rollcall.config.sources import Source
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.pasted_text import cleaned, is_blank


def secret_file_sources(environ: Mapping[str, str], cwd: Path) -> list[Source]:
    """A source for each secret whose file the environment names. SettingError as in `secret_of_file`."""
    return [
        Source(
            label=f"file of {setting.file_variable}",
            group="session",
            values={setting.name: text},
        )
        for setting in SECRETS
        if (text := secret_of_file(setting.variable, environ, cwd)) is not None
    ]


def secret_of_file(variable: str, environ: Mapping[str, str], cwd: Path) -> str | None:
    """The secret in the file that `VARIABLE_FILE` names, or None.

    A line break at the end of the file is not part of the secret. SettingError if `variable` is set too, if the file
    cannot be read, others can, or it is not one line of text. Its message quotes no content. It has the path only if
    there is such a file: else the variable might hold the secret itself.
    """
    named = f"{variable}_FILE"
    text = environ.get(named, "")
    if is_blank(text):
        return None
    if not is_blank(environ.get(variable, "")):
        raise SettingError(
            f"{variable} and {named} are both set (environment): keep one of them", example=f"unset {variable}"
        )
    path = cwd / as_path(cleaned(text))
    written = f"{named}=/run/secrets/{variable.lower()}"
    try:
        data, status = read_file(path, named=f"the file of {named}")
    except OSError as error:
        # Path.is_dir() raises PermissionError if the folder around it hides its files.
        if os.path.isdir(path):  # noqa: PTH112
            raise SettingError(
                f"{named} names a folder, {path}: name the file in it", example=f"{named}={path / variable.lower()}"
            ) from None
        if isinstance(error, PermissionError) and os.path.exists(path):  # noqa: PTH110
            raise SettingError(
                f"{named} names {path}, which this user (uid {_user()}) may not read. In a container, change the owner"
                " of the file on the host, or how it is mounted",
                example=_made_private(path),
            ) from None
        raise SettingError(
            f"{named} names no file that can be read ({error.strerror}). It is the path of a file with the secret, not"
            f" the secret, which would be {variable}",
            example=written,
        ) from None
    try:
        check_private(path, status, "a secret")
    except SettingError as error:
        raise SettingError(
            f"{error}. In a container, change the file on the host, or how it is mounted: as {path.name} of uid"
            f" {_user()} with mode 0400",
            example=_made_private(path),
        ) from None
    return one_line(data, f"{path} ({named})", variable, expected=f"printf %s 'the secret' > {variable.lower()}")


def one_line(data: bytes, file: str, variable: str, *, expected: str) -> str:
    """The only line of a secret's file. It must not be a line of an environment file.

    SettingError, which calls it `file` and has the example `expected`.
    """
    try:
        text = data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise SettingError(
            f"{file} is not UTF-8 text: it must hold the secret and nothing else", example=expected
        ) from None
    if is_blank(text):
        raise SettingError(f"{file} is empty: it must hold the secret", example=expected)
    if "\n" in text or "\r" in text or "\0" in text:
        raise SettingError(f"{file} has more than one line: it must hold the secret and nothing else", example=expected)
    if text.removeprefix("export ").startswith(f"{variable}="):
        raise SettingError(f"{file} has a line {variable}=...: it must hold only what follows the =", example=expected)
    return text


def _made_private(path: Path) -> str:
    name = shlex.quote(path.name)
    return f"sudo chown {_user()} {name} && sudo chmod 400 {name}"


def _user() -> int:
    return os.geteuid() if os.name == "posix" else 0
