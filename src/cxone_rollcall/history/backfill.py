"""Fills gaps from the server's state history. Pure: gaps and past states in, intervals and proofs out.

A moment of a gap is filled only if one of these proves it:

* A state lasts until the next one if their `stateIndex` are consecutive within one `agentSessionId`.
* A state lasts as long as the server says (`duration`), but not beyond the latest row of all agents: the history may
  be late, and then a state that has ended seems to last.
* A state lasts until after the gap if the row that was seen then has the state's own begin.
* An agent is logged out from the end of a session to the begin of the next one. The end is that of the session's last
  state. The begin is that of the state with index 1. If the agent was seen not to be logged in just before or just
  after the gap, that stands for the missing side. Both need a row of this agent, and an answer that was read whole.

Nothing is filled if the state history contradicts what was seen just before or just after the gap. Observed intervals
stay as they are, also where the state history has more states: what was seen is never rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from cxone_rollcall.history.interval import Interval, Proof, Source, Status, Window
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state_history import PastState
from cxone_rollcall.model.struct import Value, replace
from cxone_rollcall.model.timestamp import format_timestamp

SECOND = 1000
ROUNDED = 2000
"""Milliseconds by which begins and durations may differ. Durations of old versions are whole seconds."""
NEAR = 5000
"""Milliseconds. A poll this close to a change may show either state. NICE's own SDK looks every 5 s."""
_OUT = (Standing.LOGGED_OUT, Standing.ABSENT)


class Past(NamedTuple):
    """Past states in any order, and how far they can be trusted.

    In the windows of `whole` the server is known to have left no state out. `until` is the begin of the latest state
    of all agents. `complete` if each answer was read to its end, undamaged.
    """

    states: Sequence[PastState]
    whole: Sequence[Window]
    until: int
    complete: bool = True


class Gap(Value, frozen=True):
    """A gap of one agent: adjacent intervals without a known state.

    `before` and `after` are the intervals around it, None if the agent was not on the roster. `dated` is the begin of
    the state after it by the server's own row, None if the row is not the latest or has no time.
    """

    agent_id: str
    parts: tuple[Interval, ...]
    before: Interval | None = None
    after: Interval | None = None
    dated: int | None = None

    @property
    def begin(self) -> int:
        """When it begins, in milliseconds."""
        return self.parts[0].begin

    @property
    def end(self) -> int:
        """When it ends, in milliseconds. The end is not part of it."""
        return self.parts[-1].end


class Filling(Value, frozen=True):
    """What takes a gap's place: intervals for all of it. What stays unknown is among them.

    `contradicted` if the state history contradicts what was seen.
    """

    gap: Gap
    intervals: tuple[Interval, ...]
    proofs: tuple[Proof, ...] = ()
    contradicted: bool = False


class _Span(NamedTuple):
    """A status that is proven from `begin` to `end`. `slack` is that of the begin, as in `Interval`."""

    begin: int
    end: int
    status: Status
    slack: int | None
    text: str


def fill(gap: Gap, past: Past, groups: Groups) -> Filling:
    """Fill a gap with its agent's states, in it and around it."""
    states, doubtful = _in_order(past.states)
    spans = [*_lasting(states, gap, groups, past.until)]
    if not doubtful:
        out = _logged_out(states, gap)
        spans += [one for one in out if any(of.begin <= one.begin and one.end <= of.end for of in past.whole)]
    spans.sort(key=lambda one: (one.begin, one.end))
    if not (_agree(spans, gap.before, gap.begin - 1) and _agree(spans, gap.after, gap.end)):
        return Filling(gap, gap.parts, contradicted=True)
    filled = [*_cut(spans, gap)]
    proofs = tuple(Proof(gap.agent_id, one.begin, one.end, one.text) for one in filled)
    return Filling(gap, tuple(_intervals(filled, gap)), proofs)


def _in_order(past: Iterable[PastState]) -> tuple[list[PastState], bool]:
    """The states in order, and whether any contradict each other. Those are left out."""
    found: dict[object, PastState] = {}
    doubtful: set[object] = set()
    for one in past:
        place = one.begin if one.session is None or one.index is None else (one.session, one.index)
        other = found.setdefault(place, one)
        if (other.begin, other.state) != (one.begin, one.state):
            doubtful.add(place)
        elif (one.length or 0) > (other.length or 0):
            found[place] = one  # it lasted on while the pages were read
    states = (one for place, one in found.items() if place not in doubtful)
    return sorted(states, key=lambda one: (one.begin, one.index or 0)), bool(doubtful)


def _lasting(states: Sequence[PastState], gap: Gap, groups: Groups, until: int) -> Iterator[_Span]:
    """How long each state is proven to last. Where two overlap, neither counts."""
    doubted = 0
    for one, following in zip(states, (*states[1:], None), strict=False):
        begin = max(one.begin, doubted)
        status = _status(one, groups)
        end, text = _end(one, following)
        end = min(end, max(until, one.begin))
        if not text and _is_dated(one, status, following, gap):
            text = f"{_name(one)}, which the row after the gap dates {format_timestamp(one.begin / 1000)}"
            end = gap.end
        if following is not None and end > following.begin:
            doubted = max(doubted, end if end - following.begin > ROUNDED else 0)
            end = following.begin
        if begin < end:
            yield _Span(begin, end, status, 0 if begin == one.begin else None, text)


def _end(one: PastState, following: PastState | None) -> tuple[int, str]:
    """Until when a state is proven to last, and by what. Its begin and "" if by nothing."""
    if following is not None and _follows(following, one):
        if one.end is None or one.end > following.begin - ROUNDED:
            return following.begin, f"{_name(one)}, and state {following.index} follows"
    elif one.end is None:
        return one.begin, ""
    return one.begin + (one.length or 0), f"{_name(one)} lasts {(one.length or 0) / 1000:g} s"


