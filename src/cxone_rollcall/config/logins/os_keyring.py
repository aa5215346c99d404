"""Logins in the keyring of the operating system. Its library is imported only when needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cxone_rollcall.config.logins.store import LoginStore, from_json, to_record
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.login import Login
from cxone_rollcall.model.shell import pip_install

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "rollcall"
INSTEAD = "rollcall auth login --store file"


class NoKeyring(SettingError):
    """This machine or session has no keyring."""


class KeyringStore(LoginStore):
    """Stores the login of `key` in the operating system's keyring.

    The service is "rollcall", the user name is the key.
    """

    @property
    def place(self) -> str:
        """The keyring, by its name in the library."""
        try:
            return f"the keyring ({_backend().name})"
        except SettingError:
            return "the keyring"

    def load(self) -> Login | None:
        """The login, or None without a login or keyring. SettingError if the keyring fails."""
        try:
            backend = _backend()
        except NoKeyring:
            return None
        with _any_error_reported():
            text = backend.get_password(SERVICE, str(self.key))
        if text is None:
            return None
        try:
            return from_json(text, self.key)
        except ValueError as error:
            raise SettingError(
                f"the login in {self.place} cannot be used: {error}; delete it and log in again",
                example="rollcall auth logout",
            ) from None

    def save(self, login: Login) -> None:
        """Store the login and read it back. SettingError if it is not there."""
        self.check_key(login)
        backend = _backend()
        text = json.dumps(to_record(login), separators=(",", ":"))
        with _any_error_reported():
            backend.set_password(SERVICE, str(self.key), text)
            kept = backend.get_password(SERVICE, str(self.key))
        if kept != text:
            raise SettingError(f"{self.place} did not store the login; a 0600 file can instead", example=INSTEAD)

    def delete(self) -> bool:
        """Delete the login; returns whether there was one."""
        try:
            backend = _backend()
        except NoKeyring:
            return False
        with _any_error_reported():
            if backend.get_password(SERVICE, str(self.key)) is None:
                return False
            backend.delete_password(SERVICE, str(self.key))
        return True

    def check(self) -> None:
        """Raise SettingError without a keyring; called before the user signs in."""
        _backend()


def _backend() -> KeyringBackend:
    """The keyring in use; NoKeyring if there is none that stores anything."""
    try:
        import keyring
        from keyring.backends.chainer import ChainerBackend
        from keyring.backends.fail import Keyring as Fail
        from keyring.backends.null import Keyring as Null
    except ImportError:
        raise NoKeyring(
            "the keyring library is not installed; install it, or store the login in a 0600 file",
            example=f"{pip_install('keyring')}\n{INSTEAD}",
        ) from None
    with _any_error_reported():
        backend = keyring.get_keyring()
        none = isinstance(backend, Fail | Null) or (isinstance(backend, ChainerBackend) and not backend.backends)
    if none:
        raise NoKeyring(
            "this session has no keyring (on Linux it needs a desktop session with a Secret Service);"
            " a 0600 file can store the login instead",
            example=INSTEAD,
        )
    return backend


@contextmanager
def _any_error_reported() -> Iterator[None]:
    """Raise SettingError for any error. It names only the kind, because the message may quote the login."""
    try:
        yield
    except SettingError:
        raise
    except Exception as error:  # noqa: BLE001  each backend raises its own library's errors
        locked = type(error).__name__ in {"KeyringLocked", "LockedException", "InitError"}
        why = "is locked: unlock it and try again" if locked else f"cannot be used ({type(error).__name__})"
        raise SettingError(f"the keyring {why}; a 0600 file can store the login instead", example=INSTEAD) from None
