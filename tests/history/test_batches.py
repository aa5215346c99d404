"""What the recorder stores of a few looks, poll by poll."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.written import assert_as_written

from cxone_rollcall.findings.internal import CheckCrashed, Unexplained
from cxone_rollcall.history.backfilling import closed_gaps
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.export import lines
from cxone_rollcall.history.interval import Open, Status
from cxone_rollcall.history.reading import Window, reading
from cxone_rollcall.history.recorder import Batch, Recorder
from cxone_rollcall.history.recording import seats_of
from cxone_rollcall.history.store import Stopped, Store, writing
from cxone_rollcall.live.board import Board
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import Span
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.version import __version__

START = 1_800_000_000
"""2027-01-15T08:00:00Z."""
DAY = 86_400
ANN = Agent("101", "Ann Lee", "ann", "ann@acme.example", "Support", True, None, "u-1")
BEN = Agent("102", "Ben Okoro", team="Billing", active=True)
BEN_MARRIED = Agent("102", "Ben Lee", team="Support", active=True)
CAT, DAN, EVE = Agent("103", "Cat"), Agent("104", active=False), Agent("105", "Eve", "eve")
TROUBLE = CheckCrashed(evidence=(), check="roster", error="KeyError")


class Recorders:
    """Recorders that follow each other, and their file. Times are in seconds after `START`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batches: list[Batch] = []
        self._causes: dict[str, str] = {}
        self._run = 0

    def begin(self, store: Store) -> None:
        """Begin where the last recorder stopped."""
        self._run, self._poll, self._store = self._run + 1, 0, store
        self._board, self._span, self._is_shown = Board(Groups()), None, False
        stopped = store.stopped()
        self._restored = tuple(seats_of(stopped))
        self.recorder = Recorder(
            f"run-{self._run}",
            opened=stopped.opened,
            people=stopped.people,
            until=stopped.until,
            polled_at=stopped.polled_at,
        )

    _span: Span | None

    def look(self, as_of: float, *entries: RollEntry, whole: bool = True, found: Iterable[bool] = ()) -> None:
        """A look that takes half a second. Its roster may be incomplete. Findings begin (True) or end."""
        self._span = Span(START + as_of, START + as_of + 0.5)
        if self._restored:
            self._board.restore(self._restored, self._span, interval=10.0)
            self._restored = ()
        moved = self._board.settle(entries, self._span, roster_complete=whole)
        changes: list[Event] = [
            Change(poll=0, agent_id=(two or one).agent.agent_id, before=one, after=two)  # type: ignore[union-attr]
            for one, two in moved
        ]
        if not self._is_shown:
            changes, self._is_shown = [self._shown(self._span)], True
        ok = whole and all(one.standing is not Standing.UNKNOWN for one in entries)
        self._take([*changes, *_findings(found)], as_of + 0.5, ok=ok, missed="" if ok else "1 agent unknown")

    def miss(self, at: float, *, found: Iterable[bool] = ()) -> None:
        """A poll without an answer."""
        moved = self._board.miss()
        changes: list[Event] = [
            Change(poll=0, agent_id=two.agent.agent_id, before=one, after=two) for one, two in moved
        ]
        self._take([*changes, *_findings(found)], at, ok=False, missed="HTTP 500")

    def explain(self, at: float, agent: Agent, cause: str) -> None:
        """A poll without an answer. It finds another cause of an unknown agent."""
        seat = self._board.seats[agent.agent_id]
        self._causes[agent.agent_id] = cause
        change = Change(poll=0, agent_id=agent.agent_id, before=seat, after=seat)
        self._take([change], at, ok=False, missed="HTTP 500")

    def see_again(self, at: float) -> None:
        """A whole poll for which the server did not look again."""
        self._take([], at, ok=True, missed="")

    def _shown(self, span: Span) -> BoardShown:
        return BoardShown(
            run="",
            poll=1,
            as_of=span.as_of,
            received_at=span.received_at,
            complete=True,
            counts={},
            seats=tuple(self._board.seats.values()),
        )

    def _take(self, events: list[Event], at: float, *, ok: bool, missed: str) -> None:
        self._poll += 1
        span = self._span
        polled = Polled(
            poll=self._poll,
            as_of=span.as_of if span else None,
            received_at=span.received_at if span else None,
            ok=ok,
            complete=ok,
            age=START + at - span.as_of if span else None,
            counts={},
            requests=1,
            interval=10.0,
            missed=missed,
        )
        for event in (*events, polled):
            batch = self.recorder.take(event, self._board.seats, self._cause)
            if batch is not None:
                self.batches.append(batch)
                self._store.write(batch)

    def _cause(self, agent_id: str) -> str:
        return self._causes.get(agent_id, f"RC{agent_id}")


