"""A roster with changes, repeats or gaps loses no agent unnoticed. If it does, it is called incomplete."""

from __future__ import annotations

import pytest
from tests.roll.calling import is_known, is_whole, must_hold, over_a_socket
from tests.roll.servers import Said, Tenant, none_at_all, right, tenant, too_high


class Growing(Tenant):
    """Gets a new agent after the first page has been read."""

    def page(self, page: int, size: int) -> Said:
        """Answer, and add the agent once."""
        said = super().page(page, size)
        if page == 1 and len(self.roster) == 214:
            self.roster = [*self.roster, "39999999999"]
        return said


class Shrinking(Tenant):
    """Loses its first agent after page 1, so all others move up."""

    def page(self, page: int, size: int) -> Said:
        """Answer, and remove the agent once."""
        said = super().page(page, size)
        if page == 1 and len(self.roster) == 214:
            self.present = {one: state for one, state in self.present.items() if one != self.roster[0]}
            self.roster = list(self.roster[1:])
        return said


class Overlapping(Tenant):
    """Begins each page ten agents before the end of the one before."""

    def page(self, page: int, size: int) -> Said:
        """Answer with a page that repeats rows."""
        start = max(0, (page - 1) * (size - 10))
        return self.listed(list(self.roster[start : start + size])) if page else Said(400)


class Twice(Tenant):
    """Names every agent of a page twice."""

    def listed(self, ids: list[str]) -> Said:  # type: ignore[override]
        """Add each agent twice."""
        return super().listed([one for one in ids for _ in range(2)])


def rows_of_twice(total: int, rows: int) -> object:
    """The number of rows of all pages, if each agent has two."""
    return 2 * total


class Restless(Tenant):
    """Has another total on every page."""

    def listed(self, ids: list[str]) -> Said:  # type: ignore[override]
        """Give a total that is off by another number each time."""
        body = super().listed(ids)
        assert isinstance(body.value, dict)
        return Said(200, {**body.value, "totalCount": len(self.roster) + len(self.asked)})


class Unturned(Tenant):
    """Answers every request with the first page."""

    def page(self, page: int, size: int) -> Said:
        """Answer with the first page."""
        return super().page(1, size)


class UnturnedAndUnnamed(Unturned):
    """Repeats its first page, which has an agent without an id."""

    def listed(self, ids: list[str]) -> Said:  # type: ignore[override]
        """Take the id of one agent."""
        body = super().listed(ids)
        assert isinstance(body.value, dict)
        return Said(200, {**body.value, "entities": [{"id": None}, *body.value["entities"][1:]]})


