"""What a poller asks for and tells, look by look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings.test_account import finding
from tests.live.clockwork import Clockwork
from tests.support.written import assert_as_written

from cxone_rollcall.client import IncontactApi
from cxone_rollcall.findings.account import Account, Requests, Tenant
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.live import poller as module
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.live.look import DeltaLook, WholeLook
from cxone_rollcall.live.poller import Poller, Times
from cxone_rollcall.live.seat import Seat, Span
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.roll import Selection
from cxone_rollcall.roll.roster import KnownRoster

START = 1_800_000_000.0
RNG = Random(1)
READ = RosterRead(exchange=1, first_exchange=1, agents=1, pages=1, total=None, page_size=100)
CHECK_OF = {found.code: check.name for check in CHECKS for found in check.finds}


def entry(text: str) -> RollEntry:
    """An agent of a roll, such as `1 Busy@7`, `1 absent` or `1 unknown`.

    The number after @ is the time of its row."""
    agent_id, _, state = text.partition(" ")
    agent = Agent(agent_id, f"Name {agent_id}")
    if state in ("absent", "unknown"):
        return RollEntry(agent, Standing(state))
    row = row_of(agent_id, state)
    return RollEntry(agent, Standing.PRESENT if row.logged_in else Standing.LOGGED_OUT, row)


def row_of(agent_id: str, state: str) -> AgentState:
    """A row of `Busy` or `Busy@7`."""
    name, _, at = state.partition("@")
    return AgentState(agent_id, name, None, format_timestamp(START + float(at)) if at else None)


def account(
    *agents: str,
    complete: bool = True,
    found: tuple[Finding, ...] = (),
    clear: tuple[str, ...] = (),
    lists_all: bool = True,
    requests: Requests | None = None,
) -> Account:
    """The account of these agents. The checks of the codes that are `clear` found nothing."""
    asked = StatesAsked(exchange=1, batches=1, asked=len(agents), rows=len(agents), lists_logged_out=lists_all)
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    ran = [Outcome(CHECK_OF.get(one.code, "?"), Ended.FOUND) for one in found]
    return Account(
        tenant=Tenant(instance="", contract="incontact"),
        case=Case(Roll([entry(one) for one in agents], complete), [asked]),
        findings=found,
        outcomes=(*ran, *(Outcome(CHECK_OF[code], Ended.CLEAR) for code in clear)),
        requests=requests or Requests(sent=5),
        started_at=moment,
        finished_at=moment,
    )


class Looks:
    """A poller that gets the looks of a script. What it asks for and tells is in `lines`.

    A look is given by its seconds and its account or rows; the server's clock stands at the local one.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, times: Times, selection: Selection | None = None) -> None:
        self.lines: list[str] = []
        self.clockwork = Clockwork()
        api = object.__new__(IncontactApi)
        now = SimpleNamespace(now=lambda: START + self.clockwork.now)
        client: Any = SimpleNamespace(api=api, server_clock=now, contract=SimpleNamespace(name="incontact"))
        monkeypatch.setattr(module, "look_at_all", self._whole)
        monkeypatch.setattr(module, "look_at_changes", self._changes)
        clockwork = self.clockwork
        self.poller = Poller(
            client,
            run="run",
            times=times,
            selection=selection,
            clock=clockwork.clock,
            wait=clockwork.wait,
            in_time=self._in_time,
            rng=RNG,
        )
        self.events = self.poller.events()
        self.script: list[Callable[[float], WholeLook | DeltaLook]] = []
        self.took: list[float] = []

    def whole(
        self, made: Account, *, took: float = 1.0, token: int = 1, strangers: str = "", roster: bool = True
    ) -> None:
        """A whole look comes next. One that takes no time is followed by another at once."""
        read = KnownRoster(tuple(one.agent for one in made.roll.entries), READ) if roster else None
        gone = frozenset(strangers.split())
        self.script.append(
            lambda at: WholeLook(
                span=Span(START + at, START + at + took),
                account=made,
                polled=f"t{at:g}",
                roster=read,
                strangers=gone,
                token=token,
            )
        )
        self.took += [took] if took else []

    def delta(self, *rows: str, took: float = 1.0, token: int = 1, failure: str = "") -> None:
        """A look at changes comes next. One that takes no time is followed by a whole look at once."""
        found = {agent_id: row_of(agent_id, state) for agent_id, state in (one.split(" ") for one in rows)}
        self.script.append(
            lambda at: DeltaLook(
                span=Span(START + at, START + at + took),
                rows=found,
                polled=f"t{at:g}",
                failure=failure,
                token=token,
                requests=2,
            )
        )
        self.took += [took] if took else []

    async def poll(self, number: int = 1) -> None:
        """Let some polls happen."""
        for _ in range(number):
            async for event in self.events:
                self.lines += self._in_words(event)
                if isinstance(event, Polled):
                    break

    async def _whole(self, client: object, selection: Selection, *, known: Any, probing: Any, rng: object) -> WholeLook:
        assert rng is RNG
        roster = "none" if known is None else " ".join(sorted(known.ids))
        agents = f", agents {' '.join(selection.agents)}" if selection.agents else ""
        agents += " as sent" if selection.as_sent else ""
        self.lines.append(f"{self.clockwork.now:g}: all, roster known {roster}, probes {probing.value}{agents}")
        look = self.script.pop(0)(self.clockwork.now)
        assert isinstance(look, WholeLook)
        return look

    async def _changes(self, client: object, api: object, *, since: str) -> DeltaLook:
        self.lines.append(f"{self.clockwork.now:g}: changes since {since}")
        look = self.script.pop(0)(self.clockwork.now)
        assert isinstance(look, DeltaLook)
        return look

    async def _in_time(self, task: asyncio.Task[Any], seconds: float) -> bool:
        await asyncio.wait((task,))
        passed = min(self.took[0], max(0.0, seconds))
        self.clockwork.now += passed
        self.took[0] -= passed
        if self.took[0] > 0:
            return False
        self.took.pop(0)
        return True

    def _in_words(self, event: Event) -> Iterator[str]:
        if isinstance(event, BoardShown):
            seats = ", ".join(f"{one.agent.agent_id} {_seat(one)}" for one in event.seats)
            yield f"  board {event.run} {event.poll}, {_at(event.as_of)} to {_at(event.received_at)}: {seats}"
            yield f"    complete {event.complete}, {_counts(event.counts)}"
        elif isinstance(event, Change):
            yield f"  {event.poll}: {event.agent_id} {_seat(event.before)} -> {_seat(event.after)}"
        elif isinstance(event, FindingChanged):
            yield f"  {event.poll}: {event.finding.code} {'begins' if event.begins else 'ends'}"
        else:
            left = {name: getattr(event, name) for name in event.__struct_fields__}
            left["as_of"], left["received_at"] = _at(event.as_of), _at(event.received_at)
            left["counts"] = _counts(event.counts)
            yield "  " + ", ".join(f"{name} {value}" for name, value in left.items())


