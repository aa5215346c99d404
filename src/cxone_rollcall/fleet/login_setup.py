"""Moves the logins of an operator's machine into the fleet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from enum import Enum

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.config.logins import LoginStore
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.fleet import tickets
from cxone_rollcall.fleet.engine import ApiError, Engine, Refused, tokens_of
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.logins import Logins
from cxone_rollcall.fleet.records import NewerSchema
from cxone_rollcall.fleet.sealing import KEY, Held, OtherKey, Unopened
from cxone_rollcall.fleet.streams import unanswered
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.shell import command_line
from cxone_rollcall.model.struct import Value, replace


class Kept(Value, frozen=True):
    """What the fleet keeps of a tenant, as read here.

    `sequence` is 0 and `held` None if it keeps no login. `held` is None, too, if it was sealed with another key, or for
    another instance or client. `at` is when it was stored, in seconds since the epoch.
    """

    sequence: int = 0
    at: float = 0.0
    held: Held | None = None
    other_key: bool = False
    sealed_now: bool = True
    """Whether the first key has sealed it."""


class Step(Enum):
    """What `apply` does with the login of a tenant."""

    NOTHING = ""
    MOVE = "its login moves from {place} into the fleet"
    SEAL_ANEW = "its login is sealed with the first key"
    OLDER = "the fleet's login stays: the one in {place} is not newer. Delete that one: {logout}"
    MISSING = "nobody has logged in for it: log in on this machine, then apply again"
    LOCKED = (
        "its login is sealed with another key than those in {key}; if the right one is lost, log in and apply again"
    )

    @property
    def writes(self) -> bool:
        """Whether something changes."""
        return self in (Step.MOVE, Step.SEAL_ANEW)

    @property
    def fails(self) -> bool:
        """Whether the tenant cannot be polled."""
        return self in (Step.MISSING, Step.LOCKED)


def decide(local: Login | None, kept: Kept) -> Step:
    """What to do with this machine's login and the fleet's. An older login never replaces a newer one."""
    if kept.other_key:  # who sealed it has stored it after the user logged in
        return Step.MOVE if local is not None and local.granted_at > kept.at else Step.LOCKED
    if kept.held is None:
        return Step.MISSING if local is None else Step.MOVE
    if local is not None and local.granted_at > kept.held.login.granted_at:
        return Step.MOVE
    if not kept.sealed_now:
        return Step.SEAL_ANEW
    return Step.NOTHING if local is None else Step.OLDER


def logins_of(tenants: Iterable[FleetTenant], profiles: ProfileFile) -> dict[str, LoginKey]:
    """The logins of tenants that are polled with one. SettingError if two have the same."""
    found: dict[LoginKey, str] = {}
    for tenant in tenants:
        key = tickets.login_of(tenant, profiles)
        if key is None:
            continue
        if key in found:
            raise SettingError(
                f"the tenants {found[key]} and {tenant.id} have the same user's login, which only one of them can"
                " renew: take one of them out, or give it a client of its own"
            )
        found[key] = tenant.id
    return {tenant: key for key, tenant in found.items()}


class LoginSetup:
    """Moves logins into a zone. `store_of` is the store of a login on this machine."""

    def __init__(
        self,
        engine: Engine,
        logins: Logins,
        wanted: Mapping[str, LoginKey],
        store_of: Callable[[LoginKey], LoginStore],
    ) -> None:
        self._engine = engine
        self._logins = logins
        self._wanted = wanted
        self._store_of = store_of

    async def look(self, *, exists: bool) -> tuple[dict[str, Step], list[str]]:
        """What to do with each login, and those to delete. `exists` is whether the zone has logins already."""
        if self._wanted:
            self._logins.keys()  # without a key, nothing is done at all
        steps = {}
        for tenant, key in self._wanted.items():
            local = await asyncio.to_thread(self._store_of(key).load)
            steps[tenant] = decide(local, await self._kept(tenant, key) if exists else Kept())
        return steps, [tenant for tenant in await self._tenants() if tenant not in self._wanted] if exists else []

    async def carry_out(self, steps: Mapping[str, Step], gone: Iterable[str]) -> None:
        """Do it. What has changed meanwhile is looked at again."""
        for tenant in (tenant for tenant, step in steps.items() if step.writes):
            await self._move(tenant, self._wanted[tenant])
        for tenant in gone:
            await self._delete(tenant)

    def line(self, tenant: str, step: Step) -> str:
        """What happens to a login, for people."""
        key = self._wanted[tenant]
        return f"tenant {tenant}: " + step.value.format(
            place=self._store_of(key).place, logout=_command("logout", key), key=KEY
        )

    def failure(self, steps: Mapping[str, Step]) -> SettingError | None:
        """What keeps tenants from being polled."""
        failed = {tenant: step for tenant, step in steps.items() if step.fails}
        if not failed:
            return None
        return SettingError(
            "; ".join(self.line(tenant, step) for tenant, step in failed.items()),
            example="\n".join(_command("login", self._wanted[tenant]) for tenant in failed),
        )

    async def _kept(self, tenant: str, key: LoginKey) -> Kept:
        try:
            stored = await self._logins.stored(tenant)
        except Refused as refused:
            raise unanswered(refused) from None
        if stored is None:
            return Kept()
        keys = self._logins.keys()
        kept = Kept(stored.sequence, stored.at, sealed_now=keys.seals_now(stored.data))
        try:
            return replace(kept, held=keys.open(stored.data, self._logins.zone, tenant, key))
        except OtherKey:
            return replace(kept, other_key=True)
        except Unopened:
            return kept
        except NewerSchema:
            raise EngineError(
                f"a newer version sealed the login of tenant {tenant}: update this rollcall", exit_code=2
            ) from None

    async def _move(self, tenant: str, key: LoginKey) -> None:
        """Move or seal the login of a tenant.

        The copy of this machine is deleted: its refresh token may work only once."""
        store = self._store_of(key)
        async with store.lock():
            while True:
                local, kept = await asyncio.to_thread(store.load), await self._kept(tenant, key)
                step = decide(local, kept)
                held = Held(local) if step is Step.MOVE and local is not None else kept.held
                if not step.writes or held is None:
                    return
                try:
                    await self._logins.write(tenant, held, after=kept.sequence)
                except Refused as refused:
                    if refused.why is Refusal.MISMATCH:
                        continue
                    raise unanswered(refused) from None
                if step is Step.MOVE:
                    await asyncio.to_thread(store.delete)
                return

    async def _tenants(self) -> list[str]:
        """The tenants whose logins the fleet keeps."""
        name = f"STREAM.INFO.{tokens_of(self._logins.zone)}"
        try:
            state = (await self._engine.call(name, {"subjects_filter": self._logins.subject("*")}))["state"]
        except (Refused, ApiError) as error:
            raise unanswered(error) from None
        return sorted(subject.rpartition(".")[2] for subject in state.get("subjects") or ())

    async def _delete(self, tenant: str) -> None:
        try:
            stored = await self._logins.stored(tenant)
            if stored is not None:
                await self._engine.delete(tokens_of(self._logins.zone), stored.sequence)
        except (Refused, ApiError) as error:
            raise unanswered(error) from None


def _command(verb: str, key: LoginKey) -> str:
    kind, colon, tenant_id = key.instance.partition("tenant:")
    where = ["--tenant-id", tenant_id] if colon and not kind else ["--instance", key.instance]
    return command_line(["rollcall", "auth", verb, *where, "--client-id", key.client_id])
