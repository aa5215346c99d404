"""Unusual servers make no present agent absent, and lose none unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import pytest
from tests.roll.calling import is_known, is_whole, must_hold, over_a_socket, without_a_socket
from tests.roll.servers import Said, Tenant, none_at_all, of_this_page, right, tenant

from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Selection
from cxone_rollcall.roll.by_id.canary import MISFITS_IN_A_ROW
from cxone_rollcall.roll.pages import tally

PAGED = ((1, 100), (3, 1), (3, 2), (100, 100), (100, 50), (150, 100))
"""Number of agents, and of rows on a page."""


@pytest.mark.parametrize("agents", [30, 100, 120, 200, 214])
@pytest.mark.parametrize("status", [400, 404, 416])
async def test_a_page_past_the_end_may_be_refused(status: int, agents: int) -> None:
    """A refused page past the last one leaves the roster complete. Nothing counts as failed."""

    class Refusing(Tenant):
        def page(self, page: int, size: int) -> Said:
            said = super().page(page, size)
            return said if page == 1 or (page - 1) * size < len(self.roster) else Said(status, {"error": "no page"})

    called = await over_a_socket(tenant(agents, kind=Refusing))
    is_known(called)
    assert called.ledger.failures == []
    assert called.requests <= 2 * ((agents + 99) // 100) + 8


async def test_no_page_is_requested_twice() -> None:
    """No page of a steady roster is requested twice. One past the end may be empty or refused."""

    class Refusing(Tenant):
        def page(self, page: int, size: int) -> Said:
            said = super().page(page, size)
            return said if b'"id"' in said.body else Said(404)

    for kind, total, (agents, cap) in product((Tenant, Refusing), (right, none_at_all, of_this_page), PAGED):
        called = await without_a_socket(tenant(agents, kind=kind, cap=cap, total=total))
        is_known(called)
        pages = [target for target in called.tenant.asked if "/agents?" in target]
        assert len(pages) == len(set(pages)), (kind, total, agents, cap)


async def test_page_1_refused_by_a_server_that_counts_from_0() -> None:
    """A roster on page 0 is complete, although page 1 is refused."""

    class FromZero(Tenant):
        def page(self, page: int, size: int) -> Said:
            return super().page(page, size) if page == 0 else Said(404, {"error": "page out of range"})

    called = await over_a_socket(tenant(42, kind=FromZero, base=0))
    is_known(called)
    assert called.ledger.failures == []
    assert called.roster.from_zero == 42


async def test_pages_that_are_filtered_after_counting() -> None:
    """If pages are filtered, an incomplete roster is never called complete."""

    class Filtered(Tenant):
        def page(self, page: int, size: int) -> Said:
            start = (page - 1) * size
            return self.listed([one for one in self.roster[start : start + size] if int(one) % 50 != 3])

    called = await over_a_socket(tenant(500, kind=Filtered, total=of_this_page))
    must_hold(called)
    visible = {one for one in called.tenant.roster if int(one) % 50 != 3}
    assert {entry.agent.agent_id for entry in called.roll.entries} == visible or not called.roll.roster_complete


async def test_a_roster_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A roster with new agents on every page is not read endlessly. It is not complete."""
    monkeypatch.setattr(tally, "MOST_PAGES", 12)

    class Endless(Tenant):
        def page(self, page: int, size: int) -> Said:
            return Said(200, {"entities": [{"id": str(page * 1000 + place)} for place in range(size)]})

    called = await over_a_socket(tenant(1, kind=Endless))
    assert not called.roll.roster_complete
    assert sum("agents?page" in one for one in called.tenant.asked) <= 14


async def test_pages_past_the_end_that_mix_earlier_ones() -> None:
    """Without a total, pages of known agents never end a roster. It is not read again."""

    class Mixing(Tenant):
        def page(self, page: int, size: int) -> Said:
            mixed = list(self.roster[page : page + size])
            return super().page(page, size) if page < 4 else self.listed(mixed)

    called = await over_a_socket(tenant(300, kind=Mixing, total=none_at_all))
    must_hold(called)
    assert not called.roll.roster_complete
    assert called.roster.readings == 1


async def test_rows_that_say_logged_out_are_cut_too() -> None:
    """Truncation is checked even if all rows say logged out."""

    class Everybody(Tenant):
        def states(self, ids: Sequence[str]) -> Said:
            rows = [{"agentId": one, "state": self.present.get(one, "LoggedOut")} for one in ids]
            return Said(200, {"entities": rows[:50]})

    called = await over_a_socket(tenant(250, kind=Everybody, present=lambda index: index % 100 >= 50))
    is_known(called)


