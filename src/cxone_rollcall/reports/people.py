"""The agents of a report, named as of its window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.interval import Person
from cxone_rollcall.history.reading import History, Row
from cxone_rollcall.model.agent import fold_name
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.window import Period


class Someone(Value, frozen=True):
    """An agent in a report. `name` is the last one in the window.

    `teams` has each team in the window with the second from which on the agent was in it, the oldest first. In time
    without a roster it is the team of the last roster before, or else of the first one after.
    """

    number: int
    agent_id: str
    name: str | None
    teams: tuple[tuple[int, str | None], ...]

    def team(self, at: int) -> str | None:
        """The team at a second of the window."""
        return next(team for begin, team in reversed(self.teams) if begin <= at)

    def in_teams(self, begin: int, end: int) -> Iterator[tuple[int, int, str | None]]:
        """A span cut where the team changes: begin, end, team."""
        for place, (since, team) in enumerate(self.teams):
            until = self.teams[place + 1][0] if place + 1 < len(self.teams) else end
            if max(begin, since) < min(end, until):
                yield max(begin, since), min(end, until), team


class Chosen(Value, frozen=True):
    """The agents of a report, ordered by name.

    `teams` are the folded names of the teams whose time counts, empty for all. `note` says what a filter left out.
    """

    people: Sequence[Someone]
    teams: frozenset[str]
    note: str

    def counts(self, team: str | None) -> bool:
        """Whether time in this team counts."""
        return not self.teams or (team is not None and fold_name(team) in self.teams)


def chosen(history: History, period: Period, options: Options) -> Chosen:
    """The agents that these options choose from the history's.

    They are chosen by what they were called in the window. Raises `SettingError` for an agent or a team that was not
    there, with a suggestion.
    """
    ids = history.agents()
    numbers = _by_id(options.agents, ids)
    everybody = history.people(numbers)
    if numbers is None and options.agents:
        heard = _called(options.agents, everybody, period)
    else:
        heard = {number: _heard(said, period) for number, said in everybody.items()}
    people = [_someone(number, said, period) for number, said in heard.items()]
    teams = frozenset(fold_name(team) for team in options.teams)
    if teams:
        people = _in_teams(options.teams, teams, people)
    people.sort(key=lambda one: (fold_name(one.name or ""), one.agent_id))
    note = ""
    if options.agents or options.teams:
        note = f"Filtered: {len(people):,} of the {len(ids):,} agents in the history."
    return Chosen(people, teams, note)


def rows_of(
    history: History, period: Period, options: Options, people: Sequence[Someone]
) -> Iterator[tuple[Someone, Sequence[Row]]]:
    """These agents with their rows in the window.

    Who was not on the roster in the window is left out, unless it was asked for by name.
    """
    rows = history.rows(period.window, [one.number for one in people])
    for one in people:
        if one.number in rows or options.agents:
            yield one, rows.get(one.number, ())


def _by_id(texts: Iterable[str], ids: Mapping[str, int]) -> list[int] | None:
    """The numbers of these agents, None unless all are ids. So one agent's report reads no other names."""
    found = [ids.get(text.strip()) for text in texts]
    known = [number for number in found if number is not None]
    return known if known and len(known) == len(found) else None


def _heard(said: Sequence[Person], period: Period) -> Sequence[Person]:
    """The entries that count: the last before the window, and all within."""
    first = max(0, sum(one.at // 1000 <= period.begin for one in said) - 1)
    return [one for place, one in enumerate(said) if place == first or (place > first and one.at // 1000 < period.end)]


def _someone(number: int, said: Sequence[Person], period: Period) -> Someone:
    teams: dict[int, str | None] = {}
    for one in said:
        teams[one.at // 1000 if teams else period.begin] = one.agent.team
    changes = list(teams.items())
    kept = (one for place, one in enumerate(changes) if place == 0 or one[1] != changes[place - 1][1])
    last = said[-1].agent
    return Someone(number, last.agent_id, last.name, tuple(kept))


def _called(
    texts: Iterable[str], everybody: Mapping[int, Sequence[Person]], period: Period
) -> dict[int, Sequence[Person]]:
    """The entries of agents who had one of these names."""
    missing = {fold_name(text): text for text in texts}
    wanted = frozenset(missing)
    found: dict[int, Sequence[Person]] = {}
    for number, said in everybody.items():
        if not wanted.isdisjoint(_names(said)):
            heard = _heard(said, period)
            names = wanted.intersection(_names(heard))
            if names:
                found[number] = heard
                missing = {name: text for name, text in missing.items() if name not in names}
    for name, text in missing.items():
        known = {key: name for said in everybody.values() for key, name in _names(_heard(said, period)).items()}
        near = closest_match(name, known)
        hint = f"; did you mean {known[near]!r}?" if near else ""
        raise SettingError(
            f"no agent was called {text!r} in the window{hint}", example=f'--agent "{known[near]}"' if near else ""
        )
    return found


def _names(said: Iterable[Person]) -> dict[str, str]:
    """All names in these entries, by what they are compared as."""
    return {fold_name(name): name for one in said for name in one.agent.known_as if name}


def _in_teams(texts: Iterable[str], teams: frozenset[str], people: Iterable[Someone]) -> list[Someone]:
    people = list(people)
    known = {fold_name(team): team for one in people for _, team in one.teams if team}
    for text in texts:
        if fold_name(text) not in known:
            near = closest_match(fold_name(text), known)
            hint = f"; did you mean {known[near]!r}?" if near else ""
            raise SettingError(
                f"none of these agents was in a team {text!r} in the window{hint}",
                example=f'--team "{known[near]}"' if near else "",
            )
    return [one for one in people if any(team and fold_name(team) in teams for _, team in one.teams)]
