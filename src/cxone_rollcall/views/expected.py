"""The people who are expected, as JSON. Part of the published schema."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cxone_rollcall.findings.attendance import Attendance, Presence
from cxone_rollcall.model.agent import Agent


class PersonDocument(msgspec.Struct):
    """One expected person, and the agents that the file's text means.

    `line` is where the file has it, `asked_as` the text that was compared. If no agent has it, `similar_ids` may be
    meant.
    """

    line: int
    asked_as: str
    presence: Presence
    agent_ids: tuple[str, ...]
    similar_ids: tuple[str, ...]


class ExpectedDocument(msgspec.Struct):
    """The people of `--roster`. Each counts in exactly one presence.

    `not_expected` are ids on the roster that the file does not have.
    """

    file: str
    counts: dict[Presence, int]
    people: list[PersonDocument]
    not_expected: list[str]


def expected_document(attendance: Attendance) -> ExpectedDocument:
    """The people, in the order of the file."""
    return ExpectedDocument(
        file=attendance.file,
        counts=attendance.counts,
        people=[
            PersonDocument(one.line, one.asked_as, one.presence, _ids(one.agents), _ids(one.similar))
            for one in attendance.people
        ],
        not_expected=[entry.agent.agent_id for entry in attendance.not_expected],
    )


def _ids(agents: Iterable[Agent]) -> tuple[str, ...]:
    return tuple(agent.agent_id for agent in agents)
