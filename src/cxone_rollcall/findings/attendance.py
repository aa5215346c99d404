"""The people who are expected, and who of them is logged in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from enum import StrEnum
from functools import cached_property

from cxone_rollcall.model.agent import Agent, agents_called, fold_name, name_words
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import Value

MOST_SIMILAR = 3


class Presence(StrEnum):
    """What is known of a person who is expected. Unknown is never shown as not logged in."""

    LOGGED_IN = "logged_in"
    NOT_LOGGED_IN = "not_logged_in"
    UNKNOWN = "unknown"
    NOT_ON_ROSTER = "not_on_roster"
    AMBIGUOUS = "ambiguous"


class Expected(Value, frozen=True, kw_only=True):
    """A person in a file. `names` are ids, user names or e-mails, the best first."""

    line: int
    names: tuple[str, ...]


class Person(Value, frozen=True, kw_only=True):
    """An expected person, and the agents that the name may mean.

    `asked_as` is the name that found them, else the first of the file. If no agent has it, `similar` may be meant: they
    have a name of the same words, whatever their order, accents and the host of an e-mail.
    """

    line: int
    asked_as: str
    presence: Presence
    agents: tuple[Agent, ...] = ()
    similar: tuple[Agent, ...] = ()


class Attendance(Value, frozen=True, kw_only=True, dict=True):
    """Each expected person once, and the agents whom nobody expects.

    `repeated` are lines that name somebody again, with the line that did so first.
    """

    file: str
    people: tuple[Person, ...]
    not_expected: tuple[RollEntry, ...]
    repeated: tuple[tuple[int, int], ...] = ()

    @cached_property
    def counts(self) -> dict[Presence, int]:
        """The people of each presence. The sum is the number of people."""
        count = Counter(person.presence for person in self.people)
        return {presence: count[presence] for presence in Presence}

    def of(self, presence: Presence) -> list[Person]:
        """The people of a presence, in the order of the file."""
        return [person for person in self.people if person.presence is presence]

    @property
    def is_open(self) -> bool:
        """Whether it cannot be told of somebody whether they are logged in."""
        return bool(self.counts[Presence.UNKNOWN] or self.counts[Presence.AMBIGUOUS])

    @property
    def is_met(self) -> bool:
        """Whether everybody who is expected is logged in."""
        return self.counts[Presence.LOGGED_IN] == len(self.people)


def attendance(expected: Sequence[Expected], roll: Roll, *, not_there: Set[str], whole: bool, file: str) -> Attendance:
    """Find each expected person on the roll.

    `not_there` are ids of absent agents who are simply not logged in. Any other absence may have a cause of another
    kind, so it is unknown. On a roll that is not `whole`, a person who is not found is unknown too.
    """
    entries = {entry.agent.agent_id: entry for entry in roll.entries}
    called = agents_called((name for one in expected for name in one.names), (one.agent for one in roll.entries))
    meant = [_meant(one, called) for one in expected]
    by_words = {} if all(agents for _, agents in meant) else _by_words(entry.agent for entry in roll.entries)
    people: dict[tuple[str, ...], Person] = {}
    repeated: list[tuple[int, int]] = []
    for one, (asked_as, agents) in zip(expected, meant, strict=True):
        key = tuple(agent.agent_id for agent in agents) or ("", fold_name(asked_as))
        if key in people:
            repeated.append((one.line, people[key].line))
            continue
        if len(agents) == 1:
            presence = _presence(entries[agents[0].agent_id], not_there)
        elif agents:
            presence = Presence.AMBIGUOUS
        else:
            presence = Presence.NOT_ON_ROSTER if whole else Presence.UNKNOWN
        similar = () if agents else _similar(one, by_words)
        people[key] = Person(line=one.line, asked_as=asked_as, presence=presence, agents=agents, similar=similar)
    found = {agent.agent_id for person in people.values() for agent in person.agents}
    return Attendance(
        file=file,
        people=tuple(people.values()),
        not_expected=tuple(entry for agent_id, entry in entries.items() if agent_id not in found),
        repeated=tuple(repeated),
    )


def _meant(one: Expected, called: Mapping[str, tuple[Agent, ...]]) -> tuple[str, tuple[Agent, ...]]:
    """The first name that an agent has, and the agents. Of several, only those who are not inactive."""
    for name in one.names:
        if agents := called.get(fold_name(name), ()):
            return name, tuple(agent for agent in agents if agent.active is not False) or agents
    return one.names[0], ()


def _by_words(agents: Iterable[Agent]) -> dict[frozenset[str], list[Agent]]:
    """The agents by the words of each of their names."""
    found: dict[frozenset[str], list[Agent]] = {}
    for agent in agents:
        for words in {frozenset(name_words(name)) for name in (agent.name, agent.user_name, agent.email) if name}:
            found.setdefault(words, []).append(agent)
    return found


def _similar(one: Expected, by_words: Mapping[frozenset[str], Sequence[Agent]]) -> tuple[Agent, ...]:
    """The first agents with the words of a name."""
    words = (frozenset(name_words(name)) for name in one.names)
    return next((tuple(by_words[some][:MOST_SIMILAR]) for some in words if some and some in by_words), ())


def _presence(entry: RollEntry, not_there: Iterable[str]) -> Presence:
    if entry.standing is Standing.PRESENT:
        return Presence.LOGGED_IN
    if entry.standing is Standing.LOGGED_OUT or entry.agent.agent_id in not_there:
        return Presence.NOT_LOGGED_IN
    return Presence.UNKNOWN
