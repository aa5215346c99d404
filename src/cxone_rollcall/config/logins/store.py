"""What every login store does, and the lock between processes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import asdict
from cxone_rollcall.model.timestamp import seconds_of

LONGEST_WAIT = 120.0
"""Seconds to wait while another process renews the login. Longer than a renewal with all its tries."""
BETWEEN_TRIES = 0.05


class LoginStore(ABC):
    """Stores the login of `key`. Each call may wait for a disk, or for a user to unlock a keyring: use a thread.

    To renew: take the lock, load, renew, save, release the lock. A refresh token may be usable only once. `path` is the
    file of logins; the lock is a file next to it, also for the keyring, which has none. `unbroken` is entered while the
    lock is held: then the old refresh token may be void already, and the new one is not stored yet.
    """

    def __init__(self, key: LoginKey, path: Path) -> None:
        self.key = key
        self.path = path
        self.unbroken: Callable[[], AbstractContextManager[None]] = nullcontext

    @property
    @abstractmethod
    def place(self) -> str:
        """The store's name in messages. "the keyring (macOS Keyring)", or the path of the file."""

    @abstractmethod
    def load(self) -> Login | None:
        """The stored login, or None; SettingError if the store cannot be read."""

    @abstractmethod
    def save(self, login: Login) -> None:
        """Store the login and replace the previous one; SettingError if that fails."""

    @abstractmethod
    def delete(self) -> bool:
        """Delete the login and return whether there was one. SettingError if that fails."""

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Lock this login against renewal by other processes. SettingError if that takes too long."""
        async with renewal_lock(self.path, self.key):
            with self.unbroken():
                yield

    def check_key(self, login: Login) -> None:
        """Raise ValueError if a login has another key: an internal error."""
        if login.key != self.key:
            raise ValueError("a login must be stored under its own key")


@asynccontextmanager
async def renewal_lock(path: Path, key: LoginKey, *, longest_wait: float = LONGEST_WAIT) -> AsyncIterator[None]:
    """Hold the lock of this key, a file next to `path`. SettingError after `longest_wait` seconds."""
    from filelock import FileLock, Timeout

    name = f"{path.name}.{hashlib.sha256(str(key).encode()).hexdigest()[:16]}.lock"
    lock = FileLock(path.with_name(name), thread_local=False, mode=0o600)
    give_up = asyncio.get_running_loop().time() + longest_wait
    while True:
        try:
            make_folder(path)
            lock.acquire(blocking=False)  # we wait ourselves, so that the wait can be cancelled
            break
        except Timeout:
            if asyncio.get_running_loop().time() >= give_up:
                raise SettingError(
                    f"another rollcall has been renewing this login for {longest_wait:g} s, so this one gives up;"
                    f" end the other one if it hangs (it holds {lock.lock_file})"
                ) from None
        except OSError as error:
            raise SettingError(f"{lock.lock_file} cannot be locked: {error.strerror or error}") from None
        await asyncio.sleep(BETWEEN_TRIES)
    try:
        yield
    finally:
        lock.release()


def make_folder(path: Path) -> None:
    """Make the folder of this file if missing, for this user only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def to_record(login: Login) -> dict[str, Any]:
    """The login as a JSON object, only for a store. The refresh token is in clear."""
    return {**asdict(login), "refresh_token": login.refresh_token.reveal()}


def from_record(record: object, key: LoginKey) -> Login:
    """The login in a record. ValueError, which quotes nothing, if it has none for this key."""
    if not isinstance(record, dict):
        raise ValueError("its entry is not a JSON object")
    texts: dict[str, Any] = {name: record.get(name) for name in ("refresh_token", "instance", "client_id", "contract")}
    if not all(isinstance(text, str) and text for text in texts.values()):
        raise ValueError("its entry lacks a required text")
    granted_at, scopes = seconds_of(record.get("granted_at")), record.get("scopes")
    if granted_at is None:
        raise ValueError("its entry does not say when it was granted")
    if scopes is not None and not (isinstance(scopes, list) and all(isinstance(one, str) for one in scopes)):
        raise ValueError("the scopes of its entry are not a list of texts")
    login = Login(
        **{**texts, "refresh_token": Secret(texts["refresh_token"])},
        tenant_id=_text_or_none(record.get("tenant_id")),
        user=_text_or_none(record.get("user")),
        granted_at=granted_at,
        scopes=None if scopes is None else tuple(scopes),
    )
    if login.key != key:  # the file was edited: a token must not go where it was not granted
        raise ValueError("its entry belongs to another instance or client")
    return login


def from_json(text: str, key: LoginKey) -> Login:
    """The login in a JSON text; ValueError as in `from_record`."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("its entry is not JSON") from None  # the decoder's message may quote the token
    return from_record(record, key)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
