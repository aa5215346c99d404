"""Polls one tenant, and yields what happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Any

from cxone_rollcall.client import Client, IncontactApi
from cxone_rollcall.diagnose import Probing
from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.live.board import Board, Moved
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.look import DeltaLook, WholeLook, look_at_all, look_at_changes
from cxone_rollcall.live.seat import MOST_MISSED, Seat, Span
from cxone_rollcall.live.troubles import Troubles, why_not_whole
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value, replace
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.roll import Selection
from cxone_rollcall.roll.roster import KnownRoster

LEAST_SHARE = 0.9
"""Least share of the agents for a trusted roster. A smaller one is read twice."""
MOST_GONE, SHARE_GONE = 2, 0.02
"""Agents, and share of the roster, that may vanish at once.

If more of them have no state any more, the roster is read again first."""
STRETCH = 1.5
"""Least ratio of an interval to a whole look's duration. So a slow server has pauses."""
SLOW = 300.0
"""Seconds between two looks at what seldom changes, or costs much."""


class Times(Value, frozen=True, kw_only=True):
    """How often what is asked, in seconds."""

    interval: float = 10.0
    whole: float = SLOW
    """The longest time between two whole looks. In between are deltas, if the API has them."""
    roster: float = SLOW
    """The longest time between two readings of the roster."""
    probes: float = SLOW
    """The shortest time between two runs with probes."""


async def in_time(task: asyncio.Task[Any], seconds: float) -> bool:
    """Wait for a task, at most some seconds. Returns whether it is done."""
    await asyncio.wait((task,), timeout=seconds)
    return task.done()


