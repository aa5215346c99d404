"""Where users' logins are kept: in the keyring, or in a file where there is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cxone_rollcall.config.cleaning import as_path, cleaned, is_blank
from cxone_rollcall.config.logins.file import FileStore
from cxone_rollcall.config.logins.os_keyring import KeyringStore
from cxone_rollcall.config.logins.store import LoginStore
from cxone_rollcall.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cxone_rollcall.model.login import Login, LoginKey, StoreKind

__all__ = ["FileStore", "KeyringStore", "LoginStore", "forget", "keep", "logins_path", "store_for"]

_VARIABLE = "ROLLCALL_LOGINS"


def logins_path(environ: Mapping[str, str]) -> Path:
    """Return where the file of logins is: the path in ROLLCALL_LOGINS, else in the user's data folder."""
    named = environ.get(_VARIABLE, "")
    if not is_blank(named):
        return as_path(cleaned(named))

    from platformdirs import user_data_path

    return user_data_path("rollcall", appauthor=False) / "logins.json"


def store_for(key: LoginKey, path: Path, kind: StoreKind | None = None) -> LoginStore:
    """Return the store of this kind for the login of `key`.

    Without a kind, the one that holds it: the file if it does, else the keyring. SettingError where the file cannot
    be used; where the kind is given, also where there is no keyring.
    """
    file = FileStore(key, path)
    held = file.load()  # also where the kind is given: a file that cannot be used is said before anybody signs in
    if kind == "file" or (kind is None and held is not None):
        return file
    keyring = KeyringStore(key, path)
    if kind == "keyring":
        keyring.check()
    return keyring


async def keep(login: Login, path: Path, kind: StoreKind) -> LoginStore:
    """Save a new login in the store of this kind, delete the one before from the other, and return the store."""
    store = store_for(login.key, path, kind)
    other: LoginStore = KeyringStore(login.key, path) if kind == "file" else FileStore(login.key, path)
    async with store.lock():
        await asyncio.to_thread(store.save, login)
        try:
            await asyncio.to_thread(other.delete)
        except SettingError:
            if kind == "keyring":
                raise  # the file is asked first: an old login in it would hide the new one
    return store


async def forget(key: LoginKey, path: Path) -> tuple[tuple[str, ...], SettingError | None]:
    """Delete the login from both stores; return where it was, and the first error of a store that failed."""
    stores: tuple[LoginStore, ...] = (FileStore(key, path), KeyringStore(key, path))
    places = []
    failed = None
    async with stores[0].lock():
        for store in stores:
            place = store.place
            try:
                if await asyncio.to_thread(store.delete):
                    places.append(place)
            except SettingError as error:
                failed = failed or error
    return tuple(places), failed