def _findings(begins: Iterable[bool]) -> list[FindingChanged]:
    return [FindingChanged(poll=0, finding=TROUBLE, begins=one) for one in begins]


def there(agent: Agent, state: str, began: float | None = None) -> RollEntry:
    """An agent with a row. `began` is the server's own time of it."""
    name, _, sub_state = state.partition("/")
    since = None if began is None else format_timestamp(START + began)
    row = AgentState(agent.agent_id, name, sub_state or None, since)
    return RollEntry(agent, Standing.PRESENT if row.logged_in else Standing.LOGGED_OUT, row)


def away(agent: Agent) -> RollEntry:
    """An agent without a row."""
    return RollEntry(agent, Standing.ABSENT)


def unclear(agent: Agent) -> RollEntry:
    """An agent who could not be asked for."""
    return RollEntry(agent, Standing.UNKNOWN)


def three_runs(path: Path) -> Recorders:
    """Three recorders of five agents."""
    made = Recorders(path)
    with writing(path, tenant="acme") as store:
        made.begin(store)
        made.miss(-5, found=[True])
        made.look(0, there(ANN, "Available", -30), there(BEN, "LoggedOut"), unclear(CAT), away(DAN), found=[False])
        made.look(10, there(ANN, "Break/Lunch", 7), there(BEN, "Available"), there(CAT, "Available"), away(DAN))
        made.miss(20)
        made.miss(30)
        made.miss(40, found=[True])
        made.look(50, there(ANN, "Break/Lunch", 7), there(BEN, "Available"), away(DAN), found=[False])
        made.look(60, there(ANN, "Available", 55.2), there(BEN_MARRIED, "Available"), away(DAN), there(EVE, "Busy"))
        made.look(70, there(ANN, "Available", 55.2), unclear(BEN_MARRIED), away(DAN), there(EVE, "Busy"))
        made.look(
            80, there(ANN, "Available", 75.1), there(BEN_MARRIED, "Available"), away(DAN), there(EVE, "ACW", 80.3)
        )
        made.look(90, there(ANN, "Available", 75.1), away(DAN), there(EVE, "ACW", 80.3), whole=False, found=[True])
    with writing(path) as store:
        made.begin(store)
        made.miss(DAY + 8000)
        made.look(DAY + 8010, there(ANN, "Available", 75.1), there(BEN_MARRIED, "Available"), away(DAN), unclear(EVE))
        made.look(DAY + 8020, there(ANN, "LoggedOut"), there(BEN_MARRIED, "Available"), away(DAN), unclear(EVE))
        for at in range(8030, 8100, 10):
            made.see_again(DAY + at)
        made.look(DAY + 8100, there(ANN, "Busy"), there(BEN_MARRIED, "Available"), away(DAN), there(EVE, "Busy"))
        made.look(DAY + 8110, there(ANN, "Busy"), unclear(BEN_MARRIED), away(DAN), unclear(EVE))
    with writing(path) as store:
        made.begin(store)
        made.look(DAY + 8400, unclear(ANN), unclear(DAN), there(EVE, "Busy", 8300))
        made.look(DAY + 8410, unclear(ANN), unclear(DAN), there(EVE, "Busy", 8300))
        made.look(DAY + 8420, there(ANN, "Busy"), unclear(DAN), unclear(EVE))
        made.miss(DAY + 8430)
    return made


def time(value: object) -> object:
    """A time as seconds after `START`. Other values are as they are."""
    if isinstance(value, int) and value > (START - DAY) * 1000:
        return f"{value / 1000 - START:.3f}"
    return value


def in_words(batch: Batch) -> Iterator[str]:
    """A batch, one line for each thing that it adds."""
    poll = batch.poll
    times = f"at {time(poll.at)}, as of {time(poll.as_of)}, received {time(poll.received_at)}"
    yield f"{poll.run} poll {poll.number} {times}: {'ok' if poll.ok else poll.missed}, complete {poll.complete}"
    if batch.resumes is not None:
        yield f"  resumes at {time(batch.resumes)}"
    if batch.down is not None:
        yield f"  down {', '.join(str(time(one)) for one in batch.down)}"
    for agent_id, one in batch.closed:
        yield f"  {agent_id} {time(one.begin)} to {time(one.end)}: {_status(one.status)}, {one.source}, {one.slack}"
    for agent_id, now in batch.opened.items():
        yield f"  {agent_id} {'leaves' if now is None else _open(now)}"
    for person in batch.people:
        yield f"  {time(person.at)} {'on' if person.on_roster else 'off'}: {person.agent}"
    for trouble in batch.troubles:
        begins = "begins" if trouble.begins else "ends"
        yield f"  {trouble.code} {begins} at {time(trouble.at)}: {trouble.strength}, {trouble.message}"
    for proof in batch.proofs:
        yield f"  proof of {proof.agent_id} {time(proof.begin)} to {time(proof.end)}: {proof.text}"


