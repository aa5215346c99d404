"""Logins in the keyring of the operating system. The library is loaded by whoever needs it, and by nobody else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from cxone_rollcall.config.logins.store import check_key, from_json, renewal_lock, to_record
from cxone_rollcall.errors import SettingError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from keyring.backend import KeyringBackend

    from cxone_rollcall.model.login import Login, LoginKey

SERVICE = "rollcall"
INSTEAD = "rollcall auth login --store file"


class NoKeyring(SettingError):
    """This machine, or this session, has no keyring at all."""


class KeyringStore:
    """Keeps the login of `key` in the keyring: the service is "rollcall", the user name is the key.

    `beside` is the path of the file store; the lock is a file beside it, because a keyring has none.
    """

    def __init__(self, key: LoginKey, beside: Path) -> None:
        self._key = key
        self._name = str(key)
        self._beside = beside

    @property
    def key(self) -> LoginKey:
        """Whose login it keeps."""
        return self._key

    @property
    def place(self) -> str:
        """The keyring, by the name that the library gives it."""
        try:
            return f"the keyring ({_backend().name})"
        except SettingError:
            return "the keyring"

    def load(self) -> Login | None:
        """Return the login, None where there is none or no keyring; SettingError where the keyring fails."""
        try:
            backend = _backend()
        except NoKeyring:
            return None
        try:
            text = backend.get_password(SERVICE, self._name)
        except Exception as error:  # noqa: BLE001  each backend raises its own library's errors
            _refused(error)
        if text is None:
            return None
        try:
            return from_json(text, self._key)
        except ValueError as error:
            raise SettingError(
                f"the login in {self.place} cannot be used: {error}; delete it and log in again",
                example="rollcall auth logout",
            ) from None

    def save(self, login: Login) -> None:
        """Put the login into the keyring, and see that it is there; SettingError where it is not."""
        check_key(login, self._key)
        backend = _backend()
        text = json.dumps(to_record(login), separators=(",", ":"))
        try:
            backend.set_password(SERVICE, self._name, text)
            kept = backend.get_password(SERVICE, self._name)
        except Exception as error:  # noqa: BLE001
            _refused(error)
        if kept != text:
            raise SettingError(f"{self.place} did not keep the login; a 0600 file can keep it instead", example=INSTEAD)

    def delete(self) -> bool:
        """Take the login out of the keyring; where there is no keyring, there is no login."""
        try:
            backend = _backend()
        except NoKeyring:
            return False
        try:
            if backend.get_password(SERVICE, self._name) is None:
                return False
            backend.delete_password(SERVICE, self._name)
        except Exception as error:  # noqa: BLE001
            _refused(error)
        return True

    def check(self) -> None:
        """Raise SettingError where there is no keyring to use: better before the user has signed in than after."""
        _backend()

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Hold the lock of this login, a file beside the file store."""
        return renewal_lock(self._beside, self._key)


def _backend() -> KeyringBackend:
    """Return the keyring in use; NoKeyring where there is none that keeps anything."""
    try:
        import keyring
        from keyring.backends.chainer import ChainerBackend
        from keyring.backends.fail import Keyring as Fail
        from keyring.backends.null import Keyring as Null
    except ImportError:
        raise NoKeyring(
            "the library that reaches the keyring is not installed; install it, or keep the login in a 0600 file",
            example=f"pip install 'cxone-rollcall[keyring]'\n{INSTEAD}",
        ) from None
    try:
        backend = keyring.get_keyring()
        none = isinstance(backend, Fail | Null) or (isinstance(backend, ChainerBackend) and not backend.backends)
    except Exception as error:  # noqa: BLE001  a backend that somebody has configured may fail in any way
        _refused(error)
    if none:
        raise NoKeyring(
            "this session has no keyring (on Linux it takes a desktop session with a Secret Service);"
            " a 0600 file can keep the login instead",
            example=INSTEAD,
        )
    return backend


def _refused(error: Exception) -> NoReturn:
    """Say that the keyring failed; of the error only the kind, because its words may quote what was to be kept."""
    if isinstance(error, SettingError):
        raise error
    locked = type(error).__name__ in {"KeyringLocked", "LockedException", "InitError"}
    why = "is locked: unlock it and try again" if locked else f"cannot be used ({type(error).__name__})"
    raise SettingError(f"the keyring {why}; a 0600 file can keep the login instead", example=INSTEAD) from None