def _at(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds - START:g}"


def _counts(counts: Any) -> str:
    return " ".join(str(one) for one in counts.values())


def _seat(seat: Seat | None) -> str:
    if seat is None:
        return "nobody"
    since = f"{seat.since.certainty} {_at(seat.since.earliest)} {_at(seat.since.latest)}"
    state = seat.state.state if seat.state else None
    return f"({seat.shown} {state} {seat.group}, {since}, as of {_at(seat.as_of)}, missed {seat.missed})"


ROSTER_SHORT, ALL_REFUSED = finding("RC504", explains="34"), finding("RC301", everything=True)
AWAY, OPEN = finding("RC601", Strength.SUSPECTED, "2"), finding("RC902", explains="23")
NOTE = finding("RC510", Strength.NOTE)
REFUSED = account(complete=False, found=(ALL_REFUSED,), requests=Requests(sent=1))


async def test_what_is_asked_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each poll asks and tells what is written beside this test."""
    looks = Looks(monkeypatch, times=Times(interval=10, whole=60, roster=100, probes=75))
    whole, delta, poll = looks.whole, looks.delta, looks.poll
    whole(account("1 Busy@-5", "2 absent", "3 LoggedOut", found=(AWAY,), requests=Requests(sent=7, probes=2)))
    await poll()
    delta()
    await poll()
    delta("1 Available@15", "2 Busy", "9 Busy")
    await poll()
    whole(account("1 Available@15", "2 absent", "3 LoggedOut", found=(OPEN,)), strangers="9")
    await poll()
    delta("9 Busy", "3 Available@31")
    await poll()
    delta("3 Break", failure="HTTP 500")
    await poll()
    whole(account("1 Break@35", "2 absent", "3 Available@31", "4 unknown", complete=False, found=(ROSTER_SHORT,)))
    await poll()
    whole(account("1 Break@35", "2 absent", "3 Available@31", clear=("RC504",)), took=32.0)
    await poll(4)
    joined = ("3 Available@31", "5 Busy", "6 Busy", "7 LoggedOut")
    whole(account("1 Break@35", "2 absent", *joined))
    await poll()
    delta(took=9.0)
    await poll()
    delta(token=2, took=0)
    whole(account("1 Busy@120", "2 absent", *joined), token=2, roster=False)
    await poll()
    delta(failure="HTTP 503")
    await poll()
    gone = ("1 absent", "2 absent", "3 absent", "5 absent", "6 Busy", "7 absent")
    whole(account(*gone, found=(OPEN,)), took=0, token=2, roster=False)
    whole(account(*gone, found=(OPEN, NOTE)), token=2)
    await poll()
    whole(REFUSED, roster=False)
    looks.clockwork.stopped = 65.0
    await poll(4)
    looks.clockwork.stopped = 25.0
    whole(account("6 Busy", lists_all=False, clear=("RC301",)), token=2)
    await poll(3)
    whole(account("6 Busy", lists_all=False, clear=("RC902",)), token=2)
    await poll()
    whole(account("6 Busy", lists_all=False), token=2)
    await poll()
    await looks.events.aclose()
    assert_as_written(Path(__file__).with_name("looks.txt"), "\n".join(looks.lines) + "\n")


async def test_a_look_that_names_nobody_shows_no_board(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until a look names somebody there is no board. The next one is whole."""
    looks = Looks(monkeypatch, times=Times(interval=10))
    looks.whole(REFUSED, roster=False)
    await looks.poll()
    assert not looks.poller.has_board
    looks.whole(account("1 Busy", "2 unknown", complete=False))
    await looks.poll()
    assert looks.poller.has_board
    looks.whole(account("1 Busy", "2 absent"))
    await looks.poll()
    await looks.events.aclose()
    none = "counts 0 0 0 0 0 0 0 0, requests 1, interval 10, missed no agent could be asked for (RC301 ), corrected 0"
    assert looks.lines[:3] == [
        "0: all, roster known none, probes auto",
        "  1: RC301 begins",
        "  poll 1, as_of None, received_at None, ok False, complete False, age None, "
        f"{none}, took 1.0, roster_complete False, asked True",
    ]
    assert looks.lines[4:6] == [
        "  board run 2, 10 to 11: 1 (present Busy on-contact, at_least None 11, as of 10, missed 0), "
        "2 (unknown None None, at_least None 11, as of 10, missed 0)",
        "    complete False, 2 1 1 0 0 0 0 1",
    ]


