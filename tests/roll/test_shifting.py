"""A roster that moves, repeats itself or has holes loses nobody, or says that it is not whole."""

from __future__ import annotations

import pytest
from tests.roll.calling import is_known, is_whole, must_hold, over_a_socket
from tests.roll.servers import Said, Tenant, none_at_all, right, tenant, too_high


class Growing(Tenant):
    """Gets a new agent after the first page has been read."""

    def page(self, page: int, size: int) -> Said:
        """Answer, and grow once."""
        said = super().page(page, size)
        if page == 1 and len(self.roster) == 214:
            self.roster = [*self.roster, "39999999999"]
        return said


class Shrinking(Tenant):
    """Loses the first agent of the roster after the first page has been read, so that everybody moves up."""

    def page(self, page: int, size: int) -> Said:
        """Answer, and shrink once."""
        said = super().page(page, size)
        if page == 1 and len(self.roster) == 214:
            self.present = {one: state for one, state in self.present.items() if one != self.roster[0]}
            self.roster = list(self.roster[1:])
        return said


class Overlapping(Tenant):
    """Begins each page ten agents before the end of the one before."""

    def page(self, page: int, size: int) -> Said:
        """Answer a page that repeats."""
        start = max(0, (page - 1) * (size - 10))
        return self.listed(list(self.roster[start : start + size])) if page else Said(400)


class Twice(Tenant):
    """Names every agent of a page twice."""

    def listed(self, ids: list[str]) -> Said:  # type: ignore[override]
        """Write each agent two times."""
        return super().listed([one for one in ids for _ in range(2)])


class Restless(Tenant):
    """Has another count on every page."""

    def listed(self, ids: list[str]) -> Said:  # type: ignore[override]
        """Write a count that is off by a different number each time."""
        body = super().listed(ids)
        assert isinstance(body.value, dict)
        return Said(200, {**body.value, "totalCount": len(self.roster) + len(self.asked)})


class Unturned(Tenant):
    """Answers the first page whichever is asked for."""

    def page(self, page: int, size: int) -> Said:
        """Answer the first page."""
        return super().page(1, size)


class Clamped(Tenant):
    """Answers the last page whenever one after it is asked for."""

    def page(self, page: int, size: int) -> Said:
        """Answer a page that there is."""
        return super().page(min(page, max(1, -(-len(self.roster) // size))), size)


class Holed(Tenant):
    """Has an empty page in the middle: who would be on it is further on."""

    def page(self, page: int, size: int) -> Said:
        """Answer nothing on page 2."""
        return self.listed([]) if page == 2 else super().page(page - (page > 2), size)


class Hidden(Tenant):
    """Takes some agents off each page after it has been cut, and counts them all the same."""

    def listed(self, ids: list[str]) -> Said:  # type: ignore[override]
        """Leave out every fortieth agent."""
        return super().listed([one for one in ids if int(one) % 40])


class Wandering(Tenant):
    """Forgets one agent of page 2 in each reading but the first, though it counts that agent."""

    def page(self, page: int, size: int) -> Said:
        """Answer; the first reading repeats an agent, the later ones lack one."""
        start = (page - 1) * size
        ids = list(self.roster[start : start + size])
        readings = sum("page=1&" in one for one in self.asked)
        if page == 2:
            ids = [*ids[:-1], self.roster[0]] if readings == 1 else ids[1:]
        return self.listed(ids) if page else Said(400)


@pytest.mark.parametrize("kind", [Growing, Shrinking, Twice])
async def test_a_roster_that_moves(kind: type[Tenant]) -> None:
    """A roster that changes while it is read is read again, until it agrees with itself."""
    called = await over_a_socket(tenant(214, kind=kind))
    is_known(called)
    assert called.roster.readings >= 2
    assert called.requests <= 30


async def test_pages_that_overlap() -> None:
    """Agents who come on two pages are on the roll once."""
    called = await over_a_socket(tenant(214, kind=Overlapping))
    is_known(called)
    assert called.roster.repeated > 0


async def test_a_count_that_never_rests() -> None:
    """A count that changes from page to page ends when two readings agree, and everybody is there."""
    called = await over_a_socket(tenant(214, kind=Restless))
    must_hold(called)
    assert {entry.agent.agent_id for entry in called.roll.entries} == set(called.tenant.roster)
    assert called.requests <= 40


@pytest.mark.parametrize("total", [right, none_at_all, too_high])
async def test_pages_that_do_not_turn(total: object) -> None:
    """A server that gives the same page for ever is not read for ever, nor believed to have given all."""
    called = await over_a_socket(tenant(214, kind=Unturned, total=total))
    must_hold(called)
    assert len(called.roll) == 100
    assert not called.roll.roster_complete
    assert called.requests <= 70


@pytest.mark.parametrize("agents", [1, 99, 100, 200, 214])
async def test_a_last_page_that_repeats(agents: int) -> None:
    """A server that answers its last page for any after it is read to its end once."""
    called = await over_a_socket(tenant(agents, kind=Clamped))
    is_known(called)
    assert called.requests <= 30


async def test_an_empty_page_in_the_middle() -> None:
    """An empty page is a hole and not the end where the server counts more agents than have come."""
    called = await over_a_socket(tenant(350, kind=Holed))
    must_hold(called)
    assert len(called.roll) == 350 or not called.roll.roster_complete


async def test_agents_taken_off_the_pages() -> None:
    """Agents whom the server counts and never names are missing from a roll that says it is not whole."""
    called = await over_a_socket(tenant(214, kind=Hidden))
    must_hold(called)
    assert {entry.agent.agent_id for entry in called.roll.entries} == {
        one for one in called.tenant.roster if int(one) % 40
    }
    assert not called.roll.roster_complete
    assert called.requests <= 60


async def test_a_reading_that_lacks_somebody() -> None:
    """An agent of an earlier reading stays on the roll where the later one has fewer than the server counts."""
    called = await over_a_socket(tenant(300, kind=Wandering))
    must_hold(called)
    named = {entry.agent.agent_id for entry in called.roll.entries}
    assert named == set(called.tenant.roster)
    assert not called.roll.roster_complete or called.roster.settled


async def test_a_count_that_is_too_high() -> None:
    """A count that is far too high ends at the empty pages, and the roll says that somebody may be missing."""
    called = await over_a_socket(tenant(214, total=too_high))
    must_hold(called)
    assert len(called.roll) == 214
    assert not called.roll.roster_complete
    assert called.requests <= 70


@pytest.mark.parametrize("agents", [0, 1])
async def test_an_empty_roster_is_looked_at_twice(agents: int) -> None:
    """A roster without anybody on page 1 is asked for its page 0 before it is believed."""
    called = await over_a_socket(tenant(agents, base=0))
    is_whole(called)
    assert any("page=0&" in target for target in called.tenant.asked)
