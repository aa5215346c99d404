"""The search for a present agent, whose row confirms responses. It is short, and one failure does not end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.roll.servers import Said, Tenant, tenant
from tests.support.scripted_client import CREDENTIALS

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Ledger, reconcile
from cxone_rollcall.why import Inquiry

AGENTS = 300
ABSENT = 1
"""The index of the agent that the user asks for."""


@dataclass(kw_only=True)
class Office(Tenant):
    """A tenant whose roster has last logins. `failing` requests for several states fail, and page `unread` does."""

    failing: int = 0
    unread: int = 0
    inactive: Sequence[str] = ()
    dated: bool = True
    requested: list[list[str]] = field(default_factory=list)

    def page(self, page: int, size: int) -> Said:
        """Answer a page of the roster, or fail."""
        return Said(500) if page == self.unread else super().page(page, size)

    def listed(self, ids: Sequence[str]) -> Said:
        """A page on which later agents have later last logins."""
        rows = [
            {
                "id": one,
                "isActive": one not in self.inactive,
                "lastLogin": f"2026-03-01T{index // 60:02}:{index % 60:02}:00Z" if self.dated else None,
            }
            for one in ids
            for index in (self.roster.index(one),)
        ]
        return Said(200, {"entities": rows, "totalCount": len(self.roster)})

    def states(self, ids: Sequence[str]) -> Said:
        """Answer a request for states, or fail."""
        if not self.requested or self.requested[-1] != list(ids):
            self.requested.append(list(ids))
        if len(ids) > 1 and len(self.requested) <= 1 + self.failing:
            return Said(500, {"message": "try later"})
        return super().states(ids)


async def searched(typed: str = "", *, agents: int = AGENTS, **odd: Any) -> tuple[Office, Standing]:
    """Ask about one absent agent; return the tenant and the agent's standing."""
    office = tenant(agents, kind=Office, **odd)
    assert isinstance(office, Office)
    client, ledger = Client(V2(), office, CREDENTIALS, rng=lambda: 0.0), Ledger()
    inquiry = Inquiry(client, ledger, [typed or office.roster[ABSENT]])
    await inquiry.look_up()
    await inquiry.ask()
    standing = {entry.agent.agent_id: entry.standing for entry in reconcile(ledger).entries}
    return office, standing[typed or office.roster[ABSENT]]


async def test_the_search_ends_with_the_first_present_agent() -> None:
    """Agents with the latest logins are requested first. The first present one ends the search."""
    office, standing = await searched()
    alone, others, *further = office.requested
    assert alone == [office.roster[ABSENT]]
    assert others == list(reversed(office.roster))[:60]
    assert all(office.roster[ABSENT] in ids and len(ids) <= len(others) for ids in further)
    assert standing is Standing.ABSENT


@pytest.mark.parametrize(("agents", "step"), [(45, 1), (130, 2), (AGENTS, 4)])
async def test_without_login_times_the_whole_roster_is_sampled(agents: int, step: int) -> None:
    """The first request has agents from every part of the roster."""
    office, standing = await searched(agents=agents, dated=False)
    others = [one for one in office.roster if one != office.roster[ABSENT]]
    assert office.requested[1] == others[::step][:60]
    assert standing is Standing.ABSENT


@pytest.mark.parametrize("failing", [1, 3])
async def test_a_failed_request_does_not_end_the_search(failing: int) -> None:
    """After a failed request, the next agents are requested. A present one shows that the server answers."""
    office, standing = await searched(failing=failing)
    assert office.requested[failing + 1] == list(reversed(office.roster))[60 * failing : 60 * (failing + 1)]
    assert standing is Standing.ABSENT


async def test_a_text_on_no_page_that_was_read() -> None:
    """A text that is on no page that was read is unknown. It may be on another page, although the states lack it."""
    _, standing = await searched("30000009999")
    assert standing is Standing.ABSENT
    _, standing = await searched("30000009999", unread=3)
    assert standing is Standing.UNKNOWN


async def test_no_agent_is_present() -> None:
    """If no agent has a row, the agent is unknown. Nothing shows that the server answers.

    Eight requests of 60 others search for one, each in both ways to join ids.
    """
    office, standing = await searched(agents=600, present=lambda index: False)
    assert standing is Standing.UNKNOWN
    assert [len(ids) for ids in office.requested] == [1, *[60, 1] * 8]


async def test_inactive_agents_are_not_searched() -> None:
    """An inactive agent is not present, so it is not requested."""
    office, standing = await searched(inactive=[str(30_000_000_001 + index * 7) for index in range(250, 300)])
    assert set(office.requested[1]).isdisjoint(office.inactive)
    assert len(office.requested[1]) == 60
    assert standing is Standing.ABSENT