async def test_a_selected_agent_is_asked_for_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a look knows whom a name means, ids are asked for."""
    looks = Looks(monkeypatch, times=Times(interval=10, whole=0), selection=Selection(agents=("Ann", "Ben")))
    for made in (account("1 Busy", complete=False), account("1 Busy", "2 Busy"), account("1 Busy", "2 Busy")):
        looks.whole(made)
        await looks.poll()
    await looks.events.aclose()
    asked = [line.rpartition(", ")[2] for line in looks.lines if ": all" in line]
    assert asked == ["agents Ann Ben", "agents Ann Ben", "agents 1 2 as sent"]


async def test_the_end_of_the_events_ends_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look under way is cancelled when nobody takes events any more."""
    cancelled: list[bool] = []

    async def endless(*_given: object, **_named: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    looks = Looks(monkeypatch, times=Times(interval=10))
    monkeypatch.setattr(module, "look_at_all", endless)
    looks.clockwork.patient = False
    looks.poller._in_time = looks.clockwork.in_time  # noqa: SLF001
    await looks.poll()
    assert "missed no whole answer within 10 s" in looks.lines[-1]
    await looks.events.aclose()
    assert cancelled == [True]


def _of_polls(looks: Looks, *names: str) -> list[str]:
    """These values of each poll."""
    told = [dict(one.split(" ", 1) for one in line.strip().split(", ")) for line in looks.lines if "  poll " in line]
    return [" ".join(one[name] for name in names) for one in told]


async def test_a_failure_makes_no_poll_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that fails leaves the interval as it is. A slow one that does not makes it longer."""
    looks = Looks(monkeypatch, times=Times(interval=1))
    looks.whole(account("1 Busy"), took=1.25)
    looks.delta(took=1.25)
    looks.delta(took=0.75, failure="HTTP 500")
    looks.whole(account("1 unknown"), took=0.75)
    looks.whole(account("1 Busy"), took=0.75)
    looks.delta(took=0.25)
    await looks.poll(8)
    await looks.events.aclose()
    ages = [None, 1.25, 2.875, 1.25, 2.625, 3.625, 0.75, 0.25]
    assert _of_polls(looks, "age") == [str(one) for one in ages]
    assert _of_polls(looks, "interval") == ["1", "1.875", "1", "1.875", "1", "1", "1.125", "1"]


@pytest.mark.parametrize(("lists_all", "told"), [(True, ["12.0", "10", "16.5"]), (False, ["12.0", "16.5"])])
async def test_only_whole_looks_need_the_longer_interval(
    lists_all: bool, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a slow whole look, another one has longer. A delta has not."""
    looks = Looks(monkeypatch, times=Times(interval=10))
    looks.whole(account("1 Busy", lists_all=lists_all), took=8.0)
    if lists_all:
        looks.delta(took=11.0)
    else:
        looks.whole(account("1 Busy", lists_all=False), took=11.0)
    await looks.poll(len(told))
    await looks.events.aclose()
    assert _of_polls(looks, "interval") == told


async def test_a_few_may_leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two percent may be absent at once. A tenth may leave the roster."""
    looks = Looks(monkeypatch, times=Times(interval=10, whole=0, probes=9))
    probed = Requests(sent=5, probes=1)

    def floor(absent: int, left: int = 150) -> Account:
        agents = [f"{number} {'absent' if number < absent else 'Busy'}" for number in range(left)]
        return account(*agents, requests=probed)

    looks.whole(floor(0))
    looks.whole(floor(3), roster=False)
    looks.whole(floor(7), took=0, roster=False)
    looks.whole(floor(7))
    looks.whole(floor(7, left=135))
    await looks.poll(4)
    await looks.events.aclose()
    asked = [(line.partition(":")[0], line.rpartition(" ")[2]) for line in looks.lines if ": all" in line]
    assert asked == [("0", "auto"), ("10", "auto"), ("20", "auto"), ("20", "auto"), ("30", "auto")]
    assert _of_polls(looks, "ok", "counts")[-1] == "True 135 128 128 0 7 0 7 0"


async def test_only_what_a_delta_missed_was_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change counts as missed if it is older than a delta. A board is as of its last look."""
    looks = Looks(monkeypatch, times=Times(interval=10, whole=9))
    looks.whole(account("1 Busy@-5"))
    looks.whole(account("1 Break@5"), took=3.0, roster=False, strangers="9")
    looks.delta("9 Busy")
    looks.whole(account("1 Busy@20"))
    await looks.poll(3)
    assert looks.poller.shown().as_of == START + 20
    await looks.poll()
    await looks.events.aclose()
    assert _of_polls(looks, "corrected") == ["0", "0", "0", "0"]