@dataclass(kw_only=True)
class ReadsSoFar(Tenant):
    """Reads only a number of characters, or ids before a non-numeric one."""

    characters: int = 100_000

    def states(self, ids: Sequence[str]) -> Said:
        """Answer for the ids that were read."""
        read, length = [], 0
        for one in ids:
            length += len(one) + 1
            if length > self.characters or not one.replace("-", "").isalnum() or one.startswith("SVC"):
                break
            read.append(one)
        return self.rows([one for one in read if one in self.present])


async def test_addresses_that_are_cut_at_a_length() -> None:
    """A full batch of short ids proves nothing about long ones."""
    ids = [str(1000 + index) for index in range(100)]
    ids += [f"{index:08x}-0000-4000-8000-{index:012x}" for index in range(100)]
    called = await over_a_socket(ReadsSoFar(roster=ids, present=dict.fromkeys(ids, "Busy"), characters=2000))
    is_known(called)


async def test_reading_that_stops_at_an_unusual_id() -> None:
    """If all agents after one id are missing, it is left out."""
    ids = [str(30_000_000_000 + index) for index in range(250)]
    ids[149] = "SVC-149"
    called = await over_a_socket(ReadsSoFar(roster=ids, present={one: "Busy" for one in ids if one != "SVC-149"}))
    is_whole(called)
    assert called.ids(Standing.PRESENT) == set(called.tenant.present)


async def test_one_answer_that_was_half() -> None:
    """A response that once lacks its second half makes no agent absent."""

    class Half(Tenant):
        halved = False

        def states(self, ids: Sequence[str]) -> Said:
            if len(ids) == 100 and not Half.halved:
                Half.halved = True
                return self.rows([one for one in ids[:50] if one in self.present])
            return super().states(ids)

    is_known(await over_a_socket(tenant(300, kind=Half, present=lambda index: index % 10 != 9)))


async def test_leading_zeros_make_no_other_agent() -> None:
    """Leading zeros make no other agent. The roster has ids with zeros, the states have them as numbers."""

    class Numbers(Tenant):
        def rows(self, ids: Sequence[str]) -> Said:
            return Said(200, {"entities": [{"agentId": int(one), "state": self.present[one]} for one in ids]})

    ids = [f"00{index}" for index in range(100, 140)]
    called = await over_a_socket(Numbers(roster=ids, present=dict.fromkeys(ids[::2], "Busy")))
    is_known(called)


async def test_ids_that_are_validated_and_ignored() -> None:
    """No agent is absent if all ids get the same rows. Only a made-up id is refused."""

    class Looks(Tenant):
        def states(self, ids: Sequence[str]) -> Said:
            if any(one not in self.roster for one in ids):
                return Said(400, {"message": "unknown id"})
            return self.rows(list(self.present)[:50])

    called = await over_a_socket(tenant(250, kind=Looks))
    is_whole(called)
    assert called.ids(Standing.ABSENT) == set()


class Ignoring(Tenant):
    """Gives the same rows for all ids, which must be numbers."""

    def states(self, ids: Sequence[str]) -> Said:
        """Refuse other ids, and ignore the rest."""
        if not all(map(str.isdecimal, ids)):
            return Said(400, {"message": "no id"})
        return self.rows(list(self.present)[:50])


async def test_ids_that_must_be_numbers_and_are_ignored() -> None:
    """If all numbers get the same rows, ids are ignored. Made-up ids are numbers."""
    called = await over_a_socket(tenant(250, kind=Ignoring))
    is_whole(called)
    assert called.ids(Standing.ABSENT) == set()
    assert called.ledger.states.ignored_exchange


@pytest.mark.parametrize("leave", range(4, 12))
async def test_all_agents_log_out_meanwhile(leave: int) -> None:
    """No id is blamed for agents that log out meanwhile. They log out while its batch is examined."""

    class Leaving(Tenant):
        count = 0

        def states(self, ids: Sequence[str]) -> Said:
            self.count += 1
            if self.count == 2:
                return self.rows([])
            return self.rows([one for one in ids if one in self.present] if self.count < leave else [])

    called = await over_a_socket(tenant(250, kind=Leaving))
    assert called.ledger.poisoned == []
    assert called.requests <= 60


