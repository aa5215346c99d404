"""A history file that is written from intervals, without a tenant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cxone_rollcall.history.interval import Interval, Person, Poll, Status, unknown
from cxone_rollcall.history.recorder import Batch
from cxone_rollcall.history.store import writing
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing

AVAILABLE = Status(Standing.PRESENT, "Available", None, "available")
ON_CONTACT = Status(Standing.PRESENT, "InboundContact", None, "on-contact")
LUNCH = Status(Standing.PRESENT, "Unavailable", "Lunch", "unavailable")
BREAK = Status(Standing.PRESENT, "Break", None, "unavailable")
LOGGED_OUT = Status(Standing.LOGGED_OUT)
ABSENT = Status(Standing.ABSENT)
UNKNOWN = unknown("RC105")
STATUSES = (AVAILABLE, ON_CONTACT, LUNCH, BREAK, LOGGED_OUT, ABSENT, UNKNOWN)


def written(
    path: Path,
    days: Mapping[Agent, Sequence[tuple[int, int, Status]]],
    *,
    first: int,
    last: int,
    later: Iterable[Person] = (),
) -> None:
    """Write a history: each agent's intervals in milliseconds. It was recorded from `first` to `last`."""
    people = [Person(first, agent) for agent in days]
    closed = [(agent.agent_id, Interval(*one)) for agent, day in days.items() for one in day]
    with writing(path, tenant="floor") as store:
        store.write(Batch(Poll("run", 1, first, first, ok=True, complete=True), people=people))
        store.write(
            Batch(Poll("run", 2, last - 1, last - 1, ok=True, complete=True), closed=closed, people=list(later))
        )
