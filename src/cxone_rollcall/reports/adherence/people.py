"""Which agent a name in a schedule means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cxone_rollcall.history.interval import Person
from cxone_rollcall.history.reading import Window
from cxone_rollcall.model.agent import Agent, fold_name
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.adherence.schedule import Plan, Schedule, Shift, united
from cxone_rollcall.tables.lines import names_in


class Assigned(Value, frozen=True):
    """The shifts of each agent, by number. An agent who is not in it has no schedule.

    `unknown` are plans that name nobody of the history, `ambiguous` those that name more than one.
    """

    shifts: Mapping[int, Sequence[Shift]]
    unknown: tuple[Plan, ...]
    ambiguous: tuple[Plan, ...]


def assigned(schedule: Schedule, people: Mapping[int, Sequence[Person]], window: Window) -> Assigned:
    """Each plan to its agent. By id, else by user name, e-mail or user id as of the window, else by earlier ones.

    An agent may have several plans under different names. SettingError if they overlap.
    """
    by_id, as_of, ever = _index(people, window)
    plans: dict[int, list[Plan]] = {}
    unknown, ambiguous = list[Plan](), list[Plan]()
    for key, plan in schedule.plans.items():
        indexes = (by_id, as_of, ever)
        found = next((index[name] for name in names_in(key) for index in indexes if name in index), set())
        if len(found) == 1:
            plans.setdefault(next(iter(found)), []).append(plan)
        else:
            (ambiguous if found else unknown).append(plan)
    shifts = {number: _shifts(some, schedule.named) for number, some in plans.items()}
    return Assigned(shifts, tuple(unknown), tuple(ambiguous))


def _shifts(plans: Sequence[Plan], named: str) -> Sequence[Shift]:
    if len(plans) == 1:
        return plans[0].shifts
    who = " and ".join(plan.who for plan in plans)
    return tuple(united([shift for plan in plans for shift in plan.shifts], named=named, who=who))


Index = dict[str, set[int]]


def _index(people: Mapping[int, Sequence[Person]], window: Window) -> tuple[Index, Index, Index]:
    """The agents by folded id, name in the window, and any name."""
    by_id, as_of, ever = Index(), Index(), Index()
    for number, persons in people.items():
        by_id.setdefault(fold_name(persons[0].agent.agent_id), set()).add(number)
        for name in _names(person.agent for person in persons):
            ever.setdefault(name, set()).add(number)
        for name in _names(_as_of(persons, window)):
            as_of.setdefault(name, set()).add(number)
    return by_id, as_of, ever


def _as_of(persons: Sequence[Person], window: Window) -> Iterator[Agent]:
    """The agent as it was named from the window's begin on."""
    for person, after in zip(persons, (*persons[1:], None), strict=True):
        if person.at < window.end and (after is None or after.at > window.begin):
            yield person.agent


def _names(agents: Iterable[Agent]) -> set[str]:
    names = {name for agent in agents for name in (agent.user_name, agent.email, agent.user_id)}
    return {fold_name(name) for name in names if name}
