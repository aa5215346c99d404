"""A store of logins whose renewals no signal breaks off."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cxone_rollcall.cli import signals
from cxone_rollcall.config.logins import LoginStore
from cxone_rollcall.model.login import Login


class UnbrokenStore(LoginStore):
    """A store that ends the process on no signal while its lock is held.

    A login is renewed then: its old refresh token may be void already, and the new one is not stored yet.
    """

    def __init__(self, store: LoginStore) -> None:
        super().__init__(store.key, store.path)
        self._store = store

    @property
    def place(self) -> str:
        """The store in words."""
        return self._store.place

    def load(self) -> Login | None:
        """Return the stored login."""
        return self._store.load()

    def save(self, login: Login) -> None:
        """Store a login."""
        self._store.save(login)

    def delete(self) -> bool:
        """Delete the login; whether there was one."""
        return self._store.delete()

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Hold the lock of the store, and put off the end of the process meanwhile."""
        async with self._store.lock():
            with signals.unbroken():
                yield