class Clamped(Tenant):
    """Answers requests past the end with the last page."""

    def page(self, page: int, size: int) -> Said:
        """Answer with an existing page."""
        return super().page(min(page, max(1, -(-len(self.roster) // size))), size)


class Holed(Tenant):
    """Has an empty page in the middle; its agents come later."""

    def page(self, page: int, size: int) -> Said:
        """Give no rows on page 2."""
        return self.listed([]) if page == 2 else super().page(page - (page > 2), size)


class Silent(Tenant):
    """Gives only empty pages from page 3 on. Requests repeated after that are empty, too."""

    silent = False

    def page(self, page: int, size: int) -> Said:
        """Return a page, or nothing any more."""
        self.silent = self.silent or page >= 3
        return Said(200, {"entities": []}) if self.silent else super().page(page, size)


class Hidden(Tenant):
    """Removes some agents from each page, but counts them in the total."""

    def listed(self, ids: list[str]) -> Said:  # type: ignore[override]
        """Omit every fortieth agent."""
        return super().listed([one for one in ids if int(one) % 40])


class Wandering(Tenant):
    """Omits one agent of page 2 in each reading after the first. The total counts it."""

    def page(self, page: int, size: int) -> Said:
        """In the first reading repeat an agent; in later ones omit one."""
        start = (page - 1) * size
        ids = list(self.roster[start : start + size])
        readings = sum("page=1&" in one for one in self.asked)
        if page == 2:
            ids = [*ids[:-1], self.roster[0]] if readings == 1 else ids[1:]
        return self.listed(ids) if page else Said(400)


@pytest.mark.parametrize("total", [right, none_at_all, rows_of_twice])
async def test_agents_twice_on_one_page(total: object) -> None:
    """A page that has its agents twice changed nothing. They are on the roll once, whatever the total counts."""
    called = await over_a_socket(tenant(214, kind=Twice, total=total))
    is_known(called)
    assert (called.roster.readings, called.roster.repeated, called.roster.total) in {(2, 0, 214), (2, 0, None)}


@pytest.mark.parametrize("kind", [Growing, Shrinking])
async def test_a_roster_that_changes(kind: type[Tenant]) -> None:
    """A roster that changes is read again until two readings agree."""
    called = await over_a_socket(tenant(214, kind=kind))
    is_known(called)
    assert called.roster.readings >= 2
    assert called.requests <= 30


async def test_pages_that_overlap() -> None:
    """Agents on two pages are on the roll once."""
    called = await over_a_socket(tenant(214, kind=Overlapping))
    is_known(called)
    assert called.roster.repeated > 0


async def test_a_total_that_always_changes() -> None:
    """If the total always changes, reading ends when two readings agree. All agents are found."""
    called = await over_a_socket(tenant(214, kind=Restless))
    must_hold(called)
    assert {entry.agent.agent_id for entry in called.roll.entries} == set(called.tenant.roster)
    assert called.requests <= 40


@pytest.mark.parametrize("total", [right, none_at_all])
async def test_a_repeated_page_and_a_larger_one(total: object) -> None:
    """If one page is repeated, a larger page gives the whole roster. It knows the page size."""
    called = await over_a_socket(tenant(214, kind=Unturned, total=total))
    is_known(called)
    assert called.roster.paging_ignored is not None
    assert called.roster.paging_ignored.whole
    assert called.requests <= 20


@pytest.mark.parametrize(("total", "cap"), [(right, 100), (none_at_all, 100), (too_high, 100), (too_high, None)])
async def test_one_page_that_may_be_truncated(total: object, cap: int | None) -> None:
    """A server that repeats one page is not read endlessly. Its roster is not called complete if there may be more."""
    called = await over_a_socket(tenant(214, kind=Unturned, total=total, cap=cap))
    must_hold(called)
    assert not called.roll.roster_complete
    assert called.roster.paging_ignored is not None
    assert not called.roster.paging_ignored.whole
    assert called.roster.capped is None
    assert called.requests <= 80


@pytest.mark.parametrize("total", [right, none_at_all, too_high])
async def test_one_page_with_a_row_without_an_id(total: object) -> None:
    """A repeated page ends a roster, even with a nameless row."""
    called = await over_a_socket(tenant(214, kind=UnturnedAndUnnamed, total=total))
    must_hold(called)
    assert not called.roll.roster_complete
    assert called.requests <= 80


@pytest.mark.parametrize("agents", [1, 99, 100, 200, 214])
async def test_a_last_page_that_repeats(agents: int) -> None:
    """A last page that is repeated past the end is read once."""
    called = await over_a_socket(tenant(agents, kind=Clamped))
    is_known(called)
    assert called.requests <= 30


async def test_an_empty_page_in_the_middle() -> None:
    """An empty page is a gap if the total is not reached."""
    called = await over_a_socket(tenant(350, kind=Holed))
    must_hold(called)
    assert len(called.roll) == 350 or not called.roll.roster_complete


async def test_agents_that_are_counted_and_never_listed() -> None:
    """Agents that are counted but never listed make the roll incomplete."""
    called = await over_a_socket(tenant(214, kind=Hidden))
    must_hold(called)
    assert {entry.agent.agent_id for entry in called.roll.entries} == {
        one for one in called.tenant.roster if int(one) % 40
    }
    assert not called.roll.roster_complete
    assert called.requests <= 60


async def test_a_reading_that_lacks_an_agent() -> None:
    """An agent of an earlier reading stays on the roll. The later reading has fewer agents than its total."""
    called = await over_a_socket(tenant(300, kind=Wandering))
    must_hold(called)
    named = {entry.agent.agent_id for entry in called.roll.entries}
    assert named == set(called.tenant.roster)
    assert not called.roll.roster_complete or called.roster.settled


async def test_a_server_that_falls_silent() -> None:
    """Readings without an agent take nobody off the roll, though they agree."""
    called = await over_a_socket(tenant(350, kind=Silent))
    must_hold(called)
    assert len(called.roll) == called.roster.gone == 200
    assert not called.roll.roster_complete


async def test_a_total_that_is_too_high() -> None:
    """With a total far too high, both readings end at empty pages. The roll is incomplete."""
    called = await over_a_socket(tenant(214, total=too_high))
    must_hold(called)
    assert len(called.roll) == 214
    assert not called.roll.roster_complete
    assert (called.roster.readings, called.roster.agreed) == (2, True)
    assert called.requests <= 80


@pytest.mark.parametrize("agents", [0, 1])
async def test_an_empty_roster_is_requested_twice(agents: int) -> None:
    """If page 1 is empty, page 0 is requested before giving up."""
    called = await over_a_socket(tenant(agents, base=0))
    is_whole(called)
    assert any("page=0&" in target for target in called.tenant.asked)
