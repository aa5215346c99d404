"""Findings over time, looks that are not whole, and what is followed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings.test_account import finding
from tests.live.test_looks import CHECK_OF, account

from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.live.board import Board
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.poller import Poller
from cxone_rollcall.live.seat import Certainty, Seat, Since, Span
from cxone_rollcall.live.troubles import Troubles, why_not_whole
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

SHORT = finding("RC504", explains="34")
OTHERS = finding("RC504", explains="345")
WEAK = finding("RC504", Strength.SUSPECTED, "34")
OF_ALL = finding("RC504", explains="34", everything=True)
REFUSED = finding("RC301", everything=True)
AWAY = finding("RC601", Strength.SUSPECTED, "2")
OPEN = finding("RC902", explains="23")
NONE = frozenset[str]()
NOTE = finding("RC510", Strength.NOTE)


def played(*diagnoses: tuple[tuple[Finding, ...], tuple[str, ...]]) -> list[list[tuple[str, bool]]]:
    """What begins (True) and ends at each diagnosis.

    A diagnosis has what it found, and the codes that its checks did not find."""
    troubles = Troubles()
    return [
        [(one.code, begins) for one, begins in troubles.update(account("1 Busy", found=found, clear=clear))]
        for found, clear in diagnoses
    ]


@pytest.mark.parametrize(
    ("diagnoses", "told"),
    [
        ([((SHORT,), ()), ((SHORT,), ())], [[("RC504", True)], []]),
        ([((SHORT,), ()), ((), ()), ((SHORT,), ())], [[("RC504", True)], [], []]),
        ([((SHORT,), ()), ((), ("RC504",)), ((), ("RC504",))], [[("RC504", True)], [("RC504", False)], []]),
        ([((SHORT,), ()), ((), ("RC510",)), ((), ("RC504",))], [[("RC504", True)], [], [("RC504", False)]]),
        ([((SHORT,), ()), ((OTHERS,), ()), ((OTHERS,), ())], [[("RC504", True)], [("RC504", True)], []]),
        ([((SHORT,), ()), ((WEAK,), ())], [[("RC504", True)], [("RC504", True)]]),
        ([((SHORT,), ()), ((OF_ALL,), ())], [[("RC504", True)], [("RC504", True)]]),
        ([((AWAY, NOTE), ())], [[("RC510", True)]]),
        ([((SHORT, NOTE), ()), ((NOTE,), ("RC504",))], [[("RC504", True), ("RC510", True)], [("RC504", False)]]),
    ],
    ids=["again", "skipped", "clear", "another check", "more agents", "weaker", "all", "benign", "one of two"],
)
def test_a_finding_begins_when_it_changes_and_ends_on_evidence(
    diagnoses: list[tuple[tuple[Finding, ...], tuple[str, ...]]], told: list[list[tuple[str, bool]]]
) -> None:
    """It begins again with another strength or other agents. Only its own check ends it."""
    assert played(*diagnoses) == told


def test_what_was_judged_is_remembered() -> None:
    """A check that ran judges each code that it can find. One that was skipped judges none."""
    troubles = Troubles()
    assert troubles.judged == frozenset()
    list(troubles.update(account("1 Busy", clear=("RC504",))))
    assert "RC504" in troubles.judged
    skipped = replace(account("1 Busy"), outcomes=(Outcome(CHECK_OF["RC510"], Ended.SKIPPED),))
    list(troubles.update(skipped))
    assert "RC510" not in troubles.judged
    list(troubles.update(account("1 Busy", clear=("RC510",))))
    assert {"RC504", "RC510"} <= troubles.judged


def test_a_finding_that_holds_explains_who_is_missing() -> None:
    """Until it ends, it explains the same agents. It replaces RC902."""
    troubles = Troubles()
    before = account("1 Busy", "2 absent", "3 absent", "4 absent", found=(SHORT, AWAY))
    list(troubles.update(before))
    assert troubles.explained(before) == {"2": ("RC601",), "3": ("RC504",), "4": ("RC504",)}
    after = account("2 absent", "3 absent", "4 unknown", "5 LoggedOut", found=(OPEN,))
    list(troubles.update(after))
    assert troubles.explained(after) == {"2": ("RC902",), "3": ("RC504",), "4": ("RC504",)}
    present = account("2 absent", "3 LoggedOut", "4 Busy")
    list(troubles.update(present))
    assert troubles.explained(present) == {"2": ("RC902",)}
    also = account("3 absent", found=(finding("RC303", explains="3"),))
    list(troubles.update(also))
    assert troubles.explained(also) == {"3": ("RC303", "RC504")}


@pytest.mark.parametrize(
    ("agents", "given", "why"),
    [
        (("1 Busy", "2 Busy"), {}, "the roster has 2 agents, not 5: it is read again"),
        (("1 Busy",), {}, "the roster has 1 agent, not 5: it is read again"),
        (("1 Busy", "2 unknown"), {}, "1 agent unknown"),
        (("3 unknown", "2 unknown"), {"found": (AWAY, SHORT)}, "2 agents unknown (RC601 )"),
        (("3 unknown", "7 Busy"), {"found": (AWAY, SHORT)}, "1 agent unknown (RC504 )"),
        (("7 unknown",), {"found": (SHORT, REFUSED)}, "1 agent unknown (RC301 )"),
        (("1 Busy",), {"complete": False}, "the roster is incomplete"),
        (("1 Busy",), {"complete": False, "found": (AWAY, NOTE)}, "the roster is incomplete"),
        (("1 Busy",), {"complete": False, "found": (AWAY, NOTE, SHORT)}, "the roster is incomplete (RC504 )"),
        ((), {}, "no agent could be asked for"),
        ((), {"complete": False, "found": (REFUSED,)}, "no agent could be asked for (RC301 )"),
    ],
)
def test_why_a_look_is_not_whole(agents: tuple[str, ...], given: dict[str, Any], why: str) -> None:
    """The reason counts the unknown agents. It names the first finding that explains one of them."""
    assert why_not_whole(account(*agents, **given), 5) == why


def test_a_poller_is_followed() -> None:
    """Before its first look nothing is known but the client's own facts."""
    clock, contract = SimpleNamespace(now=lambda: 7.0), SimpleNamespace(name="v2")
    client: Any = SimpleNamespace(server_clock=clock, contract=contract, token_expires_at=99.0)
    poller = Poller(client, run="run-1")
    facts = (poller.run_id, poller.now(), poller.contract, poller.token_expires_at, poller.has_board, poller.asked)
    assert facts == ("run-1", 7.0, "v2", 99.0, False, True)
    assert (dict(poller.seats), dict(poller.findings), poller.judged, poller.doubted) == ({}, {}, NONE, NONE)
    poller.account = account("1 Busy", "2 absent", "3 absent", "4 absent", found=(AWAY, SHORT))
    list(poller.troubles.update(poller.account))
    poller.board.put({"1": seat("1")}, confirmed_at=5.0)
    assert (poller.doubted, list(poller.findings), list(poller.seats)) == (frozenset({"3", "4"}), ["RC504"], ["1"])
    assert "RC504" in poller.judged


def seat(agent_id: str, state: str = "Available", as_of: float = 100.0, missed: int = 0) -> Seat:
    """An agent of another board."""
    row = AgentState(agent_id, state)
    since = Since(as_of + 1, Certainty.AT_LEAST)
    return Seat(Agent(agent_id), Standing.PRESENT, row, Groups().of(row), since, as_of, missed)


def test_a_board_takes_the_seats_of_another() -> None:
    """Seats are replaced, or leave. All others are confirmed; those that have missed polls are not."""
    board = Board(Groups())
    board.put({"1": seat("1"), "2": seat("2"), "3": seat("3", missed=1)}, confirmed_at=100.0)
    assert board.counts({}) == {**board.counts({}), "roster": 3, "present": 3}
    board.put({"2": None, "4": None}, confirmed_at=150.0)
    assert [*board.seats] == ["1", "3"]
    assert board.counts({})["roster"] == 2
    moved = board.apply({"1": AgentState("1", "Busy"), "3": AgentState("3", "Busy")}, Span(200.0, 201.0))
    assert [after and after.since for _, after in moved] == [
        Since(201.0, Certainty.BETWEEN, 150.0),
        Since(201.0, Certainty.BETWEEN, 100.0),
    ]
