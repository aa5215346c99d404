"""What every store of logins can do, how a login is written down, and the lock between processes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from filelock import FileLock, Timeout

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.login import Login
from cxone_rollcall.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from cxone_rollcall.model.login import LoginKey

LONGEST_WAIT = 120.0
"""Seconds to wait for whoever renews the same login: longer than a renewal takes with all its tries."""
BETWEEN_TRIES = 0.05


class LoginStore(Protocol):
    """Where one login is kept. Each call may wait for a disk, or for a user who unlocks a keyring: use a thread.

    Who renews takes the lock, loads, renews, saves, and gives the lock back: a refresh token may be good only once.
    """

    @property
    def key(self) -> LoginKey:
        """Whose login it keeps."""

    @property
    def place(self) -> str:
        """The store in words, for messages: "the keyring (macOS Keyring)", or the file's path."""

    def load(self) -> Login | None:
        """Return the login that is kept, None where there is none; SettingError where nobody can tell."""

    def save(self, login: Login) -> None:
        """Keep the login in the place of the one before; SettingError where it cannot be kept."""

    def delete(self) -> bool:
        """Forget the login and tell whether there was one; SettingError where nobody can tell."""

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from renewing this login meanwhile; SettingError where it takes too long."""


@asynccontextmanager
async def renewal_lock(path: Path, key: LoginKey, *, longest_wait: float = LONGEST_WAIT) -> AsyncIterator[None]:
    """Hold the lock of this key, a file beside `path`; SettingError after `longest_wait` seconds."""
    name = f"{path.name}.{hashlib.sha256(str(key).encode()).hexdigest()[:16]}.lock"
    lock = FileLock(path.with_name(name), thread_local=False, mode=0o600)
    give_up = asyncio.get_running_loop().time() + longest_wait
    while True:
        try:
            make_folder(path)
            lock.acquire(blocking=False)  # a try takes microseconds: the wait is ours, so that it can be cancelled
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
    """Make the folder of this file, for this user alone, where there is none."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def to_record(login: Login) -> dict[str, Any]:
    """Return the login as JSON can hold it, the refresh token in clear: for a store alone."""
    return {
        "refresh_token": login.refresh_token.reveal(),
        "instance": login.instance,
        "client_id": login.client_id,
        "contract": login.contract,
        "tenant_id": login.tenant_id,
        "user": login.user,
        "granted_at": login.granted_at,
        "scopes": None if login.scopes is None else list(login.scopes),
    }


def from_record(record: object, key: LoginKey) -> Login:
    """Return the login that a record holds; ValueError, which quotes nothing, where it holds none for this key."""
    if not isinstance(record, dict):
        raise ValueError("its entry is no JSON object")
    texts = {name: record.get(name) for name in ("refresh_token", "instance", "client_id", "contract")}
    if not all(isinstance(text, str) and text for text in texts.values()):
        raise ValueError("its entry lacks a text that it must have")
    granted_at, scopes = record.get("granted_at"), record.get("scopes")
    if isinstance(granted_at, bool) or not isinstance(granted_at, int | float):
        raise ValueError("its entry does not say when it was granted")
    if scopes is not None and not (isinstance(scopes, list) and all(isinstance(one, str) for one in scopes)):
        raise ValueError("its entry has scopes that are no list of texts")
    login = Login(
        refresh_token=Secret(str(texts["refresh_token"])),
        instance=str(texts["instance"]),
        client_id=str(texts["client_id"]),
        contract=str(texts["contract"]),
        tenant_id=_text_or_none(record.get("tenant_id")),
        user=_text_or_none(record.get("user")),
        granted_at=float(granted_at),
        scopes=None if scopes is None else tuple(scopes),
    )
    if login.key != key:  # somebody has edited it: its token must not go where it was not granted
        raise ValueError("its entry belongs to another instance or client")
    return login


def from_json(text: str, key: LoginKey) -> Login:
    """Return the login in this JSON text; ValueError as in `from_record`."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("its entry is no JSON") from None  # the decoder's words may quote the token
    return from_record(record, key)


def check_key(login: Login, key: LoginKey) -> None:
    """Raise ValueError where a login is about to be kept under another one's key: a mistake of rollcall's own."""
    if login.key != key:
        raise ValueError("a login is kept under its own key")


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