class Poller:
    """Polls with one client at an interval.

    It begins with a whole look; deltas or whole looks follow.

    `board`, `troubles` and `poll`, the number of the poll, are as of the last event; `asked` is whether anything was
    asked in it. `account` is the last diagnosis, and `codes` are those of the findings that explain each agent. `clock`
    counts seconds and never goes back; `wait` sleeps for some of them, and `in_time` waits for a task, at most some
    seconds, and returns whether it is done.
    """

    def __init__(
        self,
        client: Client,
        *,
        run: str,
        times: Times | None = None,
        selection: Selection | None = None,
        groups: Groups | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
        in_time: Callable[[asyncio.Task[Any], float], Awaitable[bool]] = in_time,
        rng: Random | None = None,
    ) -> None:
        self.client = client
        self.run_id = run
        self.groups = groups or Groups()
        self.board = Board(self.groups)
        self.troubles = Troubles()
        self.account: Account | None = None
        self.codes: Mapping[str, tuple[str, ...]] = {}
        self.poll = 0
        self.asked = True
        self._times = times or Times()
        self._selection = selection or Selection()
        self._clock = clock
        self._wait = wait
        self._in_time = in_time
        self._rng = rng
        self._interval = self._times.interval
        self._span: Span | None = None
        self._shown: Span | None = None
        self._ok = False
        self._token = 0
        self._whole_took = 0.0
        self._took: float | None = None
        self._roster: KnownRoster | None = None
        self._strangers: frozenset[str] = frozenset()
        self._doubted: frozenset[str] | None = None
        self._cursor: str | None = None
        self._delta_as_of: float | None = None
        self._whole_due = self._roster_due = self._probes_due = -1.0
        self._restored: tuple[Seat, ...] = ()

    def restore(self, seats: Iterable[Seat]) -> None:
        """Begin with the seats of an earlier run of the same tenant."""
        self._restored = tuple(seats)

    @property
    def seats(self) -> Mapping[str, Seat]:
        """The seats of the board, by id."""
        return self.board.seats

    @property
    def findings(self) -> Mapping[str, Finding]:
        """The findings that hold now, by code."""
        return self.troubles.now

    @property
    def judged(self) -> frozenset[str]:
        """The codes whose check has run so far. Of others nothing is known."""
        return self.troubles.judged

    @property
    def doubted(self) -> frozenset[str]:
        """Ids of the agents whose absence says nothing. They may be logged in."""
        return frozenset() if self.account is None else self.account.doubted

    @property
    def contract(self) -> str:
        """The name of the contract that the server speaks."""
        return self.client.contract.name

    @property
    def token_expires_at(self) -> float | None:
        """When the token expires, None if that is not known."""
        return self.client.token_expires_at

    def now(self) -> float:
        """The time, by the server's clock."""
        return self.client.server_clock.now()

    @property
    def has_board(self) -> bool:
        """Whether the first board was shown."""
        return self._shown is not None

    async def events(self) -> AsyncGenerator[Event, None]:
        """Poll until the generator is closed. Each poll ends with a `Polled`; the first whole look gives the board."""
        looking: asyncio.Task[WholeLook | DeltaLook] | None = None
        look_began = began = self._clock()
        stopped = 0.0
        try:
            while True:
                if looking is None:
                    look_began, stopped = began, 0.0
                    self._interval = self._stretched(0.0 if self._may_ask_changes() else self._whole_took)
                    looking = asyncio.ensure_future(self._look())
                due = began + self._interval
                in_time = await self._in_time(looking, due - self._clock())
                stopped += max(0.0, self._clock() - due)  # the wait ends when it is due, unless this process is stopped
                self.poll += 1
                self._took = None
                if in_time:
                    look, looking = looking.result(), None
                    ended = self._clock()
                    self._took = ended - look_began - stopped
                    for event in self._take(look, took=self._took):
                        yield event
                    due = max(look_began + self._interval, min(ended, due))
                    await self._wait(max(0.0, due - self._clock()))
                else:
                    for event in self._miss(f"no whole answer within {self._interval:g} s", requests=0):
                        yield event
                began = self._clock()
                for event in self._lose(began - due):
                    yield event
        finally:
            if looking is not None:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)

    def _stretched(self, took: float) -> float:
        """The interval for looks that take `took` seconds."""
        return max(self._times.interval, took * STRETCH)

    def _may_ask_changes(self) -> bool:
        return self._cursor is not None and self._clock() < self._whole_due

    async def _look(self) -> WholeLook | DeltaLook:
        now, api = self._clock(), self.client.api
        if self._cursor is not None and self._may_ask_changes() and isinstance(api, IncontactApi):
            changes = await look_at_changes(self.client, api, since=self._cursor)
            if changes.failure or changes.token == self._token:
                return changes
        probing = Probing.AUTO if now >= self._probes_due else Probing.OFF
        known = self._roster if now < self._roster_due else None
        look = await look_at_all(self.client, self._selection, known=known, probing=probing, rng=self._rng)
        if known is not None and self._too_many_gone(look):
            look = await look_at_all(self.client, self._selection, known=None, probing=probing, rng=self._rng)
        return look

    def _too_many_gone(self, look: WholeLook) -> bool:
        """Whether too many present agents have no state any more.

        They may be hidden from us now. Then the roster, which is read again, lacks them, and nobody has logged out.
        """
        seats = self.board.seats
        gone = sum(
            entry.standing is Standing.ABSENT
            and (seat := seats.get(entry.agent.agent_id)) is not None
            and seat.standing is Standing.PRESENT
            for entry in look.roll.entries
        )
        return gone > max(MOST_GONE, SHARE_GONE * len(seats))

    def _take(self, look: WholeLook | DeltaLook, *, took: float) -> Iterator[Event]:
        if isinstance(look, DeltaLook):
            self._interval = self._stretched(0.0 if look.failure else took)
            yield from self._take_delta(look)
        else:
            yield from self._take_whole(look, took=took)

    def _take_delta(self, look: DeltaLook) -> Iterator[Event]:
        if look.failure:
            self._cursor = None  # a whole look comes next
            yield from self._miss(look.failure, requests=look.requests)
            return
        known = self._roster.ids if self._roster is not None else frozenset()
        if not known.issuperset(look.rows.keys() - self._strangers):
            self._whole_due = self._roster_due = self._clock()
        moved = self.board.apply(look.rows, look.span)
        self._cursor, self._delta_as_of = look.polled, look.span.as_of
        self._span = look.span
        if any(agent_id in self.codes for agent_id in look.rows):
            before = self.codes
            self.codes = {one: codes for one, codes in before.items() if one not in look.rows}
            moved += self._explained_anew(moved, before)
        yield from self._changes(moved)
        yield self._polled(ok=True, requests=look.requests)

    def _take_whole(self, look: WholeLook, *, took: float) -> Iterator[Event]:
        now, roll = self._clock(), look.roll
        if self._restored and roll.entries:
            self.board.restore(self._restored, look.span, interval=self._times.interval)
            self._restored = ()
        complete = roll.roster_complete and self._believes(look)
        ok = complete and not roll.count()[Standing.UNKNOWN]
        moved = self.board.settle(roll.entries, look.span, roster_complete=complete)
        corrected = self._corrected(moved)
        self._whole_due = now + self._times.whole
        self._whole_took = took if ok else 0.0  # a failing server must not delay the news of it
        self._interval = self._stretched(self._whole_took)
        if look.roster is not None:
            self._roster_due = now + self._times.roster
        came = look.roster is None and not look.strangers <= self._strangers
        self._roster = (look.roster or self._roster) if complete and not came else None
        self._strangers = look.strangers
        if complete and self._selection.agents and not self._selection.as_sent:
            # The agents who were meant are now known. One who leaves the roster is no mistyped name.
            ids = tuple(entry.agent.agent_id for entry in roll.entries)
            self._selection = replace(self._selection, agents=ids, as_sent=True)
        if look.account.requests.probes:
            self._probes_due = now + self._times.probes
        self._cursor = look.polled if ok and not corrected and _lists_everybody(look.account) else None
        self._delta_as_of, self._token = None, look.token
        if ok or roll.count()[Standing.UNKNOWN] < len(roll):
            self._span = look.span
        self.account = look.account
        news, before = list(self.troubles.update(look.account)), self.codes
        self.codes = self.troubles.explained(look.account)
        if self._shown is not None:
            yield from self._changes([*moved, *self._explained_anew(moved, before)])
        elif ok or roll.entries:
            self._shown, self._ok = look.span, ok
            yield self.shown()
        for finding, begins in news:
            yield FindingChanged(poll=self.poll, finding=finding, begins=begins)
        missed = "" if ok else why_not_whole(look.account, len(self.board.seats))
        yield self._polled(ok=ok, requests=look.requests, missed=missed, corrected=corrected)

    def _miss(self, why: str, *, requests: int) -> Iterator[Event]:
        yield from self._changes(self.board.miss())
        yield self._polled(ok=False, requests=requests, missed=why)

    def _lose(self, seconds: float) -> Iterator[Event]:
        """The polls that this process did not do. It was stopped, or whoever takes the events was slow."""
        self.asked = False
        for _ in range(min(int(seconds / self._interval), MOST_MISSED)):
            self.poll, self._took = self.poll + 1, None
            yield from self._miss(f"nothing was polled for {seconds:.0f} s", requests=0)
        self.asked = True

    def _believes(self, look: WholeLook) -> bool:
        """Whether a roster that was read may take agents off the board.

        A much smaller one is read twice first. An empty one never: it may be withheld from us.
        """
        if look.roster is None:
            return True
        if not look.roster.agents:
            return False
        ids = frozenset(entry.agent.agent_id for entry in look.roll.entries)
        if len(ids) >= LEAST_SHARE * len(self.board.seats) or ids == self._doubted:
            self._doubted = None
            return True
        self._doubted = ids
        return False

    def _corrected(self, moved: list[Moved]) -> int:
        """Count changes that the last delta missed. Their rows began before it."""
        if self._delta_as_of is None:
            return 0
        changed = (
            after.state
            for before, after in moved
            if before and after and after.state and not before.same_as(after.standing, after.state)
        )
        began = (parse_timestamp(state.since) for state in changed)
        return sum(one is not None and one < self._delta_as_of for one in began)

    def _explained_anew(self, moved: list[Moved], before: Mapping[str, tuple[str, ...]]) -> Iterator[Moved]:
        """The seats whose findings differ, but nothing else."""
        differ = {one for one in before.keys() | self.codes.keys() if before.get(one) != self.codes.get(one)}
        differ.difference_update(seat.agent.agent_id for pair in moved for seat in pair if seat is not None)
        return ((seat, seat) for one, seat in self.board.seats.items() if one in differ)

    def shown(self) -> BoardShown:
        """The board as of the last poll, for a reader who begins."""
        span = self._span or self._shown
        assert span is not None  # noqa: S101  there is no board before the first look
        return BoardShown(
            run=self.run_id,
            poll=self.poll,
            as_of=span.as_of,
            received_at=span.received_at,
            complete=self._ok,
            counts=self.board.counts(self.codes),
            seats=tuple(self.board.seats.values()),
        )

    def _changes(self, moved: Iterable[Moved]) -> Iterator[Change]:
        for before, after in moved:
            seat = after or before
            assert seat is not None  # noqa: S101  one of them is there
            yield Change(poll=self.poll, agent_id=seat.agent.agent_id, before=before, after=after)

    def _polled(self, *, ok: bool, requests: int, missed: str = "", corrected: int = 0) -> Polled:
        span, self._ok = self._span, ok
        return Polled(
            poll=self.poll,
            as_of=span.as_of if span else None,
            received_at=span.received_at if span else None,
            ok=ok,
            complete=ok,
            age=max(0.0, self.client.server_clock.now() - span.as_of) if span else None,
            counts=self.board.counts(self.codes),
            requests=requests,
            interval=self._interval,
            missed=missed,
            corrected=corrected,
            took=self._took,
            roster_complete=self._roster_complete,
            asked=self.asked,
        )

    @property
    def _roster_complete(self) -> bool:
        return self.account is not None and self.account.roll.roster_complete


def _lists_everybody(account: Account) -> bool:
    """Whether logged-out agents have rows. Else a delta may not show that somebody logged out."""
    return StatesAsked in account.case and account.case[StatesAsked].lists_logged_out