def _status(status: Status) -> str:
    return " ".join(str(one) for one in (status.standing.value, *status_names(status)) if one)


def status_names(status: Status) -> tuple[str | None, ...]:
    """The parts of a status beside its standing."""
    return status.state, status.sub_state, status.group, status.cause


def _open(now: Open) -> str:
    since = now.since
    began = since and f"{since.certainty} {since.latest - START:.3f} {since.earliest and since.earliest - START}"
    kept = {"slack": now.slack, "since": began, "row": now.row_since, "known until": time(now.known_until)}
    words = [f"{name} {value}" for name, value in kept.items() if value is not None]
    held = [] if now.held is None else [f"held {_status(now.held)}"]
    return ", ".join([f"now from {time(now.begin)}: {_status(now.status)}", *words, *held])


def tables(path: Path) -> Iterator[str]:
    """Each row of each table."""
    with closing(sqlite3.connect(path)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for name in names:
            yield f"{name}:"
            found = db.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608  our own names
            rows = (" | ".join("" if one is None else str(time(one)) for one in row) for row in found)
            yield from sorted(f"  {row}".replace(__version__, "VERSION") for row in rows)


def exported(path: Path, window: Window) -> Iterator[str]:
    """The intervals of a window, as programs get them."""
    with reading(path) as history:
        for line in lines(history, window):
            yield "  " + " | ".join(one or "" for one in line)


def after_start(begin: float, end: float) -> Window:
    """A window in seconds after `START`."""
    return Window(round((START + begin) * 1000), round((START + end) * 1000))


def gaps_of(path: Path) -> Iterator[str]:
    """The closed gaps that are filled if a state history has them."""
    for gap in closed_gaps(path, 0):
        causes = ", ".join(f"{one.status.cause} until {time(one.end)}" for one in gap.parts)
        beside = [
            one and f"{_status(one.status)} {time(one.begin)} to {time(one.end)}" for one in (gap.before, gap.after)
        ]
        yield f"  {gap.agent_id} from {time(gap.begin)}: {causes}; dated {time(gap.dated)}"
        yield f"    between {beside[0]} and {beside[1]}"


WINDOWS = {
    "the first minute": after_start(-10, 61),
    "the day between": after_start(100, 94_000),
    "the end": after_start(94_490, 94_900),
}


def test_three_recorders_store_what_was_seen(tmp_path: Path) -> None:
    """Each poll stores what is written beside this test. The file has it, is sound, and gives it back."""
    path = tmp_path / "h.db"
    made = three_runs(path)
    assert check(path).breach == ""
    text = [line for batch in made.batches for line in in_words(batch)] + [*tables(path)]
    for name, window in WINDOWS.items():
        text += [f"exported, {name}:", *exported(path, window)]
    text += ["gaps:", *gaps_of(path)]
    assert_as_written(Path(__file__).with_name("batches.txt"), "\n".join(text) + "\n")


def test_a_stopped_recorder_is_known_again(tmp_path: Path) -> None:
    """The next recorder begins with all that the last one knew. Times of a state are kept to the millisecond."""
    path = tmp_path / "h.db"
    recorder = three_runs(path).recorder
    with writing(path) as store:
        stopped = store.stopped()
    until, polled_at = (START + DAY + 8420) * 1000, (START + DAY + 8430) * 1000
    assert stopped == Stopped(recorder.opened, recorder.people, until, polled_at)


@pytest.mark.parametrize(("found", "cause"), [("RC511", "RC511"), (Unexplained.code, "RC103")])
def test_a_gap_gets_the_cause_that_is_found_later(found: str, cause: str, tmp_path: Path) -> None:
    """The whole gap gets the cause that is found later. If none is found, it keeps its own."""
    made = Recorders(tmp_path / "h.db")
    with writing(made.path, tenant="acme") as store:
        made.begin(store)
        made.look(0, unclear(CAT))
        made.explain(10, CAT, found)
    now = made.recorder.opened["103"]
    assert (time(now.begin), now.status.cause) == ("0.000", cause)


def named(rows: Iterable[str]) -> Iterator[str]:
    """Each row after the name of its table."""
    table = ""
    for row in rows:
        if row.startswith("  "):
            yield table + row
        else:
            table = row
