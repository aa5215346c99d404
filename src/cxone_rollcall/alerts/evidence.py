"""What one poll shows of a rule's condition."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from cxone_rollcall.alerts.rules import Count, Each, Flapping, Found, Rule, Selector
from cxone_rollcall.alerts.sight import Sight, is_seen
from cxone_rollcall.alerts.spells import Spells
from cxone_rollcall.alerts.unit import Truth, Unit
from cxone_rollcall.live.seat import Certainty, Seat
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import both_names
from cxone_rollcall.model.struct import Value

Key = tuple[str, str, str]
"""Rule, team and subject. The subject is an agent's id, a finding's code, or "" for a count."""


GONE, MOVED = "no longer on the roster", "in another team now"


class Shown(Value, frozen=True):
    """What a poll shows of one condition, and words for it."""

    truth: Truth
    label: str = ""
    text: str = ""
    seat: Seat | None = None


def evidence(rule: Rule, sight: Sight, units: Mapping[Key, Unit], spells: Spells) -> Iterator[tuple[Key, Shown]]:
    """What this poll shows of a rule.

    Conditions that are not true, and were not before, are left out. Each of the rule's units is answered.
    """
    condition = rule.condition
    answers: Iterator[tuple[str, str, Shown]]
    match condition:
        case Each():
            answers = _each(rule.name, condition, sight, units)
        case Flapping():
            answers = _flapping(rule.name, condition, sight, units, spells)
        case Count():
            answers = _count(condition, sight)
        case Found():
            answers = _found(condition, sight)
    answered = set[Key]()
    for team, subject, shown in answers:
        key = (rule.name, team, subject)
        answered.add(key)
        if shown.truth is Truth.TRUE or key in units:
            yield key, shown
    for key in units:
        if key[0] == rule.name and key not in answered:
            moved = key[2] in sight.seats
            gone = sight.roster_complete or moved
            yield key, Shown(Truth.FALSE if gone else Truth.UNSEEN, text=MOVED if moved else GONE)


def matches(selector: Selector, seat: Seat, doubted: Collection[str]) -> Truth:
    """Whether a selector's standing, group and state are those of a seat. The team is not looked at."""
    if selector.standing is Standing.UNKNOWN:
        return _truth(seat.shown is Standing.UNKNOWN)
    if selector.standing is Standing.ABSENT and seat.standing is Standing.ABSENT and not seat.missed:
        return Truth.TRUE
    if not is_seen(seat, doubted):
        return Truth.UNSEEN
    if selector.standing is not None and seat.standing is not selector.standing:
        return Truth.FALSE
    if selector.group is None and not selector.states:
        return Truth.TRUE
    if seat.standing is not Standing.PRESENT or seat.state is None:
        return Truth.FALSE
    if selector.group is not None and seat.group != selector.group:
        return Truth.FALSE
    return _truth(
        not selector.states or not _names_of(seat.state.state, seat.state.sub_state).isdisjoint(selector.states)
    )


@lru_cache(maxsize=4096)
def _names_of(state: str | None, sub_state: str | None) -> frozenset[str]:
    return frozenset(name.casefold() for name in (state, sub_state, both_names(state, sub_state)) if name)


def _truth(is_true: bool) -> Truth:
    return Truth.TRUE if is_true else Truth.FALSE


def _in_teams(selector: Selector, sight: Sight) -> Iterator[tuple[str, Seat]]:
    """The agents of the selector's teams, each with its team."""
    for seat in sight.seats.values():
        team = seat.agent.team or ""
        if not selector.teams or team.casefold() in selector.teams:
            yield team, seat


def _label(seat: Seat) -> str:
    agent = seat.agent
    return agent.name or agent.user_name or agent.agent_id


def _shown(truth: Truth, seat: Seat) -> Shown:
    state = seat.state.both_names if seat.state is not None and seat.shown is Standing.PRESENT else None
    return Shown(truth, _label(seat), state or seat.shown.value, seat)


