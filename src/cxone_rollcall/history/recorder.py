"""Turns the events of a poller into what the history stores. Pure: one `Batch` a poll."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import inf

from cxone_rollcall.findings.freshness import OLDEST, AnswerStale
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.history.interval import (
    RECORDER_DOWN,
    Interval,
    Open,
    Person,
    Poll,
    Proof,
    Source,
    Status,
    Trouble,
    milliseconds,
    status_of,
    unknown,
)
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.live.seat import MOST_MISSED, Certainty, Seat
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Record, field, replace

Cause = Callable[[str], str]
"""Why an agent, given by id, is unknown: a finding's code."""


class Batch(Record):
    """What one poll adds. It is stored whole or not at all.

    `opened` has the current interval of each agent in whom it changed, None for one who left the roster. `down` is the
    time before it in which nothing recorded: begin, end and cause. `resumes` is when the
    recorder before this one ended, None if this is not a first batch: findings that were open end then.
    """

    poll: Poll
    closed: list[tuple[str, Interval]] = field(default_factory=list)
    opened: dict[str, Open | None] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    down: tuple[int, int, str] | None = None
    resumes: int | None = None


class Recorder:
    """Follows one poller.

    `opened` has the intervals that were open when the last recorder stopped, `people` the agents as it knew them, and
    `until` the time of its last look, `polled_at` when its last poll ended; both are 0 if there was none. What was open
    becomes a gap until the first board, with `down` as its cause. The poller's board must have been restored from the
    same history: so an agent who is not on the first board has left the roster.

    In the history the moment of a poll is its `as_of`: then it shows what the board of this poll shows, so a gap begins
    a millisecond later. Only a state that began later by the server's own time, while answers were still coming, begins
    later. If a look lasted so long that polls were missed meanwhile, its moment is its end: those polls knew nothing of
    it, and nobody knows when in that time its rows were true.

    If the server itself did not look for a minute and three intervals, that time is a gap, too: its answers were whole,
    but old.
    """

    def __init__(
        self,
        run: str,
        *,
        opened: Mapping[str, Open],
        people: Mapping[str, Agent],
        until: int,
        polled_at: int,
        down: str = RECORDER_DOWN,
    ) -> None:
        self.run = run
        self.opened = dict(opened)
        self.people = dict(people)
        self.until = until
        self._polled_at = polled_at
        self._at = self._as_of = until
        self._missed_at: float | None = None
        """When the poll before ended, if it was missed. Infinite if that is not known."""
        self._stands_still = False
        """Whether the poll before was whole, but showed nothing newer."""
        self._why_down, self._down = down, unknown(down)
        self._missed = frozenset(one for one, now in opened.items() if now.known_until is not None)
        self._events: list[Event] = []

    def take(self, event: Event, seats: Mapping[str, Seat], cause: Cause) -> Batch | None:
        """Take an event. The last one of a poll returns what to store; before the first board there is nothing.

        `seats` is the poller's board as of this event.
        """
        if not isinstance(event, Polled):
            self._events.append(event)
            return None
        if event.as_of is None or event.received_at is None:
            self._missed_at = inf
            return None
        events, self._events = self._events, []
        before, self.until = self.until, max(self.until, self._moment(event.as_of, event.received_at))
        looked, polled_at = self.until > before, self._polled_at
        batch = Batch(self._poll(event, looked=looked))
        limit = milliseconds(max(OLDEST, MOST_MISSED * event.interval))
        was_old = looked and self._stands_still and polled_at - before > limit
        if was_old:
            self._lose_sight(batch, seats, before)
        for one in events:
            if isinstance(one, BoardShown):
                self._start(batch, one.seats, before, cause)
            elif isinstance(one, Change):
                self._change(batch, one, cause)
            elif isinstance(one, FindingChanged):
                batch.troubles.append(_trouble(one, self.until))
        for seat in seats.values() if was_old else ():
            if not seat.missed:
                self._see(batch, seat, cause)
        if looked:
            self._note_missed(batch, seats.values(), all_seen=event.ok)
        self._polled_at = batch.poll.received_at
        self._missed_at = None if event.ok or looked else self._polled_at
        self._stands_still = event.ok and not looked
        return batch

    def _moment(self, as_of: float, received_at: float) -> int:
        """The moment of a poll's last look."""
        looked_at, before = milliseconds(as_of), self._as_of
        self._as_of = max(before, looked_at)
        if looked_at <= before:
            return before
        is_late = self._missed_at is not None and looked_at <= self._missed_at
        return milliseconds(received_at) if is_late else looked_at

    def _poll(self, event: Polled, *, looked: bool) -> Poll:
        age = milliseconds(event.age or 0.0) - (self.until - self._as_of)
        received_at = max(self._polled_at, self.until + max(0, age))
        self._at = max(self._at, self.until if looked else received_at)
        return Poll(self.run, event.poll, self._at, self.until, event.ok, event.complete, event.missed, received_at)

    def _start(self, batch: Batch, seats: Iterable[Seat], stopped: int, cause: Cause) -> None:
        """Take the first board. What was open is a gap since the last recorder, or since the agent was last seen."""
        batch.resumes = self._polled_at
        if 0 < self._polled_at < self.until:
            batch.down = self._polled_at + 1, self.until, self._why_down
        for agent_id, now in list(self.opened.items()):
            if now.is_gap:
                self._split(batch, agent_id, now, self._polled_at + 1, self._down)
            else:
                self._lose(batch, agent_id, now.known_until or stopped, self._down)
        board = {seat.agent.agent_id: seat for seat in seats}
        for agent_id, seat in board.items():
            if agent_id in self.opened and seat.shown is Standing.UNKNOWN:
                self._split(batch, agent_id, self.opened[agent_id], self.until, unknown(cause(agent_id)))
            else:
                self._see(batch, seat, cause)
        for agent_id in self.opened.keys() - board.keys():
            self._leave(batch, agent_id)

    def _change(self, batch: Batch, change: Change, cause: Cause) -> None:
        after = change.after
        if after is None:
            self._leave(batch, change.agent_id)
        elif after.shown is Standing.UNKNOWN:
            self._name(batch, after.agent)
            self._lose(batch, change.agent_id, milliseconds(after.as_of), unknown(cause(change.agent_id)))
        else:
            self._see(batch, after, cause)

    def _see(self, batch: Batch, seat: Seat, cause: Cause) -> None:
        """Open the interval of what a seat shows, if it is new."""
        agent_id = seat.agent.agent_id
        self._name(batch, seat.agent)
        now, row_since = self.opened.get(agent_id), seat.state.since if seat.state is not None else None
        seen = Open(self.until, status_of(seat, cause=cause(agent_id)), since=seat.since, row_since=row_since)
        if now is None:
            self._open(batch, agent_id, seen)
        elif now.status == seen.status:
            if (now.since, now.row_since) != (seen.since, seen.row_since):
                self._open(batch, agent_id, replace(now, since=seen.since, row_since=seen.row_since))
        elif now.is_gap:
            if now.began is not None and (now.held, now.row_since) == (seen.status, seen.row_since):
                self._prove(batch, agent_id, now, seen.status, milliseconds(seat.as_of) if seat.missed else self._as_of)
            else:
                self._close(batch, agent_id, now, self.until)
            self._open(batch, agent_id, replace(seen, begin=max(now.begin, self.until)))
        else:
            exact = seat.since.certainty is Certainty.EXACT
            begin = max(now.begin, milliseconds(seat.since.latest) if exact else self.until)
            self._close(batch, agent_id, now, begin)
            self._open(batch, agent_id, replace(seen, begin=begin, slack=_slack(seat)))

    def _lose(self, batch: Batch, agent_id: str, known_until: int, gap: Status) -> None:
        """Open a gap where the agent was last confirmed. One that is open gets the cause that is known now."""
        now = self.opened.get(agent_id)
        if now is None:
            self._open(batch, agent_id, Open(self.until, gap))
        elif now.is_gap:
            if now.status != gap and gap.cause != Unexplained.code:
                self._open(batch, agent_id, replace(now, status=gap))
        else:
            begin = max(now.begin, known_until + 1)
            self._close(batch, agent_id, now, begin)
            gap_now = Open(begin, gap, since=now.since, row_since=now.row_since, held=now.status)
            self._open(batch, agent_id, gap_now)

    def _lose_sight(self, batch: Batch, seats: Mapping[str, Seat], known_until: int) -> None:
        """Open a gap for everybody whom this look shows. It began when they were last confirmed."""
        for agent_id, now in list(self.opened.items()):
            seat = seats.get(agent_id)
            if not now.is_gap and (seat is None or not seat.missed):
                self._lose(batch, agent_id, known_until, unknown(AnswerStale.code))

    def _split(self, batch: Batch, agent_id: str, now: Open, at: int, gap: Status) -> None:
        """End a gap where another cause begins."""
        begin = max(now.begin, at)
        self._close(batch, agent_id, now, begin)
        self._open(batch, agent_id, replace(now, begin=begin, status=gap))

    def _prove(self, batch: Batch, agent_id: str, gap: Open, held: Status, seen_at: int) -> None:
        """Close a gap as inferred. The row after it is the row before it, which the server dated.

        That is proven until the look that had the row began. The rest stays a gap.
        """
        until = min(self.until, max(gap.begin, seen_at))
        if until > gap.begin:
            batch.closed.append((agent_id, Interval(gap.begin, until, held, None, Source.INFERRED)))
            text = f"before and after the gap the server dated this state {gap.row_since}"
            batch.proofs.append(Proof(agent_id, gap.begin, until, text))
        self._close(batch, agent_id, replace(gap, begin=until), self.until)

    def _note_missed(self, batch: Batch, seats: Iterable[Seat], *, all_seen: bool) -> None:
        """Keep when agents that this look missed were last confirmed."""
        missed = {} if all_seen else {seat.agent.agent_id: seat for seat in seats if seat.missed}
        for agent_id in self._missed - missed.keys():
            if agent_id in self.opened and self.opened[agent_id].known_until is not None:
                self._open(batch, agent_id, replace(self.opened[agent_id], known_until=None))
        for agent_id, seat in missed.items():
            now = self.opened.get(agent_id)
            if now is not None and not now.is_gap and now.known_until is None:
                self._open(batch, agent_id, replace(now, known_until=milliseconds(seat.as_of)))
        self._missed = frozenset(missed)

    def _leave(self, batch: Batch, agent_id: str) -> None:
        """Close the interval of an agent who left the roster."""
        now = self.opened.pop(agent_id, None)
        if now is not None:
            self._close(batch, agent_id, now, max(now.begin, self.until))
            batch.opened[agent_id] = None
            batch.people.append(Person(self.until, self.people.pop(agent_id), on_roster=False))

    def _name(self, batch: Batch, agent: Agent) -> None:
        before = self.people.get(agent.agent_id)
        if before is agent:
            return
        self.people[agent.agent_id] = agent
        if before is None or _named(before) != _named(agent):
            batch.people.append(Person(self.until, agent))

    def _open(self, batch: Batch, agent_id: str, now: Open) -> None:
        self.opened[agent_id] = batch.opened[agent_id] = now

    def _close(self, batch: Batch, agent_id: str, now: Open, end: int) -> None:
        """Close an interval. One without a length is left out."""
        if end > now.begin:
            batch.closed.append((agent_id, now.until(end)))


def _named(agent: Agent) -> tuple[object, ...]:
    """What the history keeps of an agent. Its last login is not part of it."""
    return (*agent.known_as, agent.team, agent.active)


def _slack(seat: Seat) -> int | None:
    """The milliseconds within which a state began that was seen to change."""
    since = seat.since
    return None if since.earliest is None else milliseconds(since.latest) - milliseconds(since.earliest)


def _trouble(event: FindingChanged, at: int) -> Trouble:
    finding = event.finding
    return Trouble(at, finding.code, event.begins, finding.strength.value, finding.text)
