"""A poller that runs for long."""

from __future__ import annotations

import faulthandler
import gc
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from tests.live.clockwork import Watched, changes, watched
from tests.live.test_rules import CONTRACTS, assert_balanced, assert_true, standings

from cxone_rollcall.emulator import Fault
from cxone_rollcall.emulator.readings import Readings
from cxone_rollcall.emulator.wire import Call
from cxone_rollcall.live.look import DeltaLook
from cxone_rollcall.live.poller import Times
from cxone_rollcall.live.seat import Certainty, Span
from cxone_rollcall.roll import Selection
from cxone_rollcall.roll.agent_search import UnclearAgents
from cxone_rollcall.views.live import agent

MOST_GROWTH = 100_000
"""Bytes for bounded data that fills slowly. Such as the times of the first answers."""


class DeltasAreEmpty(Fault, name="deltas-empty", contracts=("incontact",)):
    """A list of changes has no rows."""

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Nobody, if changes are asked for."""
        return () if "updatedSince" in call.query else agents


class OnlyFirst(Fault, name="only-first"):
    """The tenant has only its first agents."""

    number: int = 40

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """The first agents, on the roster and in the list of states."""
        return [index for index in agents if index < self.number]


def people(watching: Watched, number: int) -> None:
    """Set the tenant's number of agents from now on."""
    watching.world.emulator.switch_on([OnlyFirst(number=number)])


def assert_all_well(watching: Watched) -> None:
    """The board balances, shows what is true, and nobody is unknown."""
    assert_balanced(watching)
    assert_true(watching)
    assert "unknown" not in standings(watching).values()


@CONTRACTS
async def test_agents_join_and_leave(contract: str) -> None:
    """A new agent is a change from nobody. One who has left is a change to nobody."""
    async with watched(42, contract, times=Times(roster=0)) as watching:
        people(watching, 40)
        await watching.poll()
        people(watching, 42)
        came = changes(await watching.polls_of(31))
        assert {change.agent_id for change in came if change.before is None} == {"30000000041", "30000000042"}
        assert_all_well(watching)
        people(watching, 40)
        left = changes(await watching.polls_of(31))
        assert {change.agent_id for change in left if change.after is None} == {"30000000041", "30000000042"}
        assert_all_well(watching)


@CONTRACTS
async def test_a_roster_doubles(contract: str) -> None:
    """The new half joins; nothing of the old half is lost."""
    async with watched(80, contract) as watching:
        people(watching, 40)
        await watching.poll()
        before = standings(watching)
        people(watching, 80)
        await watching.polls_of(31)
        assert len(watching.agents) == 80
        assert before.items() <= standings(watching).items()
        assert_all_well(watching)


@CONTRACTS
async def test_an_emptied_roster_takes_nobody_off_the_board(contract: str) -> None:
    """An empty roster may be withheld: everybody is unknown after three polls."""
    async with watched(40, contract) as watching:
        await watching.poll()
        watching.break_by("roster-empty")
        await watching.polls_of(35)
        assert len(watching.agents) == 40
        assert set(standings(watching).values()) == {"unknown"}
        assert not watching.polls[-1].ok
        assert_balanced(watching)
        watching.break_by()
        await watching.poll()
        assert_all_well(watching)


@pytest.mark.parametrize(
    ("fault", "missed"),
    [
        ("roster-short", "the roster is incomplete (RC504 roster-short)"),
        ("own-user-only", "the roster is incomplete (RC306 own-user-only)"),
        ("roster-empty", "no agent could be asked for (RC501 roster-empty)"),
        ("client-refused", "no agent could be asked for (RC201 client-refused)"),
    ],
)
async def test_a_poll_that_is_not_whole_names_its_cause(fault: str, missed: str) -> None:
    """The cause is never that agents are not at work."""
    async with watched(40, "incontact") as watching:
        watching.break_by(fault)
        await watching.poll()
        assert watching.polls[-1].missed == missed


