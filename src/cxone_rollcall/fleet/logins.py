"""Sealed logins of users in the engine.

One worker at a time renews each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.fleet.engine import Engine, Refused, Stored, tokens_of
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.sealing import Held, Keys, Unopened
from cxone_rollcall.fleet.streams import unanswered
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.struct import replace

WITHIN = 1.0
"""Seconds to wait for the engine."""
AGAIN = 0.1
"""Seconds between two tries."""
MOST_TRIES = 3
"""Unanswered tries until a renewal is put off. The token before is mostly valid for a while."""
LONGEST_RENEWAL = 30.0
"""Seconds that a worker has to renew a login. Then it counts as dead, and the next one tries."""
LONGEST_SAVE = 120.0
"""Seconds to try to store a renewed token. Nobody else has it."""


class Logins:
    """The sealed logins of a zone. `keys` are read anew each time, so that they can be changed while workers run."""

    def __init__(self, engine: Engine, zone: str, keys: Callable[[], Keys]) -> None:
        self.keys = keys
        self.zone = zone
        self.clock = engine.clock
        self._engine = engine
        self._stream = tokens_of(zone)

    async def stored(self, tenant: str) -> Stored | None:
        """What the engine keeps of a tenant. Raises `Refused`."""
        return await self._engine.last(self._stream, self.subject(tenant), within=WITHIN)

    async def read(self, tenant: str, key: LoginKey) -> tuple[int, Held]:
        """The login of a tenant, and its sequence. Raises `Unopened`, `NewerSchema`, and SettingError without a key.

        `Refused` if the engine does not answer.
        """
        stored = await self.stored(tenant)
        if stored is None:
            raise Unopened(
                "nobody has logged in for it: rollcall auth login, then rollcall fleet apply on the same machine"
            )
        return stored.sequence, self.keys().open(stored.data, self.zone, tenant, key)

    async def write(self, tenant: str, held: Held, *, after: int) -> int:
        """Keep a login, if `after` is the sequence of the one before. Returns its own. Raises `Refused`."""
        sealed = self.keys().seal(held, self.zone, tenant)
        return await self._engine.publish(self.subject(tenant), sealed, after=after, within=WITHIN)

    def subject(self, tenant: str) -> str:
        """The subject of a tenant's login."""
        return f"token.{self.zone}.{tenant}"


class SealedLogin:
    """The login of one tenant, as a client renews it. `owner` is the name of the worker.

    Before a renewal the worker notes by compare-and-set that it renews. So no other worker uses the same refresh token,
    which may work only once, even while a tenant is handed over.
    """

    def __init__(
        self,
        logins: Logins,
        tenant: str,
        key: LoginKey,
        *,
        owner: str,
    ) -> None:
        self._logins = logins
        self._tenant = tenant
        self._key = key
        self._owner = owner
        self._clock = logins.clock
        self._loop = asyncio.get_running_loop()
        self._login: Login | None = None
        self._sequence = 0

    async def check(self) -> None:
        """Raise as `Logins.read` if this machine cannot use the login. EngineError if the engine does not give it."""
        try:
            await self._logins.read(self._tenant, self._key)
        except Refused:
            raise EngineError(
                "the engine does not give its login: it has no leader now, or the user of the zone lacks a permission"
            ) from None

    def load(self) -> Login | None:
        """The login as it was when it was locked."""
        return self._login

    def save(self, login: Login) -> None:
        """Keep a renewed login. Called in a thread.

        EngineError and SettingError say why that was not possible for long.
        """
        asyncio.run_coroutine_threadsafe(self._save(login), self._loop).result()

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Keep other workers from renewing the login.

        Raises as `Logins.read`, and EngineError if the engine does not answer: then nothing was sent.
        """
        self._sequence, login = await self._begin()
        self._login = login
        try:
            yield
        finally:
            # Refused if a renewed one was saved. If only this fails, the login counts as being renewed for a while.
            with suppress(Refused, SettingError):
                await self._logins.write(self._tenant, Held(login), after=self._sequence)

    async def _begin(self) -> tuple[int, Login]:
        """Note that we renew, after any other worker has done so. Returns the note's sequence, and the login."""
        seen, since, tries = 0, 0.0, 0
        while True:
            try:
                sequence, held = await self._logins.read(self._tenant, self._key)
                if sequence != seen:
                    seen, since = sequence, self._clock()
                if held.renewing in ("", self._owner) or self._clock() - since >= LONGEST_RENEWAL:
                    noted = await self._logins.write(self._tenant, replace(held, renewing=self._owner), after=sequence)
                    return noted, held.login
                tries = 0
            except Refused as refused:
                tries += refused.why in (Refusal.SILENT, Refusal.LEADERLESS)
                if tries == MOST_TRIES:
                    raise unanswered(refused) from None
            await asyncio.sleep(AGAIN)

    async def _save(self, login: Login) -> None:
        end, after = self._clock() + LONGEST_SAVE, self._sequence
        while True:
            try:
                await self._logins.write(self._tenant, Held(login), after=after)
                return
            except (Refused, SettingError) as error:  # the file of the key may be replaced at this moment
                if self._clock() >= end:
                    raise unanswered(error) if isinstance(error, Refused) else error from None
                if isinstance(error, Refused) and error.why is Refusal.MISMATCH:
                    with suppress(Refused, SettingError):
                        after, held = await self._logins.read(self._tenant, self._key)
                        if held.login != self._login:
                            return  # it is ours, whose confirmation was lost, or that of a user who has logged in anew
            await asyncio.sleep(AGAIN)
