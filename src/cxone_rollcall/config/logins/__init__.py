"""The stores of user logins: the keyring, or a file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from cxone_rollcall.config.folders import data_folder
from cxone_rollcall.config.logins.file import FileStore
from cxone_rollcall.config.logins.latest import latest, note_latest
from cxone_rollcall.config.logins.os_keyring import KeyringStore
from cxone_rollcall.config.logins.store import LoginStore, renewal_lock
from cxone_rollcall.config.read_file import as_path
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.login import Login, LoginKey, StoreKind
from cxone_rollcall.model.pasted_text import cleaned, is_blank

__all__ = [
    "FileStore",
    "KeyringStore",
    "LoginStore",
    "forget",
    "keep",
    "latest",
    "logins_path",
    "note_latest",
    "store_for",
]

_VARIABLE = "ROLLCALL_LOGINS"


def logins_path(environ: Mapping[str, str]) -> Path:
    """The path of the logins file. ROLLCALL_LOGINS, else in the user's data folder."""
    named = environ.get(_VARIABLE, "")
    if not is_blank(named):
        return as_path(cleaned(named))
    return data_folder() / "logins.json"


def store_for(key: LoginKey, path: Path, kind: StoreKind | None = None) -> LoginStore:
    """The store of this kind for the login of `key`.

    Without a kind: the file if it holds the login, else the keyring. SettingError if the file is unusable, or if
    `kind` is keyring and there is none.
    """
    file = FileStore(key, path)
    held = file.load()  # for every kind: an unusable file is reported before the sign-in
    if kind == "file" or (kind is None and held is not None):
        return file
    keyring = KeyringStore(key, path)
    if kind == "keyring":
        keyring.check()
    return keyring


async def keep(login: Login, path: Path, kind: StoreKind) -> LoginStore:
    """Save a login in the store of this kind; return that store.

    It is deleted from the other store.
    """
    store = store_for(login.key, path, kind)
    other: LoginStore = KeyringStore(login.key, path) if kind == "file" else FileStore(login.key, path)
    async with store.lock():
        await asyncio.to_thread(store.save, login)
        try:
            await asyncio.to_thread(other.delete)
        except SettingError:
            if kind == "keyring":
                raise  # the file is read first: an old login in it would hide the new one
    return store


async def forget(key: LoginKey, path: Path) -> tuple[tuple[str, ...], SettingError | None]:
    """Delete the login from both stores. Returns where it was, and the first error."""
    stores: tuple[LoginStore, ...] = (FileStore(key, path), KeyringStore(key, path))
    places = []
    failed = None
    async with renewal_lock(path, key):
        for store in stores:
            place = store.place
            try:
                if await asyncio.to_thread(store.delete):
                    places.append(place)
            except SettingError as error:
                failed = failed or error
    return tuple(places), failed
