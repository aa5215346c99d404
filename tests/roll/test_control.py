"""The control, which shows that responses are not truncated, is sent while the last batches are under way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.roll.calling import is_known, without_a_socket
from tests.roll.servers import Said, Tenant, tenant

from cxone_rollcall.model.exchange import Request, Response

AGENTS = 2350
REQUESTS = 1 + 2 * 24 + 3
"""A token, a page and a batch for each hundred, and three controls: the last page is short, so it is the end."""
LONGEST = 10.0
"""Seconds after which a test that waits for a request fails."""


class Held(Tenant):
    """Answers for its last agent only after an agent was requested a second time."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.known: set[str] = set()
        self.again = asyncio.Event()

    async def send(self, request: Request) -> Response:
        """Hold back the response with the last agent."""
        if self.roster[-1] in request.target:
            await asyncio.wait_for(self.again.wait(), LONGEST)
        return await super().send(request)

    def states(self, ids: Sequence[str]) -> Said:
        """Note the requested agents."""
        if not self.known.isdisjoint(ids):
            self.again.set()
        self.known.update(ids)
        return super().states(ids)


class GoneHome(Held):
    """Logs an agent out when the control arrives, and has no row of it any more."""

    def states(self, ids: Sequence[str]) -> Said:
        """Log out the first agent that is requested a second time."""
        gone = ids[0] if not self.known.isdisjoint(ids) and not self.again.is_set() else None
        said = super().states(ids)
        return said if gone is None else super().states([one for one in ids if one != gone])


async def test_the_last_batch_is_not_waited_for() -> None:
    """The control is sent before the last batch is answered, and no request follows."""
    called = await without_a_socket(tenant(AGENTS, kind=Held))
    is_known(called)
    assert called.requests == REQUESTS


async def test_an_agent_logs_out() -> None:
    """A row missing from the early control proves nothing: a control is sent again at the end."""
    called = await without_a_socket(tenant(AGENTS, kind=GoneHome))
    is_known(called)
    assert called.requests == REQUESTS + 1
    assert called.ledger.states.cut is None


@pytest.mark.parametrize("odd", [{"first_ids": 90}, {"first_rows": 60}, {"first_ids": 37}])
async def test_a_cut_is_seen(odd: dict[str, Any]) -> None:
    """A server that answers only some ids of a request is detected, whatever the number of batches."""
    called = await without_a_socket(tenant(AGENTS, **odd))
    is_known(called)
    assert called.ledger.states.cut is not None


async def test_every_agent_is_present() -> None:
    """If a batch has a row for each of its ids, no control is needed."""
    called = await without_a_socket(tenant(AGENTS, present=lambda index: index != 5))
    is_known(called)
    assert called.requests == REQUESTS - 1