@CONTRACTS
async def test_a_much_smaller_roster_is_read_twice(contract: str) -> None:
    """Half the agents leave the board only after a second reading agrees."""
    async with watched(40, contract, times=Times(roster=0, whole=0)) as watching:
        await watching.poll()
        people(watching, 20)
        await watching.poll()
        assert len(watching.agents) == 40
        assert "it is read again" in watching.polls[-1].missed
        await watching.poll()
        assert len(watching.agents) == 20
        assert_all_well(watching)


@CONTRACTS
async def test_a_selected_agent_who_leaves_is_no_mistyped_name(contract: str) -> None:
    """A name is looked up once. Whom it meant stays on the board, absent or unknown."""
    async with watched(40, contract, times=Times(roster=0, whole=0)) as watching:
        name = watching.world.emulator.truth()[39].name
    selection = Selection(agents=(name, "30000000001"))
    async with watched(40, contract, times=Times(roster=0, whole=0), selection=selection) as watching:
        await watching.poll()
        assert set(watching.agents) == {"30000000001", "30000000040"}
        people(watching, 39)
        await watching.polls_of(3)
        assert set(watching.agents) == {"30000000001", "30000000040"}
        assert watching.agents["30000000040"]["standing"] != "present"
        assert_balanced(watching)


@CONTRACTS
async def test_a_name_that_nobody_has_ends_the_polling(contract: str) -> None:
    """A mistyped name raises before there is a board."""
    async with watched(40, contract, selection=Selection(agents=("Nobody Atall",))) as watching:
        with pytest.raises(UnclearAgents):
            await watching.poll()
        assert watching.agents == {}


async def test_changes_of_agents_who_are_not_selected_cost_nothing() -> None:
    """A delta with rows of other agents causes no whole look."""
    async with watched(120, "incontact", selection=Selection(teams=("Claims",))) as watching:
        await watching.poll()
        first = watching.poller.account
        assert 0 < len(watching.agents) < 120
        for _ in range(5):
            watching.world.emulator.advance(600)
            await watching.poll()
        assert watching.poller.account is first
        assert_all_well(watching)


async def test_what_deltas_miss_is_counted() -> None:
    """A whole look counts what deltas hid, and another one follows."""
    async with watched(120, "incontact", times=Times(whole=35)) as watching:
        await watching.polls_of(2)
        watching.world.emulator.switch_on([DeltasAreEmpty()])
        watching.world.emulator.advance(1200)
        assert changes(await watching.polls_of(2)) == []
        moved = changes(await watching.poll())
        assert watching.polls[-1].corrected == len(moved) > 0
        assert_true(watching)
        account = watching.poller.account
        await watching.poll()
        assert watching.poller.account is not account
        assert watching.polls[-1].corrected == 0


async def test_an_error_is_no_correction() -> None:
    """After missed polls a whole look counts only what deltas hid."""
    async with watched(40, "incontact") as watching:
        await watching.polls_of(2)
        watching.break_by("server-error")
        await watching.polls_of(4)
        watching.break_by()
        await watching.poll()
        assert watching.polls[-1].ok
        assert watching.polls[-1].corrected == 0


async def test_a_new_token_is_followed_by_a_whole_look() -> None:
    """A new token may see others: a whole look comes before deltas."""
    async with watched(40, "incontact", token_life=900) as watching:
        await watching.polls_of(2)
        first = watching.poller.account
        watching.world.emulator.advance(1000)
        await watching.poll()
        assert watching.poller.account is not first
        second = watching.poller.account
        await watching.poll()
        assert watching.poller.account is second


@CONTRACTS
async def test_a_restart_claims_no_more_than_it_sees(contract: str) -> None:
    """A new poller says `at_least` of every state."""
    async with watched(40, contract) as watching:
        await watching.poll()
        span = {seat.since.latest for seat in watching.poller.board.seats.values()}
        assert span == {watching.polls[-1].received_at}
        assert {seat.since.certainty for seat in watching.poller.board.seats.values()} == {Certainty.AT_LEAST}


