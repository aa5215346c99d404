"""An interrupted roll call leaves a ledger that balances. No task keeps running."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from random import Random

import pytest
from tests.roll.calling import CREDENTIALS, Called, Interrupted, must_hold
from tests.roll.lists import BASE, ListTenant, people
from tests.roll.lists import CREDENTIALS as LISTED
from tests.roll.servers import Tenant, as_text, none_at_all, right, tenant

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Ledger, Selection, call_roll

WORLDS: dict[str, Callable[[], Tenant]] = {
    "healthy": lambda: tenant(450),
    "cut": lambda: tenant(214, first_ids=37),
    "silent": lambda: tenant(300, present=lambda index: index > 250),
    "nobody": lambda: tenant(300, present=lambda index: False),
    "poisoned": lambda: tenant(214, poison={str(30_000_000_001 + 7 * 60): 400, str(30_000_000_001 + 7 * 150): 200}),
    "odd pages": lambda: tenant(214, base=0, cap=37, total=none_at_all),
    "short": lambda: tenant(214, longest_target=400, total=as_text),
    "filtered": lambda: tenant(214, total=right),
}


async def interrupted(name: str, at: int, *, after: bool) -> tuple[Called, bool]:
    """Whether a roll call gets to this request, which interrupts it."""
    world = WORLDS[name]()
    transport = Interrupted(world, at, after=after)
    client = Client(V2(), transport, CREDENTIALS, rng=lambda: 0.0)
    ledger = Ledger()
    selection = Selection(state="Busy") if name == "filtered" else Selection()
    transport.task = asyncio.create_task(call_roll(client, ledger, selection, rng=Random(1)))
    with contextlib.suppress(asyncio.CancelledError):
        await transport.task
    assert asyncio.all_tasks() == {asyncio.current_task()}, "no task is left running"
    return Called(world, ledger, client), transport.task.cancelled()


@pytest.mark.parametrize("after", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["asking", "answered"])
@pytest.mark.parametrize("name", WORLDS)
async def test_at_any_request(name: str, after: bool) -> None:
    """Interrupted at any request, the roll call leaves true results that balance."""
    whole, _ = await interrupted(name, 0, after=after)
    must_hold(whole)
    for at in range(1, whole.requests + 1):
        called, cut_short = await interrupted(name, at, after=after)
        must_hold(called)
        assert cut_short or at == whole.requests
        assert called.ledger.observe(called.client)
        assert called.roll.count()[Standing.PRESENT] <= whole.roll.count()[Standing.PRESENT]


async def test_a_run_with_a_time_limit() -> None:
    """A time limit ends a roll call. Without responses, all agents found so far are unknown."""

    class Stuck(Tenant):
        async def send(self, request: Request) -> Response:
            if "states" in request.target:
                await asyncio.Event().wait()
            return await super().send(request)

    world = tenant(214, kind=Stuck)
    ledger = Ledger()
    client = Client(V2(), world, CREDENTIALS)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await call_roll(client, ledger, Selection())
    called = Called(world, ledger, client)
    must_hold(called)
    assert called.ids(Standing.UNKNOWN) == set(world.roster)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_of_ours_is_raised() -> None:
    """An unexpected error is raised, and leaves no running task."""

    class Broken(Tenant):
        async def send(self, request: Request) -> Response:
            if "page=3" in request.target:
                raise ZeroDivisionError
            return await super().send(request)

    ledger = Ledger()
    with pytest.raises((ZeroDivisionError, ExceptionGroup)):
        await call_roll(Client(V2(), tenant(2000, kind=Broken), CREDENTIALS), ledger, Selection())
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_interrupted_list() -> None:
    """An interrupted list shows no logged-out agents, and no absent ones."""
    world = ListTenant(people(230, codes=(1, None)))
    for at in range(4, 12):
        transport = Interrupted(world, at, after=True)
        client = Client(Incontact(BASE), transport, LISTED, base_url=BASE, rng=lambda: 0.0)
        ledger = Ledger()
        transport.task = asyncio.create_task(call_roll(client, ledger, Selection(), rng=Random(1)))
        with contextlib.suppress(asyncio.CancelledError):
            await transport.task
        assert not ledger.states.lists_logged_out
        assert not ledger.absent