def _each(name: str, condition: Each, sight: Sight, units: Mapping[Key, Unit]) -> Iterator[tuple[str, str, Shown]]:
    for team, seat in _in_teams(condition.selector, sight):
        truth = matches(condition.selector, seat, sight.doubted)
        if truth is Truth.TRUE and condition.longer_than is not None:
            limit = condition.limits.get(team.casefold(), condition.longer_than)
            truth = _lasts(seat, limit, sight.as_of, units.get((name, team, seat.agent.agent_id)))
        if truth is Truth.TRUE or (name, team, seat.agent.agent_id) in units:
            yield team, seat.agent.agent_id, _shown(truth, seat)


def _lasts(seat: Seat, limit: float, as_of: float | None, unit: Unit | None) -> Truth:
    """Whether a state has lasted for the limit. DOUBTFUL if it may have begun before it was first seen.

    A unit remembers the row over a restart: the same row with the server's own time is the same state.
    """
    if as_of is None:
        return Truth.UNSEEN
    latest, earliest = seat.since.latest, seat.since.earliest
    if seat.since.certainty is Certainty.AT_LEAST and unit is not None and unit.state_since is not None:
        row = row_of(seat)
        if row == unit.state and row[2]:
            latest = min(latest, unit.state_since)
    if as_of - latest >= limit:
        return Truth.TRUE
    return Truth.DOUBTFUL if earliest is None or as_of - earliest >= limit else Truth.FALSE


def row_of(seat: Seat) -> tuple[str | None, str | None, str | None]:
    """State, sub-state and the server's own time of a seat."""
    state = seat.state
    return (None, None, None) if state is None else (state.state, state.sub_state, state.since)


def _flapping(
    name: str, condition: Flapping, sight: Sight, units: Mapping[Key, Unit], spells: Spells
) -> Iterator[tuple[str, str, Shown]]:
    for team, seat in _in_teams(condition.selector, sight):
        agent_id = seat.agent.agent_id
        count, whole = spells.changes(agent_id, within=condition.within)
        if count >= condition.changes or (name, team, agent_id) in units:
            settled = Truth.TRUE if count >= condition.changes else Truth.FALSE if whole else Truth.DOUBTFUL
            truth = settled if is_seen(seat, sight.doubted) else Truth.UNSEEN
            yield team, agent_id, Shown(truth, _label(seat), f"at least {count} changes", seat)


def _count(condition: Count, sight: Sight) -> Iterator[tuple[str, str, Shown]]:
    """Count from below and above. An unseen agent may be selected or not."""
    selector = condition.selector
    name = next(iter(selector.teams.values())) if len(selector.teams) == 1 else ""
    of_teams: dict[str, list[Truth]] = {} if condition.by_team else {name: []}
    for team, seat in _in_teams(selector, sight):
        truths = of_teams.setdefault(team if condition.by_team else name, [])
        truths.append(matches(selector, seat, sight.doubted))
    hidden = not sight.roster_complete
    for team, truths in of_teams.items():
        least, most = truths.count(Truth.TRUE), len(truths) - truths.count(Truth.FALSE)
        own = condition.limits.get(team.casefold())
        above, below = condition.above, condition.below
        limit = own if own is not None else above if above is not None else below
        assert limit is not None  # noqa: S101  a rule has one of them
        if above is not None:
            blind_start = selector.standing is Standing.UNKNOWN and hidden and not sight.seats
            truth = _between(least > limit or blind_start, most <= limit and not hidden)
        else:
            truth = _between(most < limit and not hidden, least >= limit)
        number = str(least) if least == most else f"{least} to {most}"
        yield team, "", Shown(truth, text=f"{number}, {'above' if above is not None else 'below'} {limit:g}")


def _between(proven: bool, disproven: bool) -> Truth:
    return Truth.TRUE if proven else Truth.FALSE if disproven else Truth.UNSEEN


def _found(condition: Found, sight: Sight) -> Iterator[tuple[str, str, Shown]]:
    for code in sorted(condition.codes):
        if code in sight.troubles:
            finding = sight.troubles[code]
            yield "", code, Shown(Truth.TRUE, code, finding.text)
        else:
            yield "", code, Shown(Truth.FALSE if code in sight.judged else Truth.UNSEEN, code)
