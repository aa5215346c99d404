"""The control shows that responses are not truncated. It is sent while the last batches are under way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.roll.calling import is_known, is_whole, without_a_socket
from tests.roll.servers import Said, Tenant, tenant

from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.roll import Standing

AGENTS = 2350
REQUESTS = 1 + 2 * 24 + 5
"""Requests: a token, pages and batches of a hundred, five controls. The last page is short, so it is the end."""
LONGEST = 10.0
"""Seconds after which a test that waits for a request fails."""


class Held(Tenant):
    """Answers for its last agent only after a second request."""

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


class HeldEnd(Held):
    """Answers for the page after the last only after a second request."""

    async def send(self, request: Request) -> Response:
        """Hold back the empty page."""
        if f"page={1 + len(self.roster) // 100}&" in request.target:
            await asyncio.wait_for(self.again.wait(), LONGEST)
        return await Tenant.send(self, request)


class GoneHome(Held):
    """Logs an agent out when the control arrives, and omits its row."""

    def states(self, ids: Sequence[str]) -> Said:
        """Log out the first agent that is requested a second time."""
        gone = ids[0] if not self.known.isdisjoint(ids) and not self.again.is_set() else None
        said = super().states(ids)
        return said if gone is None else super().states([one for one in ids if one != gone])


async def test_the_control_does_not_wait_for_the_last_batch() -> None:
    """The control is sent before the last batch is answered. No request follows."""
    called = await without_a_socket(tenant(AGENTS, kind=Held))
    is_known(called)
    assert called.requests == REQUESTS
    assert called.ledger.states.batches == sum("agentIds" in one for one in called.tenant.asked)


async def test_the_control_does_not_wait_for_the_page_after_the_last() -> None:
    """The control is sent beside the empty page after the last."""
    called = await without_a_socket(tenant(600, kind=HeldEnd))
    is_known(called)
    assert called.requests == 1 + 2 * 6 + 6


async def test_an_agent_logs_out_before_the_control() -> None:
    """An early control that lacks a row proves nothing. Another is sent at the end."""
    called = await without_a_socket(tenant(AGENTS, kind=GoneHome))
    is_known(called)
    assert called.requests == REQUESTS + 1
    assert called.ledger.states.cut is None


@pytest.mark.parametrize("odd", [{"first_ids": 90}, {"first_rows": 60}, {"first_ids": 37}])
async def test_truncation_is_detected(odd: dict[str, Any]) -> None:
    """A server that answers only some ids is detected. This holds for any number of batches."""
    called = await without_a_socket(tenant(AGENTS, **odd))
    is_known(called)
    assert called.ledger.states.cut is not None
    assert called.ledger.states.cut.most_rows == next(iter(odd.values()))


class Spoils(Tenant):
    """Spoils each repeated request for an agent, as `spoilt` says."""

    spoilt = Said(500)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.known: set[str] = set()

    def states(self, ids: Sequence[str]) -> Said:
        """Answer the first request for each agent."""
        again = not self.known.isdisjoint(ids)
        self.known.update(ids)
        return self.spoilt if again else super().states(ids)


class Complains(Spoils):
    """Answers a control in full, with an error beside its rows."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, or answer and complain."""
        again = not self.known.isdisjoint(ids)
        self.known.update(ids)
        said: Any = Tenant.states(self, ids)
        return Said(200, {**said.value, "errors": [{"message": "a shard did not answer"}]}) if again else said


class Refuses(Spoils):
    """Refuses a control."""

    spoilt = Said(403, {"message": "not allowed"})


@pytest.mark.parametrize("kind", [Spoils, Complains, Refuses])
@pytest.mark.parametrize("agents", [40, 240])
async def test_a_control_without_an_answer_leaves_doubt(kind: type[Spoils], agents: int) -> None:
    """If a control fails or complains, agents without a row are unknown.

    Exactly these are, and the failure names them.
    """
    called = await without_a_socket(tenant(agents, kind=kind))
    is_whole(called)
    absent = set(called.tenant.roster) - called.tenant.present.keys()
    assert called.ids(Standing.UNKNOWN) == absent
    assert called.ids(Standing.ABSENT) == set()
    assert {agent for failure in called.ledger.failures for agent in failure.agents} <= absent
    assert called.ledger.failures


async def test_every_agent_is_present() -> None:
    """If a batch has rows for all ids, no fixed control follows."""
    called = await without_a_socket(tenant(AGENTS, present=lambda index: index != 5))
    is_known(called)
    assert called.requests == REQUESTS - 1


async def test_a_control_with_more_rows_than_expected() -> None:
    """Rows that a batch lacks twice, but a control has, were truncated."""
    called = await without_a_socket(tenant(100, present=lambda index: index * 62 % 100 < 62, first_rows=60))
    is_known(called)
    assert len(called.ids(Standing.PRESENT)) == 62
    assert called.ledger.states.cut is not None
    assert called.ledger.states.cut.most_rows == 60
    assert called.ledger.late == {}