async def test_a_since_is_true() -> None:
    """An exact begin is true, a range has it within. Short states in between are noticed."""
    async with watched(120, "incontact") as watching:
        await watching.poll()
        world = watching.world.emulator.tenant
        for _ in range(12):
            watching.world.emulator.advance(300)
            await watching.poll()
        ahead = world.began - world.settings.moment.timestamp()
        checked = 0
        for agent_id, seat in watching.poller.board.seats.items():
            index, since = world.world.index(agent_id), seat.since
            assert index is not None
            began = world.world.stance(index, world.moment()).since
            if began is None or since.earliest is None:
                continue
            checked += 1
            slack = 6  # the server looks at its agents every five seconds, and writes fractions of its own
            assert since.earliest - slack <= began + ahead <= since.latest + slack
        assert checked


async def test_a_since_of_v2_is_true_at_every_poll() -> None:
    """A since of `v2` is true at every poll.

    Its rows have no time: a state that ends and begins again between two polls looks like one that lasts.
    """
    async with watched(120, "v2") as watching:
        seen: dict[float, dict[str, tuple[str | None, str | None]]] = {}
        for _ in range(12):
            await watching.poll()
            received_at = watching.polls[-1].received_at
            assert received_at is not None
            seen[received_at] = {one.agent_id: (one.state, one.sub_state) for one in watching.world.emulator.truth()}
            watching.world.emulator.advance(300)
        changed = 0
        for agent_id, seat in watching.poller.board.seats.items():
            now = (seat.state.state, seat.state.sub_state) if seat.state is not None else (None, None)
            before = [at for at in seen if at < seat.since.latest]
            assert {seen[at][agent_id] for at in seen if at >= seat.since.latest} == {now}
            assert seat.since.certainty is (Certainty.BETWEEN if before else Certainty.AT_LEAST)
            if before:
                changed += 1
                assert seen[max(before)][agent_id] != now
                assert seat.since.earliest is not None
                assert seat.since.earliest <= max(before) < seat.since.latest
        assert changed


@CONTRACTS
async def test_a_poll_has_one_truth(contract: str) -> None:
    """A new reader gets the last poll's board. This holds during the next look, too."""
    async with watched(120, contract) as watching:
        await watching.poll()
        for fault in ("server-error", "server-error", "hang"):
            watching.world.emulator.advance(600)
            watching.break_by(fault)
            watching.clockwork.patient = fault != "hang"
            await watching.poll()
            shown, last = watching.poller.shown(), watching.polls[-1]
            seen = {seat.agent.agent_id: agent(seat, watching.poller.codes) for seat in shown.seats}
            assert seen == watching.agents
            assert (shown.poll, shown.counts, shown.as_of) == (last.poll, last.counts, last.as_of)
            assert shown.complete is last.complete is False


async def test_two_tenants_in_one_process_share_nothing() -> None:
    """The trouble of one tenant is not that of another."""
    async with watched(40, "incontact") as well, watched(40, "incontact", seed=2) as broken:
        await well.poll()
        await broken.poll()
        assert well.agents.keys() == broken.agents.keys()
        assert well.agents != broken.agents
        before = dict(well.agents)
        broken.break_by("forbidden")
        for _ in range(4):
            await broken.poll()
            await well.poll()
        assert set(standings(broken).values()) == {"unknown"}
        assert well.agents == before
        assert not well.poller.troubles.now
        assert all(poll.ok for poll in well.polls)


def held() -> int:
    """Bytes of all objects. Tracing each allocation would make the polls far slower."""
    gc.unfreeze()  # a frozen object is not listed
    gc.collect()
    tracked = gc.get_objects()
    every = {id(one): one for one in (*tracked, *gc.get_referents(*tracked))}
    return sum(sys.getsizeof(one, 0) for one in every.values())


