"""Fills the gaps of a history file from the state history."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed, RollcallError
from cxone_rollcall.history.backfill import NEAR, Filling, Gap, Past, fill
from cxone_rollcall.history.interval import Interval, Window, milliseconds
from cxone_rollcall.history.reading import reading
from cxone_rollcall.history.schema import DAY
from cxone_rollcall.history.state_history import PASSING, StateHistory
from cxone_rollcall.history.store import Store
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.state_history import PastState
from cxone_rollcall.model.struct import Value, replace
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.model.wording import counted

if TYPE_CHECKING:
    from cxone_rollcall.client import Client, IncontactApi

LOOK_BACK = 7 * DAY
"""Milliseconds. Older gaps are not asked for; how long a tenant keeps its states is not public."""
BEFORE = 3_600_000
"""Milliseconds before a gap. A state that began earlier is not found, so its part of the gap stays."""
AFTER = 900_000
"""Milliseconds after a gap. The next state of an agent shows that the one before it lasted until then."""
CHUNK = 500
"""Gaps that are filled in one transaction. It takes milliseconds, and a poll may wait for it."""
LATE = 3_600_000
"""Milliseconds. After that the history gets no more rows of a gap."""
ASKED_UNTIL, LONGEST_RANGE = "state-history-until", "state-history-range"
"""Names in the file. Gaps before the one had their answer; the tenant takes ranges as long as the other."""


class NoStateHistory(RollcallError):
    """The API in use has no state history."""


class Backfilled(Value, frozen=True):
    """What one round did: gaps, their milliseconds, those filled, gaps contradicted.

    `unanswered` are gaps without a complete answer. They are asked for again.
    """

    gaps: int = 0
    length: int = 0
    filled: int = 0
    contradicted: int = 0
    unanswered: int = 0

    def and_also(self, done: Iterable[Filling], unanswered: int) -> Backfilled:
        """Count more gaps."""
        of = list(done)
        known = sum(part.end - part.begin for one in of for part in one.intervals if _is_known(part))
        return Backfilled(
            self.gaps + len(of),
            self.length + sum(one.gap.end - one.gap.begin for one in of),
            self.filled + known,
            self.contradicted + sum(one.contradicted for one in of),
            self.unanswered + unanswered,
        )

    def __str__(self) -> str:
        against = f"; it contradicts what was seen in {counted(self.contradicted, 'gap')}" if self.contradicted else ""
        again = f"; there is no complete answer yet for {counted(self.unanswered, 'gap')}" if self.unanswered else ""
        known, whole = round(self.filled / 1000), round(self.length / 1000)
        return f"state-history fills {known} of {whole} s in {counted(self.gaps, 'gap')}{against}{again}"


async def backfill(
    store: Store, client: Client, groups: Groups, *, wait: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> Backfilled:
    """Fill the gaps that closed since the last time.

    What the state history does not prove stays a gap. A gap without a complete answer is asked for in the next call,
    too. Raises `NoStateHistory` on another contract, `RequestFailed` if the server refuses, and `sqlite3.Error`. What
    was filled stays filled, and the next call begins with the rest.
    """
    api = client.beside()
    if api is None:
        raise NoStateHistory(f"the {client.contract.name} API has no state history")
    now = milliseconds(client.server_clock.now())
    since = max(store.remembered(ASKED_UNTIL) or 0, now - LOOK_BACK)
    history = StateHistory(api, longest=store.remembered(LONGEST_RANGE), wait=wait)
    longest, done = history.longest, Backfilled()
    for window, gaps in _windows(await asyncio.to_thread(closed_gaps, store.path, since), now):
        past = await history.read(window, frozenset(gap.agent_id for gap in gaps))
        past = past._replace(states=await _with_names(api, past.states))
        fillings: list[Filling] = []
        for first in range(0, len(gaps), CHUNK):
            fillings += await asyncio.to_thread(_fill, store, gaps[first : first + CHUNK], past, groups)
        unanswered = [one.gap for one in fillings if not _is_answered(one, past, now)]
        if not done.unanswered:
            # Of a gap that is filled in part, all that is left ends after its begin.
            asked = min(gap.begin for gap in unanswered) if unanswered else max(gap.end for gap in gaps)
            await asyncio.to_thread(store.remember, ASKED_UNTIL, asked)
        done = done.and_also(fillings, len(unanswered))
        if history.longest is not None and history.longest != longest:
            longest = history.longest
            await asyncio.to_thread(store.remember, LONGEST_RANGE, longest)
    return done


def _is_answered(filling: Filling, past: Past, now: int) -> bool:
    """Whether asking again is pointless.

    All is filled, or the answer is complete and not too early.
    """
    if all(_is_known(one) for one in filling.intervals):
        return True
    end = filling.gap.end
    return past.complete and (past.until >= end or now - end > LATE)


def is_final(error: Exception) -> bool:
    """Whether asking again is pointless: no path, no right, no range."""
    if isinstance(error, RequestFailed):
        return error.failure.kind in (FailureKind.NOT_FOUND, FailureKind.FORBIDDEN, FailureKind.REJECTED)
    return isinstance(error, RollcallError)


def closed_gaps(path: Path, since: int) -> list[Gap]:
    """The closed gaps that end after a time, each with its surroundings."""
    with reading(path) as history:
        found = sorted(history.gaps(since), key=lambda one: one[1])
        closed: dict[int, set[Window]] = {}
        for number, window in found:
            closed.setdefault(number, set()).add(window)
        names = {number: agent_id for agent_id, number in history.agents().items()}
        dated = history.dated()
        gaps: list[Gap] = []
        for window, numbers in _together(found):
            around = history.rows(Window(window.begin - BEFORE, window.end + 1), sorted(numbers))
            for number in numbers & around.keys():
                of_one = _gaps(names[number], history.intervals(around[number]), closed[number])
                gaps += (_dated(gap, dated.get(number)) for gap in of_one if gap.begin >= window.begin)
        return gaps


def _together(found: Iterable[tuple[int, Window]]) -> Iterator[tuple[Window, set[int]]]:
    """Windows of gaps, in order, as one where they overlap. Each with the numbers of its agents."""
    window, numbers = Window(0, 0), set[int]()
    for number, one in found:
        if numbers and one.begin > window.end:
            yield window, numbers
            numbers = set()
        window = Window(window.begin, max(window.end, one.end)) if numbers else one
        numbers.add(number)
    if numbers:
        yield window, numbers


def _gaps(agent_id: str, intervals: Sequence[Interval], closed: set[Window]) -> Iterator[Gap]:
    """The gaps of an agent. Adjacent ones with different causes are one."""
    parts: list[Interval] = []
    before: Interval | None = None
    last: Interval | None = None
    for one in (*intervals, None):
        adjacent = one is not None and last is not None and last.end == one.begin
        is_gap = one is not None and Window(one.begin, one.end) in closed and not _is_known(one)
        if parts and not (is_gap and adjacent):
            yield Gap(agent_id, tuple(parts), before, one if adjacent and one is not None and _is_known(one) else None)
            parts = []
        if is_gap and one is not None:
            if not parts:
                before = last if adjacent and last is not None and _is_known(last) else None
            parts.append(one)
        last = one


def _dated(gap: Gap, latest: tuple[int, str] | None) -> Gap:
    """The gap with the server's own begin of the state after it.

    That is known only of the agent's open interval.
    """
    own = parse_timestamp(latest[1]) if latest is not None and latest[0] == gap.end else None
    return gap if own is None else replace(gap, dated=milliseconds(own))


def _windows(gaps: Iterable[Gap], now: int) -> Iterator[tuple[Window, list[Gap]]]:
    """The windows to read, in order, each with its gaps."""
    window, of_one = Window(0, 0), list[Gap]()
    for gap in sorted(gaps, key=_first_moment):
        begin, end = _first_moment(gap), min(now, gap.end + AFTER)
        if of_one and begin > window.end:
            yield window, of_one
            of_one = []
        window = Window(window.begin, max(window.end, end)) if of_one else Window(begin, end)
        of_one.append(gap)
    if of_one:
        yield window, of_one


def _first_moment(gap: Gap) -> int:
    """Where to begin to read: before the state before the gap."""
    earliest, before = gap.begin - BEFORE, gap.before
    if before is not None and before.status.standing is not Standing.PRESENT:
        earliest = gap.begin
    elif before is not None and before.slack is not None:
        earliest = max(earliest, before.begin - before.slack)
    return earliest - NEAR


def _fill(store: Store, gaps: Sequence[Gap], past: Past, groups: Groups) -> list[Filling]:
    """Fill gaps, and store what that proves."""
    wanted = {gap.agent_id for gap in gaps}
    of_each: dict[str, list[PastState]] = {}
    for one in past.states:
        if one.agent_id in wanted:
            of_each.setdefault(one.agent_id, []).append(one)
    fillings = [fill(gap, past._replace(states=of_each.get(gap.agent_id, ())), groups) for gap in gaps]
    store.fill(one for one in fillings if one.proofs)
    return fillings


async def _with_names(api: IncontactApi, states: Sequence[PastState]) -> list[PastState]:
    """The states with names in place of unavailable codes. The names are requested only if needed.

    A failure that may pass is raised: what is filled is never named later.
    """
    kinds = list(dict.fromkeys((one.state.state, one.state.sub_state) for one in states))
    samples = [AgentState(str(number), *kind) for number, kind in enumerate(kinds)]
    named = {kinds[int(one.agent_id)]: one.sub_state for one in await api.with_sub_states(samples, raised=PASSING)}
    return [
        replace(one, state=replace(one.state, sub_state=named[kind]))
        if (kind := (one.state.state, one.state.sub_state)) in named
        else one
        for one in states
    ]


def _is_known(one: Interval) -> bool:
    return one.status.standing is not Standing.UNKNOWN