async def test_rows_that_disagree_about_being_logged_in() -> None:
    """An agent with a logged-out row and an available row is unknown."""

    class Both(Tenant):
        def rows(self, ids: Sequence[str]) -> Said:
            rows = [{"agentId": one, "state": self.present[one]} for one in ids]
            return Said(200, {"entities": [*rows, *({"agentId": one, "state": "LoggedOut"} for one in ids[:1])]})

    made = tenant(42, kind=Both)
    called = await over_a_socket(made)
    is_whole(called)
    assert all(said.one_response for said in called.ledger.contradicted.values())
    assert called.ledger.contradicted
    assert called.ids(Standing.LOGGED_OUT) == set()


async def test_an_error_beside_rows_is_no_absence() -> None:
    """Agents without a row are unknown if the response reports an error. The cause is known."""

    class Partial(Tenant):
        def states(self, ids: Sequence[str]) -> Said:
            said = super().states(ids[: len(ids) // 2])
            assert isinstance(said.value, dict)
            return Said(200, {**said.value, "errors": [{"code": "UPSTREAM_TIMEOUT"}]})

    called = await over_a_socket(tenant(120, kind=Partial))
    is_whole(called)
    assert called.ids(Standing.ABSENT) == set()
    assert any("UPSTREAM_TIMEOUT" in failure.detail for failure in called.ledger.failures)


async def test_a_filter_with_an_incomplete_answer_hides_no_agent() -> None:
    """If the filtered response reports an error, the filter hides no agent. All standings are known."""

    class Partial(Tenant):
        def answer(self, method: str, target: str) -> Said:
            said = super().answer(method, target)
            if "&state=" in target and isinstance(said.value, dict):
                rows = [row for row in said.value["entities"] if row["state"] == "Busy"]
                return Said(200, {"entities": rows[:3], "errors": [{"code": "UPSTREAM_TIMEOUT"}]})
            return said

    called = await over_a_socket(tenant(120, kind=Partial), Selection(state="Busy"))
    is_known(called)
    assert called.ledger.filtered is not None
    assert not called.ledger.filtered.asked
    assert called.ledger.failures == []


@pytest.mark.parametrize("slip", [Said(204), Said(200), Said(200, {"entities": [], "totalCount": 0})])
async def test_a_first_page_that_is_empty_once(slip: Said) -> None:
    """An empty first page is requested again. A roster lost once is still read."""

    class Slipping(Tenant):
        def page(self, page: int, size: int) -> Said:
            first = sum("page=1&" in one for one in self.asked) == 1
            return slip if page == 1 and first else super().page(page, size)

    is_known(await over_a_socket(tenant(30, kind=Slipping)))


async def test_a_first_page_without_content() -> None:
    """A roster without content is complete only if its total is 0."""

    class Silent(Tenant):
        def page(self, page: int, size: int) -> Said:
            return Said(204)

    silent = await over_a_socket(tenant(30, kind=Silent))
    assert not silent.roll.roster_complete
    assert (await over_a_socket(tenant(0))).roll.roster_complete


class RightOnce(Tenant):
    """Answers one request for states, later ones with others' rows."""

    count = 0

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, or choose five others."""
        self.count += 1
        others = [one for one in self.present if one not in ids]
        return super().states(ids) if self.count == 1 else self.rows(others[5 * self.count :][:5])


async def test_rows_of_others_end_the_search() -> None:
    """Ids whose answers have others' rows are requested in smaller batches. Eight such answers in a row end that."""
    run = await without_a_socket(tenant(900, kind=RightOnce))
    asked = [target.partition("agentIds=")[2].count(",") + 1 for target in run.tenant.asked if "agentIds=" in target]
    batches, made_up, smaller = asked[:9], asked[9], asked[10 : 10 + MISFITS_IN_A_ROW]
    assert (batches, made_up) == ([100] * 9, 1)
    assert max(smaller) <= 50 + 2  # two known agents are beside them
    assert min(asked[10 + MISFITS_IN_A_ROW :][:4]) > 52  # controls
    assert not run.ids(Standing.ABSENT)
    assert set(run.ledger.unconfirmed) == run.ids(Standing.UNKNOWN)


async def test_a_separator_that_helps_once() -> None:
    """Rows that came once for another separator do not change it."""

    class Once(Tenant):
        """Answers once, when all but the first batches are joined with `%2C`."""

        lucky = 1

        def answer(self, method: str, target: str) -> Said:
            if "agentIds=" not in target:
                return super().answer(method, target)
            if "%2C" in target and self.lucky:
                self.lucky = 0
                return super().answer(method, target.replace("%2C", ","))
            return self.rows([])

    run = await without_a_socket(tenant(30, kind=Once))
    states = run.ledger.states
    assert states is not None
    assert states.separator is None
    assert not run.ids(Standing.ABSENT)