async def growth(watching: Watched, polls: int) -> int:
    """Bytes that the second half of the polls leaves behind."""
    sizes = []
    held()  # the first time, garbage is freed that was frozen
    for _ in range(2):
        for _ in range(polls // 2):
            watching.world.emulator.advance(10)
            await watching.poll()
            watching.polls.clear()
        sizes.append(held())
    return sizes[1] - sizes[0]


@pytest.mark.thorough
@pytest.mark.parametrize(("polls", "contract"), [(200, "v2"), (10_000, "incontact")])
async def test_memory_is_flat(polls: int, contract: str) -> None:
    """A poll leaves nothing behind, whatever people do."""
    faulthandler.cancel_dump_traceback_later()  # this test may take longer than others
    async with watched(20, contract, token_life=10_000_000) as watching:
        await watching.poll()
        assert await growth(watching, polls) < MOST_GROWTH


@pytest.mark.thorough
@CONTRACTS
async def test_a_day_passes(contract: str) -> None:
    """Through 24 hours with shifts and new tokens each poll is true."""
    faulthandler.cancel_dump_traceback_later()
    async with watched(40, contract, times=Times(interval=60)) as watching:
        await watching.poll()
        seen: Counter[str] = Counter()
        for _ in range(24 * 60):
            watching.world.emulator.advance(60)
            await watching.poll()
            assert_all_well(watching)
            seen.update(set(standings(watching).values()))
        assert all(poll.ok for poll in watching.polls)
        assert sum(poll.corrected for poll in watching.polls) == 0
        assert len(seen) > 1


@CONTRACTS
async def test_an_empty_answer_shows_no_board_of_an_earlier_run(contract: str) -> None:
    """A look that names nobody shows no agents of an earlier run."""
    async with watched(40, contract) as earlier:
        await earlier.poll()
        seats = tuple(earlier.poller.board.seats.values())
    async with watched(40, contract, ["roster-empty"]) as watching:
        watching.poller.restore(seats)
        await watching.polls_of(2)
        assert (watching.agents, watching.polls[-1].counts["roster"]) == ({}, 0)
        watching.break_by()
        await watching.poll()
        assert_all_well(watching)


async def test_a_delta_tells_that_findings_explain_an_agent_no_more() -> None:
    """A row that comes again is a change, if findings differ."""
    async with watched(60, "incontact") as watching:
        await watching.poll()
        seat = watching.poller.board.seats["30000000001"]
        assert seat.state is not None
        watching.poller.codes = {"30000000001": ("RC601",)}
        span = Span(seat.as_of + 1, seat.as_of + 2)
        look = DeltaLook(span=span, rows={"30000000001": seat.state}, polled=None, failure="", token=1, requests=1)
        (change,) = changes(watching.poller._take_delta(look))  # noqa: SLF001
        assert (change.agent_id, watching.poller.codes) == ("30000000001", {})


@pytest.mark.parametrize("reading", [{"no_states": "204"}, {"no_states": "empty"}, {"shape": "v23"}], ids=str)
async def test_an_empty_delta_is_as_old_as_its_answer(reading: dict[str, Any]) -> None:
    """A delta that names no time is as of its `Date`. Quiet hours are not old data."""
    async with watched(40, "incontact", readings=Readings(**reading)) as watching:
        await watching.poll()
        watching.world.emulator.switch_on([DeltasAreEmpty()])
        cursor = watching.poller._cursor  # noqa: SLF001
        for _ in range(5):
            watching.world.emulator.advance(10)
            await watching.poll()
        ages = [poll.age for poll in watching.polls]
        assert all(poll.ok for poll in watching.polls)
        assert max(age for age in ages if age is not None) < 10
        assert watching.poller._cursor == cursor  # noqa: SLF001
