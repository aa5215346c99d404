"""An interrupted inquiry calls no agent absent whose row the server lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from typing import Any

import pytest
from tests.roll.calling import CREDENTIALS, Interrupted
from tests.roll.lists import BASE, ListTenant, people
from tests.roll.lists import CREDENTIALS as KEY
from tests.roll.servers import tenant

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Ledger, reconcile
from cxone_rollcall.transport.base import Transport
from cxone_rollcall.why import Inquiry

Situation = Callable[[], tuple[Transport, Collection[str]]]


async def inquired(situation: Situation, at: int) -> tuple[set[str], int]:
    """Interrupt at this request. Return who is called absent, and the number of requests."""
    world, typed = situation()
    transport = Interrupted(world, at, after=True)
    lists = isinstance(world, ListTenant)
    given: Any = (Incontact(BASE), transport, KEY) if lists else (V2(), transport, CREDENTIALS)
    client = Client(*given, base_url=BASE, rng=lambda: 0.0)
    ledger = Ledger()
    inquiry = Inquiry(client, ledger, tuple(typed))

    async def ask() -> None:
        await inquiry.look_up()
        await inquiry.ask()

    transport.task = asyncio.create_task(ask())
    with contextlib.suppress(asyncio.CancelledError):
        await transport.task
    return set(reconcile(ledger).ids(Standing.ABSENT)), transport.sent


def truncating() -> tuple[Transport, Collection[str]]:
    """A tenant that reads the first 10 ids, and 30 present agents."""
    world = tenant(40, present=lambda index: index < 30, first_ids=10)
    return world, world.present


def losing() -> tuple[Transport, Collection[str]]:
    """A tenant whose list lacks 5 present agents, and these."""
    states = people(40, codes=(1,))
    lost = list(states)[:5]
    return ListTenant({one: None if one in lost else code for one, code in states.items()}, alone=states), lost


@pytest.mark.parametrize("situation", [truncating, losing])
async def test_an_interrupted_inquiry_calls_no_present_agent_absent(situation: Situation) -> None:
    """Interrupted at any request, an inquiry calls no present agent absent."""
    _, requests = await inquired(situation, at=0)
    for at in range(1, requests + 1):
        absent, _ = await inquired(situation, at=at)
        assert absent == set()
