"""Emulated tenants for tests. Beside asynchronous code with `emulated`, in a thread with `emulated_in_thread`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cxone_rollcall.client import REQUEST_TIMEOUT, Client, connect
from cxone_rollcall.emulator import Address, Emulator, EmulatorSettings, Fault, Truth, parse_fault
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.secret import Secret


class Emulated(NamedTuple):
    """A running emulator, its address, and a client connected to it."""

    emulator: Emulator
    address: Address
    client: Client


def emulator_of(
    agents: int = 120, contract: str = "v2", faults: Iterable[str | Fault] = (), **settings: Any
) -> Emulator:
    """Return an emulator that does not run yet. `settings` are fields of `EmulatorSettings`."""
    on = [parse_fault(fault) if isinstance(fault, str) else fault for fault in faults]
    whole: dict[str, Any] = {"agents": agents, "contracts": (contract,), **settings}
    return Emulator(EmulatorSettings(**whole), on)


def credentials_of(emulator: Emulator) -> Credentials:
    """The credentials that the emulated tenant accepts. Its access key if it serves `incontact`, else its client."""
    of, published = emulator.settings, "incontact" in emulator.settings.contracts
    return Credentials(
        grant_type="password" if published else "client_credentials",
        client_id=of.client_id,
        client_secret=Secret(of.client_secret),
        access_key_id=of.access_key_id if published else None,
        access_key_secret=Secret(of.access_key_secret) if published else None,
    )


@asynccontextmanager
async def emulated(
    agents: int = 120,
    contract: str = "v2",
    faults: Iterable[str | Fault] = (),
    *,
    request_timeout: float = REQUEST_TIMEOUT,
    bodies: bool = False,
    **settings: Any,
) -> AsyncIterator[Emulated]:
    """Run an emulated tenant with a client connected to it.

    `faults` are texts such as "batch-cut=37", or `Fault` values. `request_timeout` and `bodies` are for `connect`,
    `settings` for `EmulatorSettings`.
    """
    emulator = emulator_of(agents, contract, faults, **settings)
    tenant_id = emulator.tenant.tenant_id
    async with (
        emulator.running() as address,
        connect(
            address.url,
            credentials_of(emulator),
            tenant_id=tenant_id,
            request_timeout=request_timeout,
            bodies=bodies,
        ) as client,
    ):
        yield Emulated(emulator, address, client)


class Clock:
    """The clock of an emulated tenant; only a test moves it.

    It moves the whole tenant: agents log in, log out and change state, tokens expire, and the dates in responses move
    with it.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    @property
    def now(self) -> datetime:
        """The time in the emulated world, UTC."""
        return datetime.fromtimestamp(self._emulator.tenant.moment(), UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by this many seconds. ValueError for less than 0."""
        self._emulator.advance(seconds)

    def set(self, moment: datetime) -> None:
        """Move the clock forward to this moment. ValueError without a time zone, or if it is past."""
        if moment.tzinfo is None:
            raise ValueError(f"The moment needs a time zone, as in 2026-03-02T10:30:00Z, not {moment.isoformat()}.")
        if moment < self.now:
            raise ValueError(
                f"The clock cannot go back from {self.now.isoformat()} to {moment.isoformat()}; "
                "give the tenant an earlier `moment` to start from."
            )
        self.advance((moment - self.now).total_seconds())


class CxoneTenant:
    """An emulated tenant in a thread.

    Get one from `emulated_in_thread`, or from the fixture `cxone_tenant`. `instance` is its URL, and `environment` the
    settings of rollcall for it: CXONE_INSTANCE, CXONE_CLIENT_ID, and so on. `emulator` is the emulator itself.
    """

    def __init__(self, emulator: Emulator, address: Address) -> None:
        self.emulator = emulator
        self.instance = address.url
        self.environment = emulator.environment(address.url)
        self.clock = Clock(emulator)

    @property
    def agents(self) -> tuple[Truth, ...]:
        """What is true of each agent now, whatever the faults do. `agent_id`, `name`, `standing`, `state`, ..."""
        return self.emulator.truth()

    def fault(self, name: str, **arguments: object) -> None:
        """Switch a fault on, beside those that are on.

        ValueError lists the faults, or the arguments it takes. `fault("batch-cut", limit=37)` and
        `fault("batch-cut=limit=37")` are the same.
        """
        given = ",".join(f"{key}={value}" for key, value in arguments.items())
        self.emulator.switch_on([parse_fault(f"{name}={given}" if given else name)], beside=True)

    def clear(self) -> None:
        """Switch all faults off."""
        self.emulator.switch_on([])


@contextmanager
def emulated_in_thread(
    agents: int = 120, contract: str = "v2", faults: Iterable[str | Fault] = (), **settings: Any
) -> Iterator[CxoneTenant]:
    """Run an emulated tenant in a thread with its own event loop.

    For synchronous and asynchronous tests. Its clock stands still until the test moves it. `settings` are fields of
    `EmulatorSettings`.
    """
    emulator = emulator_of(agents, contract, faults, **{"clock": "manual", **settings})
    started: Future[tuple[Address, Callable[[], object]]] = Future()

    async def serve() -> None:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        async with emulator.running() as address:
            started.set_result((address, lambda: loop.call_soon_threadsafe(stopped.set)))
            await stopped.wait()

    with ThreadPoolExecutor(1, "emulated-tenant") as thread:
        ended = thread.submit(lambda: asyncio.run(serve()))
        either: tuple[Future[Any], ...] = (started, ended)
        wait(either, return_when=FIRST_COMPLETED)
        if ended.done():
            ended.result()  # raises why it could not start
        address, stop = started.result()
        try:
            yield CxoneTenant(emulator, address)
        finally:
            stop()
            ended.result()
