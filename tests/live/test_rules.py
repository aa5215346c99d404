"""What must hold at every poll, on both APIs, whatever goes wrong."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from tests.live.clockwork import Watched, changes, findings, sped_up, watched
from tests.support.thorough import sampled

from cxone_rollcall.emulator.faults import FAULTS
from cxone_rollcall.findings.account import BENIGN
from cxone_rollcall.live.poller import Times
from cxone_rollcall.live.seat import Certainty
from cxone_rollcall.views.live import agent

WAITED_FOR = ("hang", "slow-drip", "rate-limit")
"""Faults that cost seconds in each poll."""
CONTRACTS = pytest.mark.parametrize("contract", ["v2", "incontact"])
RUNS = [
    pytest.param(contract, fault.name, marks=pytest.mark.thorough if fault.name in WAITED_FOR else ())
    for fault in FAULTS
    for contract in ("v2", "incontact")
    if contract in fault.contracts
]
"""Each fault on each API that has it."""


def standings(watching: Watched) -> dict[str, str]:
    """What a reader believes of each agent."""
    return {agent_id: agent["standing"] for agent_id, agent in watching.agents.items()}


def truth(watching: Watched) -> dict[str, Any]:
    """Who is logged in, as it truly is."""
    return {one.agent_id: one.standing == "present" for one in watching.world.emulator.truth()}


def assert_balanced(watching: Watched) -> None:
    """The reader has the exact board, with the counts of the poll."""
    poller = watching.poller
    seats = poller.board.seats
    assert watching.agents == {agent_id: agent(seat, poller.codes) for agent_id, seat in seats.items()}
    counts = watching.polls[-1].counts
    seen = Counter(standings(watching).values())
    assert counts["roster"] == len(watching.agents) == len(watching.poller.board.seats)
    assert counts["roster"] == counts["present"] + counts["logged_out"] + counts["absent"] + counts["unknown"]
    assert {name: counts[name] for name in ("present", "logged_out", "absent", "unknown")} == {
        name: seen[name] for name in ("present", "logged_out", "absent", "unknown")
    }


def assert_true(watching: Watched) -> None:
    """Nobody who is logged in is shown as away, nor vice versa.

    Unknown is always allowed, and so is an absence that a finding explains by more than being away.
    """
    really, account = truth(watching), watching.poller.account
    codes = watching.poller.codes if account is not None else {}
    false = {
        agent_id: standing
        for agent_id, standing in standings(watching).items()
        if standing != "unknown"
        and (standing == "present") is not really[agent_id]
        and not (standing == "absent" and set(codes.get(agent_id, ())) - BENIGN)
    }
    assert false == {}


@CONTRACTS
async def test_the_board_is_the_account(contract: str) -> None:
    """The first poll shows everybody as they are. A quiet tenant changes nothing."""
    async with watched(40, contract) as watching:
        await watching.poll()
        assert_balanced(watching)
        assert_true(watching)
        assert "unknown" not in standings(watching).values()
        assert changes(await watching.polls_of(3)) == []
        assert all(poll.ok for poll in watching.polls)


@CONTRACTS
async def test_a_poll_counts_its_own_requests(contract: str) -> None:
    """Whole looks of a quiet tenant send the same requests. Their account has no others."""
    async with watched(40, contract, times=Times(whole=0)) as watching:
        await watching.polls_of(4)
        _, second, third, fourth = (poll.requests for poll in watching.polls)
        assert second == third == fourth > 0
        account = watching.poller.account
        assert account is not None
        assert [one.number for one in account.exchanges] == list(range(1, fourth + 1))


@CONTRACTS
async def test_people_change_their_states(contract: str) -> None:
    """Each change is seen at the next poll, with when it happened."""
    async with watched(120, contract) as watching:
        await watching.poll()
        for _ in range(10):
            watching.world.emulator.advance(600)
            moved = changes(await watching.poll())
            assert moved
            assert_balanced(watching)
            assert_true(watching)
            for change in moved:
                assert change.after is not None
                if change.before is not None and change.before.same_as(change.after.standing, change.after.state):
                    continue  # the state may have ended in between, and begun again
                assert change.after.since.certainty in (Certainty.EXACT, Certainty.BETWEEN)


@CONTRACTS
async def test_blindness_is_told_after_three_missed_polls(contract: str) -> None:
    """The third missed poll in a row makes everybody unknown. From the second on, states are the last known."""
    async with watched(40, contract) as watching:
        await watching.poll()
        before = standings(watching)
        watching.break_by("server-error")
        await watching.poll()
        assert standings(watching) == before
        assert not any("last_known" in agent for agent in watching.agents.values())
        await watching.poll()
        assert standings(watching) == before
        assert all("last_known" in agent for agent in watching.agents.values())
        await watching.poll()
        assert set(standings(watching).values()) == {"unknown"}
        assert_balanced(watching)
        last_known = {agent_id: agent["last_known"]["standing"] for agent_id, agent in watching.agents.items()}
        assert last_known == before
        watching.break_by()
        await watching.poll()
        assert standings(watching) == before


@CONTRACTS
async def test_an_interval_without_an_answer_is_a_missed_poll(contract: str) -> None:
    """A look that outlasts its interval is a missed poll. It is not asked twice."""
    async with watched(40, contract, times=None) as watching:
        await watching.poll()
        before = standings(watching)
        watching.break_by("hang")
        watching.clockwork.patient = False
        await watching.polls_of(3)
        assert [poll.ok for poll in watching.polls[1:]] == [False] * 3
        assert all("within" in poll.missed for poll in watching.polls[1:])
        assert set(standings(watching).values()) == {"unknown"}
        assert before.keys() == standings(watching).keys()


@CONTRACTS
async def test_a_since_is_not_shortened_by_a_short_trouble(contract: str) -> None:
    """Two missed polls leave the since of an unchanged state."""
    async with watched(40, contract) as watching:
        await watching.poll()
        before = {agent_id: agent["since"] for agent_id, agent in watching.agents.items()}
        watching.break_by("server-error")
        await watching.polls_of(2)
        watching.break_by()
        await watching.poll()
        assert {agent_id: agent["since"] for agent_id, agent in watching.agents.items()} == before


@CONTRACTS
async def test_findings_begin_and_end(contract: str) -> None:
    """A finding begins once, and ends on evidence."""
    async with watched(40, contract) as watching:
        await watching.poll()
        watching.break_by("forbidden")
        begun = findings(await watching.polls_of(3))
        assert begun
        assert all(begins for _, begins in begun)
        assert len(begun) == len(set(begun))
        watching.break_by()
        assert sorted(findings(await watching.poll())) == sorted((code, False) for code, _ in begun)


@pytest.mark.parametrize(("contract", "fault"), sampled(RUNS, every=2))
async def test_no_fault_makes_the_board_lie(contract: str, fault: str) -> None:
    """The board balances and shows nobody falsely, whatever fails. Each fault is on for some polls, then off."""
    async with watched(40, contract, request_timeout=0.3) as watching:
        await watching.poll()
        watching.break_by(sped_up(fault, contract))
        for _ in range(4):
            await watching.poll()
            assert_balanced(watching)
            assert_true(watching)
        watching.break_by()
        for _ in range(3):
            await watching.poll()
            assert_balanced(watching)
            assert_true(watching)


async def test_deltas_follow_a_whole_look() -> None:
    """On `incontact` an idle poll asks one request. After an error, a whole look comes first."""
    async with watched(40, "incontact") as watching:
        await watching.poll()
        first = watching.poller.account
        await watching.polls_of(2)
        assert [poll.requests for poll in watching.polls[1:]] == [1, 1]
        assert watching.poller.account is first
        watching.break_by("server-error")
        await watching.poll()
        watching.break_by()
        await watching.poll()
        second = watching.poller.account
        assert second is not first
        await watching.poll()
        assert watching.poller.account is second


async def test_a_whole_look_comes_in_time() -> None:
    """At least every five minutes everybody is looked at again."""
    async with watched(40, "incontact") as watching:
        whole = []
        for poll in range(1, 36):
            before = watching.poller.account
            await watching.poll()
            whole += [poll] * (watching.poller.account is not before)
        assert whole == [1, 31]


@CONTRACTS
async def test_the_roster_is_read_in_time(contract: str) -> None:
    """Whole looks use the roster that is known, for five minutes."""
    async with watched(40, contract, times=Times(whole=0)) as watching:
        read = []
        for poll in range(1, 36):
            before = watching.world.emulator.requests["agents", "200"]
            await watching.poll()
            read += [poll] * (watching.world.emulator.requests["agents", "200"] > before)
        assert read == [1, 31]
