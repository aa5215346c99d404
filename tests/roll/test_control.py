"""The control, which shows that answers are not cut, is asked while the last batches are under way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.roll.calling import is_known, without_a_socket
from tests.roll.servers import Said, Tenant, tenant

from cxone_rollcall.model.exchange import Request, Response

AGENTS = 2350
REQUESTS = 1 + 2 * 24 + 1
"""A token, a page and a batch for each hundred, and the control: the last page is short, and is the end."""
LONGEST = 10.0
"""Seconds after which a test that waits for a request fails."""


class Held(Tenant):
    """Answers for its last agent when it has been asked for somebody a second time, and not before."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.known: set[str] = set()
        self.again = asyncio.Event()

    async def send(self, request: Request) -> Response:
        """Hold the answer back that has the last agent."""
        if self.roster[-1] in request.target:
            await asyncio.wait_for(self.again.wait(), LONGEST)
        return await super().send(request)

    def states(self, ids: Sequence[str]) -> Said:
        """Note who is asked for."""
        if not self.known.isdisjoint(ids):
            self.again.set()
        self.known.update(ids)
        return super().states(ids)


class GoneHome(Held):
    """Has somebody logged out when the control is asked, and no row of that agent any more."""

    def states(self, ids: Sequence[str]) -> Said:
        """Forget the first of those who are asked for a second time."""
        gone = ids[0] if not self.known.isdisjoint(ids) and not self.again.is_set() else None
        said = super().states(ids)
        return said if gone is None else super().states([one for one in ids if one != gone])


async def test_the_last_batch_is_not_waited_for() -> None:
    """The control comes before the answer to the last batch, and nothing is asked after it."""
    called = await without_a_socket(tenant(AGENTS, kind=Held))
    is_known(called)
    assert called.requests == REQUESTS


async def test_somebody_goes_home() -> None:
    """A row that is missing from the control shows nothing: the control is asked once more at the end."""
    called = await without_a_socket(tenant(AGENTS, kind=GoneHome))
    is_known(called)
    assert called.requests == REQUESTS + 1
    assert called.ledger.states.cut is None


@pytest.mark.parametrize("odd", [{"first_ids": 90}, {"first_rows": 60}, {"first_ids": 37}])
async def test_a_cut_is_seen(odd: dict[str, Any]) -> None:
    """A server that answers for some of the ids of a request is found out, however many batches there are."""
    called = await without_a_socket(tenant(AGENTS, **odd))
    is_known(called)
    assert called.ledger.states.cut is not None


async def test_everybody_is_there() -> None:
    """Where a batch has a row for each of its ids there is no control at all."""
    called = await without_a_socket(tenant(AGENTS, present=lambda index: index != 5))
    is_known(called)
    assert called.requests == REQUESTS - 1
