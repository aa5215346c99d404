"""One tenant's board, as its records tell it. Turns them into the events that a poller gives. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache

from cxone_rollcall.findings.catalogue import by_code
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.fleet.records import Floor, Looked, Note, Record, seen_until
from cxone_rollcall.live.board import Board
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import MOST_MISSED, Seat
from cxone_rollcall.model.struct import replace

UNHEARD = "no poll of it has been heard of yet"


class View:
    """A tenant as readers see it. `board` is that of its records, and of the polls that no worker did.

    `owner` is the worker of the last record, None without one. `clock` counts seconds and never goes back; `heard` is
    when the last poll ended, by this clock. `slack` is how many seconds a poll may take to be heard of. The numbers of
    the polls are the view's own.
    """

    def __init__(
        self,
        floor: Floor,
        *,
        run: str,
        owner: str | None,
        interval: float,
        slack: float,
        heard: float,
        clock: Callable[[], float],
        contract: str | None = None,
    ) -> None:
        self.run_id = run
        self.owner = owner
        self.contract = contract
        self.token_expires_at = None
        self.floor = floor
        self.board = Board(Groups())
        self.codes: Mapping[str, tuple[str, ...]] = dict(floor.codes)
        self.poll = 0
        self._clock = clock
        self._slack = slack
        self._heard = heard
        self._missed = 0
        self._apart = False
        """Whether the board's seats have missed more polls than the recorded ones."""
        self._has_board = False
        self._changed: dict[str, None] = {}
        self._ahead = None if floor.as_of is None else floor.as_of - heard
        """How far the tenant's clock is ahead of ours, in seconds."""
        self._run = ""
        """The run of the last poll, by its worker."""
        self._last = Polled(
            poll=0,
            as_of=floor.as_of,
            received_at=floor.as_of,
            ok=False,
            complete=False,
            age=None,
            counts={},
            requests=0,
            interval=floor.interval or interval,
            missed=UNHEARD,
        )
        self.board.put(floor.seats, confirmed_at=floor.as_of or 0.0)

    @property
    def interval(self) -> float:
        """Seconds between two polls."""
        return self._last.interval

    @property
    def seats(self) -> Mapping[str, Seat]:
        """The seats that are shown, by id."""
        return self.board.seats

    @property
    def judged(self) -> Collection[str]:
        """The codes whose check has run. Its worker begins anew."""
        return self.floor.judged

    @property
    def doubted(self) -> Collection[str]:
        """Ids of the agents whose absence says nothing. They may be logged in."""
        return self.floor.doubted

    @property
    def findings(self) -> Mapping[str, Finding]:
        """The findings that hold now, by code."""
        return {code: told(note) for code, note in self.floor.notes.items()}

    def now(self) -> float | None:
        """The time by the tenant's clock. None before the first poll."""
        return None if self._ahead is None else self._clock() + self._ahead

    def shown(self) -> BoardShown:
        """The board as of the last poll."""
        last = self._last
        return BoardShown(
            run=self.run_id,
            poll=self.poll,
            as_of=last.as_of or 0.0,
            received_at=last.received_at or last.as_of or 0.0,
            complete=last.complete and not self._missed,
            counts=self.board.counts(self.codes),
            seats=tuple(self.board.seats.values()),
        )

    def begin(self) -> list[Event]:
        """What a reader who begins is shown, as it is now. [] if nothing was ever seen."""
        if self._last.as_of is None:
            return []
        self._has_board = True
        missed = self.tick()
        return [self.shown(), missed[-1] if missed else self._polled()]

    def lacks(self, record: Record, sequence: int) -> bool:
        """Whether records before this one are missing. Then the tenant must be read anew."""
        return sequence > self.floor.sequence and record.number - len(record.changes) != self.floor.number

    def take(self, record: Record, sequence: int, heard: float) -> list[Event]:
        """Take the next record. [] if it ends no poll, or is known already."""
        if sequence <= self.floor.sequence:
            return []
        before = set(self.floor.notes)
        self.floor.apply(record, sequence)
        self.owner = record.owner
        self._changed.update(dict.fromkeys(one.agent_id for one in record.changes))
        if record.take or record.more or record.polled is None:
            return []
        changed, self._changed = self._changed, {}
        self.codes = dict(self.floor.codes)
        return self._end_poll(record.run, record.polled, heard, changed, self._noted(before, record.notes))

    def confirm(self, looked: Looked, owner: str, heard: float) -> list[Event]:
        """Take a poll that changed nothing. [] unless it is newer than what is known, and all before it is here."""
        polled, last = looked.polled, self._last
        if looked.run == self._run:
            newer = polled.poll > last.poll
        else:
            newer = polled.as_of is None or last.as_of is None or polled.as_of >= last.as_of
        if owner != self.owner or looked.number != self.floor.number or self._changed or not newer:
            return []
        return self._end_poll(looked.run, polled, heard, {}, [])

    def tick(self, why: str = "") -> list[Event]:
        """The polls that should have ended by now, and did not. `why` is the cause, if it is known."""
        silent = self._clock() - self._heard
        due = int((silent - self._slack) / self._last.interval) - 1
        new, self._missed = max(0, due - self._missed), max(due, self._missed)
        events: list[Event] = []
        for _ in range(min(new, MOST_MISSED)):  # after as many, everybody is unknown
            moved, self._apart = self.board.miss(), True
            self.poll += 1
            events += (self._change(after.agent.agent_id, before, after) for before, after in moved)
            events.append(self._polled(missed=why or f"no worker has polled it for {silent:.0f} s"))
        return events

    def _end_poll(
        self, run: str, polled: Polled, heard: float, changed: Mapping[str, None], noted: list[tuple[Finding, bool]]
    ) -> list[Event]:
        self.poll += 1
        blind = not polled.ok and (polled.as_of is None or polled.as_of == self._last.as_of)  # it saw nobody
        if polled.as_of is None:
            polled = replace(polled, as_of=self._last.as_of, received_at=self._last.received_at)
        self._keep_time(run, polled, heard)
        others = self.board.seats if blind else self.floor.seats if self._apart else {}
        before = {one: self.board.seats.get(one) for one in (*others, *changed)}
        if blind:
            self.board.miss()
        seats = {one: self.floor.seats.get(one) for one in (changed if blind else before)}
        self.board.put(seats, confirmed_at=self.floor.as_of or 0.0)
        self._run, self._last, self._missed, self._apart = run, polled, 0, blind
        if not self._has_board and polled.as_of is not None:
            return self.begin()
        pairs = {one: (seat, self.board.seats.get(one)) for one, seat in before.items()}
        events: list[Event] = [
            self._change(one, *pair)
            for one, pair in pairs.items()
            if any(pair) and (one in changed or not _look_alike(*pair))
        ]
        events += (FindingChanged(poll=self.poll, finding=finding, begins=begins) for finding, begins in noted)
        return [*events, self._polled()]

    def _keep_time(self, run: str, polled: Polled, heard: float) -> None:
        """Take the tenant's time. A poll that was heard of late shows too little, so the most counts, in one run."""
        self.floor.see(seen_until(polled))
        if polled.as_of is not None and polled.age is not None:
            ahead = polled.as_of + polled.age - heard
            same = self._ahead is not None and run == self._run
            self._ahead = max(ahead, self._ahead) if same and self._ahead is not None else ahead
        self._heard = max(heard, self._heard)

    def _noted(self, before: Iterable[str], notes: Iterable[Note]) -> list[tuple[Finding, bool]]:
        """The findings that begin, and those that end."""
        begun = [(told(note), True) for note in notes if note.begins]
        ended = {note.code: note for note in notes if not note.begins}
        gone = [code for code in before if code not in self.floor.notes]
        return begun + [(told(ended.get(code) or Note(code, False, Strength.NOTE.value, "")), False) for code in gone]

    def _change(self, agent_id: str, before: Seat | None, after: Seat | None) -> Change:
        return Change(poll=self.poll, agent_id=agent_id, before=before, after=after)

    def _polled(self, *, missed: str = "") -> Polled:
        """The end of the last poll, or of a missed one."""
        last, now = self._last, self.now()
        age = last.age
        if age is None or missed:
            age = None if now is None or last.as_of is None else max(0.0, now - last.as_of)
        return replace(
            last,
            poll=self.poll,
            ok=last.ok and not missed,
            complete=last.complete and not missed,
            age=age,
            counts=self.board.counts(self.codes),
            requests=0,
            missed=missed or last.missed,
            corrected=0,
            took=None,
            asked=not missed,
        )


def _look_alike(before: Seat | None, after: Seat | None) -> bool:
    return before is not None and after is not None and before.looks_like(after)


class _Told(Finding, frozen=True, kw_only=True):
    """A finding as a worker told it. Its agents and evidence stay with the worker."""

    said: str


@cache
def _kind(code: str) -> type[_Told]:
    """The findings of this code. Only a newer version may know it."""
    known = by_code(code)
    names = {
        "code": code,
        "name": known.name if known else code,
        "message": "{said}",
        "fix": f"rollcall explain {code}",
    }
    return type(f"Told{code}", (_Told,), {**names, "__module__": __name__})


def told(note: Note) -> Finding:
    """The finding of a note."""
    kind, strength = _kind(note.code), Strength(note.strength)
    return kind(strength=strength, evidence=(), said=note.message, explains_all=note.explains_all)