def _is_dated(one: PastState, status: Status, following: PastState | None, gap: Gap) -> bool:
    """Whether the state that was seen after the gap is this one. Then they have one begin."""
    if gap.dated is None or gap.after is None or (following is not None and following.begin < gap.end):
        return False
    return abs(gap.dated - one.begin) < SECOND and _same(status, gap.after.status)


def _name(one: PastState) -> str:
    return f"state-history: state {one.index} of session {one.session}"


def _follows(following: PastState, one: PastState) -> bool:
    if one.session is None or one.index is None or following.session != one.session:
        return False
    return following.index == one.index + 1


def _logged_out(states: Sequence[PastState], gap: Gap) -> Iterator[_Span]:
    """The time between sessions with two proven sides. No other state lasts in it."""
    if not states:
        return
    last = {one.session: place for place, one in enumerate(states) if one.session is not None}
    lasts_until = 0
    for place, (one, following) in enumerate(pairwise((None, *states, None)), start=-1):
        if one is not None and one.session is not None and last[one.session] != place:
            continue  # its session goes on
        ended, begins = _session_end(one, gap), _session_begin(following, gap)
        lasts_until = max(lasts_until, 0 if one is None else one.end or 0)
        if ended is None or begins is None or ended[0] >= begins[0] or lasts_until - ended[0] > ROUNDED:
            continue
        yield _Span(ended[0], begins[0], _out_status(gap), ended[1], f"state-history: {ended[2]}, {begins[1]}")


def _session_end(one: PastState | None, gap: Gap) -> tuple[int, int, str] | None:
    """When a session ended, its slack, and the proof. None if nothing proves it."""
    seen_out = gap.before is not None and gap.before.status.standing in _OUT
    if one is None or (one.end is None and one.state.logged_in):
        if seen_out and (one is None or one.begin < gap.begin):
            return gap.begin, 0, "before the gap the agent was not logged in"
        return None
    if not one.state.logged_in:
        return one.begin, 0, f"logged out at {format_timestamp(one.begin / 1000)}"
    if one.session is None or one.end is None:
        return None
    # A duration may be cut to whole seconds. A poll that saw the agent logged in within that second moves the end.
    seen = ((gap.before, gap.begin - 1), (gap.after, gap.end))
    logged_in = [at + 1 for beside, at in seen if beside is not None and beside.status.standing is Standing.PRESENT]
    end = max(one.end, *(at for at in logged_in if at <= one.end + SECOND), 0)
    return end, one.end + SECOND - end, f"session {one.session} ended at {format_timestamp(one.end / 1000)}"


def _session_begin(following: PastState | None, gap: Gap) -> tuple[int, str] | None:
    """When the next session began, and the proof. None if nothing proves it."""
    if following is None:
        seen_out = gap.after is not None and gap.after.status.standing in _OUT
        return (gap.end, "after the gap the agent was not logged in") if seen_out else None
    if following.index != 1 or following.session is None or not following.state.logged_in:
        return None
    return following.begin, f"session {following.session} began at {format_timestamp(following.begin / 1000)}"


def _out_status(gap: Gap) -> Status:
    """The status of a logged-out agent. It has the server's name if one was seen."""
    seen = (one.status for one in (gap.after, gap.before) if one is not None)
    return next((one for one in seen if one.standing is Standing.LOGGED_OUT), Status(Standing.LOGGED_OUT))


def _status(one: PastState, groups: Groups) -> Status:
    state = one.state
    if not state.logged_in:
        return Status(Standing.LOGGED_OUT, state.state, state.sub_state)
    return Status(Standing.PRESENT, state.state, state.sub_state, groups.of(state))


def _agree(spans: Iterable[_Span], seen: Interval | None, moment: int) -> bool:
    """Whether no status but the one seen is proven at a moment."""
    around = (one.status for one in spans if one.begin + NEAR <= moment < one.end - NEAR)
    return seen is None or all(_same(one, seen.status) for one in around)


def _same(one: Status, seen: Status) -> bool:
    """Whether two sources mean the same state. Only one of them may know the sub-state."""
    if one.standing in _OUT or seen.standing in _OUT:
        return one.standing in _OUT and seen.standing in _OUT
    return one.standing is seen.standing and _letters(one.state) == _letters(seen.state)


def _letters(state: str | None) -> list[str]:
    return [one.casefold() for one in state or () if one.isalnum()]


def _cut(spans: Iterable[_Span], gap: Gap) -> Iterator[_Span]:
    """The spans within the gap, in order."""
    at = gap.begin
    for one in spans:
        begin, end = max(one.begin, at), min(one.end, gap.end)
        if begin < end:
            slack = one.slack if begin == one.begin else max(0, one.begin + (one.slack or 0) - begin) or None
            yield one._replace(begin=begin, end=end, slack=slack)
            at = end


def _intervals(spans: Iterable[_Span], gap: Gap) -> Iterator[Interval]:
    """The whole gap: backfilled intervals, and between them what stays unknown."""
    at = gap.begin
    for one in spans:
        yield from _unknown(gap, at, one.begin)
        yield Interval(one.begin, one.end, one.status, one.slack, Source.BACKFILLED)
        at = one.end
    yield from _unknown(gap, at, gap.end)


def _unknown(gap: Gap, begin: int, end: int) -> Iterator[Interval]:
    """The gap's own intervals from `begin` to `end`."""
    for part in gap.parts:
        if max(part.begin, begin) < min(part.end, end):
            yield replace(part, begin=max(part.begin, begin), end=min(part.end, end))
