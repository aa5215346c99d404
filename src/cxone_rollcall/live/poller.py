"""Polls one tenant, and yields what happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from random import Random
from typing import Any

from cxone_rollcall.client import Client, IncontactApi
from cxone_rollcall.diagnose import Probing
from cxone_rollcall.findings.account import Account
from cxone_rollcall.live.board import Board, Moved
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.look import DeltaLook, WholeLook, look_at_all, look_at_changes
from cxone_rollcall.live.seat import Span
from cxone_rollcall.live.troubles import Troubles
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value
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


class Times(Value, frozen=True, kw_only=True):
    """How often what is asked, in seconds."""

    interval: float = 10.0
    whole: float = 300.0
    """The longest time between two whole looks. In between are deltas, if the API has them."""
    roster: float = 300.0
    """The longest time between two readings of the roster."""
    probes: float = 300.0
    """The shortest time between two runs with probes."""


async def in_time(task: asyncio.Task[Any], seconds: float) -> bool:
    """Wait for a task, at most some seconds. Returns whether it is done."""
    await asyncio.wait((task,), timeout=seconds)
    return task.done()


class Poller:
    """Polls with one client at an interval.

    It begins with a whole look; deltas or whole looks follow.

    `board` and `troubles` are as of the last event. `account` is the last diagnosis. `clock` counts seconds and never
    goes back; `wait` sleeps for some of them, and `in_time` waits for a task, at most some seconds, and returns whether
    it is done.
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
        self.board = Board(groups or Groups())
        self.troubles = Troubles()
        self.account: Account | None = None
        self.poll = 0
        self._times = times or Times()
        self._selection = selection or Selection()
        self._clock = clock
        self._wait = wait
        self._in_time = in_time
        self._rng = rng
        self._interval = self._times.interval
        self._span: Span | None = None
        self._shown = False
        self._roster: KnownRoster | None = None
        self._doubted: frozenset[str] | None = None
        self._cursor: str | None = None
        self._delta_as_of: float | None = None
        self._whole_due = self._roster_due = self._probes_due = -1.0

    async def events(self) -> AsyncGenerator[Event, None]:
        """Poll until the generator is closed. Each poll ends with a `Polled`; the first whole look gives the board."""
        looking: asyncio.Task[WholeLook | DeltaLook] | None = None
        try:
            while True:
                self.poll += 1
                began = self._clock()
                looking = looking or asyncio.ensure_future(self._look())
                if await self._in_time(looking, self._interval):
                    look, looking = looking.result(), None
                    for event in self._take(look, took=self._clock() - began):
                        yield event
                    await self._wait(max(0.0, began + self._interval - self._clock()))
                else:
                    for event in self._miss(f"no whole answer within {self._interval:g} s", requests=0):
                        yield event
        finally:
            if looking is not None:
                looking.cancel()

    async def _look(self) -> WholeLook | DeltaLook:
        now, api = self._clock(), self.client.api
        if self._cursor is not None and now < self._whole_due and isinstance(api, IncontactApi):
            return await look_at_changes(self.client, api, since=self._cursor)
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
            yield from self._take_delta(look)
        else:
            yield from self._take_whole(look, took=took)

    def _take_delta(self, look: DeltaLook) -> Iterator[Event]:
        if look.failure:
            self._cursor = None  # a whole look comes next
            yield from self._miss(look.failure, requests=look.requests)
            return
        if self.board.strangers(look.rows):
            self._whole_due = self._roster_due = self._clock()
        moved = self.board.apply(look.rows, look.span)
        self._cursor, self._delta_as_of = look.polled, look.span.as_of
        self._span = look.span
        yield from self._changes(moved)
        yield self._polled(ok=True, requests=look.requests)

    def _take_whole(self, look: WholeLook, *, took: float) -> Iterator[Event]:
        now, roll = self._clock(), look.roll
        complete = roll.roster_complete and self._believes(look)
        ok = complete and not roll.count()[Standing.UNKNOWN]
        moved = self.board.settle(roll.entries, look.span, roster_complete=complete)
        corrected = self._corrected(moved)
        self._whole_due = now + self._times.whole
        if look.roster is not None:
            self._roster_due = now + self._times.roster
        self._roster = (look.roster or self._roster) if complete and not look.strangers else None
        if look.account.requests.probes:
            self._probes_due = now + self._times.probes
        self._cursor = look.polled if ok and not corrected and _lists_everybody(look.account) else None
        self._delta_as_of = None
        self._interval = max(self._times.interval, took * STRETCH if ok and took > self._times.interval / 2 else 0.0)
        if roll.count()[Standing.UNKNOWN] < len(roll):
            self._span = look.span
        self.account = look.account
        if self._shown:
            yield from self._changes(moved)
        elif self._span is not None:
            self._shown = True
            yield self.shown()
        for finding, begins in self.troubles.update(look.account):
            yield FindingChanged(poll=self.poll, finding=finding, begins=begins)
        yield self._polled(
            ok=ok, requests=look.requests, missed="" if ok else _why_not(look.account), corrected=corrected
        )

    def _miss(self, why: str, *, requests: int) -> Iterator[Event]:
        yield from self._changes(self.board.miss())
        yield self._polled(ok=False, requests=requests, missed=why)

    def _believes(self, look: WholeLook) -> bool:
        """Whether a roster that was read may take agents off the board. A much smaller one is read twice first."""
        if look.roster is None:
            return True
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
        began = (parse_timestamp(after.state.since) for _, after in moved if after is not None and after.state)
        return sum(one is not None and one < self._delta_as_of for one in began)

    def shown(self) -> BoardShown:
        """The board as of now, for a reader who begins."""
        assert self._span is not None  # noqa: S101  there is no board before the first look
        counts = self._counts()
        return BoardShown(
            run=self.run_id,
            poll=self.poll,
            as_of=self._span.as_of,
            received_at=self._span.received_at,
            complete=self._is_complete(counts),
            counts=counts,
            seats=tuple(self.board.seats.values()),
        )

    def _changes(self, moved: list[Moved]) -> Iterator[Change]:
        for before, after in moved:
            seat = after or before
            assert seat is not None  # noqa: S101  one of them is there
            yield Change(poll=self.poll, agent_id=seat.agent.agent_id, before=before, after=after)

    def _polled(self, *, ok: bool, requests: int, missed: str = "", corrected: int = 0) -> Polled:
        span, counts = self._span, self._counts()
        return Polled(
            poll=self.poll,
            as_of=span.as_of if span else None,
            received_at=span.received_at if span else None,
            ok=ok,
            complete=ok and self._is_complete(counts),
            age=max(0.0, self.client.server_clock.now() - span.as_of) if span else None,
            counts=counts,
            requests=requests,
            interval=self._interval,
            missed=missed,
            corrected=corrected,
        )

    def _counts(self) -> dict[str, int]:
        return self.board.counts(self.account.unexplained if self.account is not None else ())

    def _is_complete(self, counts: dict[str, int]) -> bool:
        """Whether everybody is accounted for."""
        whole = self.account is not None and self.account.roll.roster_complete
        return whole and not counts[Standing.UNKNOWN.value]


def _lists_everybody(account: Account) -> bool:
    """Whether logged-out agents have rows. Else a delta may not show that somebody logged out."""
    return StatesAsked in account.case and account.case[StatesAsked].lists_logged_out


def _why_not(account: Account) -> str:
    """Why a whole look does not account for everybody, in one line."""
    unknown = account.roll.count()[Standing.UNKNOWN]
    causes = [finding for finding in account.findings if finding.explains_all or finding.explains]
    because = f" ({causes[0].code} {causes[0].name})" if causes else ""
    if not account.roll.entries:
        return f"no agent could be asked for{because}"
    return f"{unknown} agents unknown{because}" if unknown else f"the roster is incomplete{because}"
