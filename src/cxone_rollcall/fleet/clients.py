"""Clients of tenants, with what this machine has for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.fleet import tickets
from cxone_rollcall.fleet.engine import Engine
from cxone_rollcall.fleet.logins import Logins, SealedLogin
from cxone_rollcall.fleet.sealing import keys_of
from cxone_rollcall.fleet.shared_pace import SharedPace, key_of
from cxone_rollcall.fleet.tenancy import Connect
from cxone_rollcall.live.groups import Groups

if TYPE_CHECKING:
    from cxone_rollcall.client import Client


class Clients:
    """Opens the clients of a worker. `pace` is what they tell each other of 429s."""

    def __init__(
        self,
        engine: Engine,
        zone: str,
        worker: str,
        profiles: ProfileFile,
        environ: Mapping[str, str],
        pace: SharedPace,
    ) -> None:
        self._worker = worker
        self._profiles = profiles
        self._environ = environ
        self._pace = pace
        self._logins = Logins(engine, zone, lambda: keys_of(environ, Path.cwd()))

    async def prepare(self, tenant: FleetTenant) -> tuple[Connect, Groups]:
        """What opens a client of this tenant, and its groups of states.

        SettingError and EngineError say what is missing here, `NewerSchema` that a newer version sealed its login.
        """
        target = tickets.target(tenant, self._environ, self._profiles)
        key, login = tickets.login_of(tenant, self._profiles), None
        if key is not None:
            login = SealedLogin(self._logins, tenant.id, key, owner=self._worker)
            await login.check()

        @asynccontextmanager
        async def connect(may_send: Callable[[], None]) -> AsyncIterator[Client]:
            async with target.connect(may_send=may_send, logins=login) as client:
                with self._pace.joined(key_of(target), client):
                    yield client

        return connect, Groups(target.groups)
