"""The notes of adherence: the formula, and what does not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.model.wording import counted
from cxone_rollcall.reports.adherence.measure import Measurement, Terms
from cxone_rollcall.reports.adherence.schedule import Plan
from cxone_rollcall.reports.people import Someone

MOST_NAMES = 10
"""Names in a note. It counts the others."""

FORMULA = (
    "Adherence = seconds that fit the scheduled activity / scheduled seconds. Unknown and unmapped seconds count as out"
    " in adherence_low and as in in adherence_high. Time that is not scheduled does not count.",
    "Conformance = seconds worked / scheduled seconds, both of scheduled time only. A second is worked if it fits the"
    " scheduled activity, or if the agent is available, on contact or after contact. Its range is made likewise.",
    "Vendors differ: NICE divides time in adherence by scheduled time, Genesys takes 1 - exceptions / scheduled, AWS"
    " divides adherent minutes by scheduled minutes.",
)


def notes(found: Measurement, terms: Terms) -> Iterator[str]:
    """The notes of a report."""
    yield from FORMULA
    known = [(one.someone, one.figures) for one in found.agents if one.figures is not None]
    if terms.grace:
        forgiven = [sums.forgiven for _, sums in known if sums.forgiven]
        yield (
            f"Grace: a span that is out and lies wholly within {_time(terms.grace)} of its activity's begin or end"
            " counts as in and as worked. This is so for"
            f" {_seconds(sum(forgiven))} of {counted(len(forgiven), 'agent')}."
        )
    unmapped = sum((sums.unmapped_by for _, sums in known), Counter[str]())
    if unmapped:
        some = [f"{shown(name)} ({_seconds(count)})" for name, count in unmapped.most_common()]
        yield f"Activities that no state is mapped to, neither in nor out: {_listed(some)}. Map them with --activities."
    for about, count in (
        ("Logged in outside of scheduled time, which does not count", [s.outside for _, s in known if s.outside]),
        ("Scheduled but not on the roster, which counts as out", [s.off_roster for _, s in known if s.off_roster]),
    ):
        if count:
            yield f"{about}: {_seconds(sum(count))} of {counted(len(count), 'agent')}."
    yield from _people("No schedule is known for", [one.someone for one in found.agents if one.figures is None])
    yield from _people("Nothing is scheduled in this window for", [one for one, sums in known if not sums.scheduled])
    yield from _plans("Not counted, since nobody in the history has this id, user name or e-mail:", found.plans.unknown)
    yield from _plans("Not counted, since more than one agent has this user name or e-mail:", found.plans.ambiguous)
    yield from terms.schedule.notes


def _people(about: str, people: Sequence[Someone]) -> Iterator[str]:
    if people:
        names = [one.agent_id if one.name is None else f"{one.agent_id} {shown(one.name)}" for one in people]
        yield f"{about} {counted(len(people), 'agent')}: {_listed(names)}."


def _plans(about: str, plans: Sequence[Plan]) -> Iterator[str]:
    if plans:
        whose = [(shown(plan.who), plan.shifts) for plan in plans]
        names = [f"{who}, line {shifts[0].line}" if shifts else who for who, shifts in whose]
        yield f"{about} {_listed(names, '; ')}."


def _listed(names: Sequence[str], separator: str = ", ") -> str:
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return separator.join(names[:MOST_NAMES]) + more


def _seconds(count: int) -> str:
    return f"{count:,} s"


def _time(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
