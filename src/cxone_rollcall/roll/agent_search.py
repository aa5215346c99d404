"""Finds the agents that the user means.

By a whole name, else by a part of a name that only one agent has. A misspelt name is never taken for another one:
similar names are offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.agent import Agent, agents_called, fold_name, name_words
from cxone_rollcall.model.struct import Value

SIMILAR = 0.6
"""Similarity (0 to 1) from which a name is offered."""
MOST_SIMILAR = 3
SHORTEST = 3
"""Fewest letters of a text that may be a name's beginning. Shorter texts are not compared with names either."""
_ID = re.compile(r"\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Words = tuple[str, ...]


class Match(Value, frozen=True, kw_only=True):
    """What the user typed, and the agents that match it.

    One, several equally good ones, or none. `exact` is True if the roster has the text as typed. `similar` are the
    agents to offer if none matches.
    """

    typed: str
    agents: tuple[Agent, ...] = ()
    exact: bool = True
    similar: tuple[Agent, ...] = ()


class UnclearAgents(SettingError):
    """Texts that mean no agent of the roster, or several. `matches` has the candidates."""

    def __init__(self, matches: Sequence[Match]) -> None:
        super().__init__("; ".join(map(_unclear, matches)))
        self.matches = tuple(matches)


class Named(Value, frozen=True, kw_only=True):
    """The agents that the user named.

    Each with the text that named it first. `unknown` are texts that the roster does not have: ids, and names that may
    be on a page that was not read.
    """

    agents: tuple[tuple[str, Agent], ...] = ()
    unknown: tuple[str, ...] = ()

    def ids_to_ask(self) -> tuple[str, ...]:
        """Ids of these agents, and unknown ids. A name is never requested as an id."""
        return (*(agent.agent_id for _, agent in self.agents), *filter(is_like_an_id, self.unknown))


def name_agents(texts: Iterable[str], roster: Collection[Agent], *, whole: bool, as_sent: bool = False) -> Named:
    """Find the agent that each text means; raises `UnclearAgents`.

    A text without a match is `unknown` if it looks like an id, or if the `whole` roster was not read. A roster of one
    agent or none is never whole here: a missing permission may hide the others. Texts that a program sent are taken
    `as_sent`: each is a name in full, of all agents that share it, or unknown.
    """
    whole = whole and len(roster) > 1 and not as_sent
    matches = find_agents(texts, roster, whole=whole)
    missing = [one for one in matches if not one.agents]
    unknown = [one for one in missing if not whole or is_like_an_id(one.typed)]
    unclear = [one for one in matches if len(one.agents) != 1 and one not in unknown and not as_sent]
    if unclear:
        raise UnclearAgents(unclear)
    agents: dict[str, tuple[str, Agent]] = {}
    for one in matches:
        for agent in one.agents:
            agents.setdefault(agent.agent_id, (one.typed, agent))
    return Named(agents=tuple(agents.values()), unknown=tuple(one.typed for one in unknown))


def find_agents(texts: Iterable[str], roster: Collection[Agent], *, whole: bool) -> tuple[Match, ...]:
    """Match each text with the roster.

    The id comes before the user name, the e-mail, the name and the user id; then the same words in another order, some
    whole words of a name, and beginnings of words. Only names that are exact match if the `whole` roster was not read:
    the rest of it may match better.
    """
    typed = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
    exact = agents_called(typed, roster)
    matches = []
    for text in typed:
        found = exact.get(fold_name(text))
        parts = () if found or not whole or is_like_an_id(text) else _with_words(name_words(text), roster)
        similar = () if found or parts or is_like_an_id(text) else _similar(text, roster)
        matches.append(Match(typed=text, agents=found or parts, exact=bool(found), similar=similar))
    return tuple(matches)


def is_like_an_id(text: str) -> bool:
    """Whether a text is a number or a UUID. The API may know it though the roster does not."""
    return _ID.fullmatch(text) is not None


def _unclear(match: Match) -> str:
    if match.agents:
        return f"{match.typed!r} may mean {len(match.agents)} agents: which one?"
    meant = ": did you mean" if match.similar else ""
    return f"no agent on the roster is called {match.typed!r}, or this account may not list it{meant}"


def _with_words(typed: Words, roster: Iterable[Agent]) -> tuple[Agent, ...]:
    """The agents with all of these words.

    As the whole name, else in it, else as beginnings of its words.
    """
    squeezed = "".join(typed)
    if not any(map(str.isalpha, squeezed)):
        return ()
    long_enough = sum(map(str.isalpha, squeezed)) >= SHORTEST
    rules: tuple[Callable[[Words], bool], ...] = (
        lambda name: sorted(name) == sorted(typed) or "".join(name) == squeezed,
        lambda name: set(typed) < set(name),
        lambda name: long_enough and all(any(word.startswith(one) for word in name) for one in typed),
    )
    found: dict[int, list[Agent]] = {}
    for agent in roster:
        names = _names(agent)
        rule = next((place for place, fits in enumerate(rules) if any(map(fits, names))), None)
        if rule is not None:
            found.setdefault(rule, []).append(agent)
    return tuple(found[min(found)]) if found else ()


def _names(agent: Agent) -> list[Words]:
    return [name_words(name) for name in (agent.name, agent.user_name, agent.email) if name]


def _similar(typed: str, roster: Iterable[Agent]) -> tuple[Agent, ...]:
    """At most `MOST_SIMILAR` agents with a similar name, the most similar first."""
    if sum(map(str.isalpha, typed)) < SHORTEST:
        return ()
    scored = sorted(_scored(name_words(typed), roster), key=lambda one: -one[0])
    return tuple(agent for _, agent in scored[:MOST_SIMILAR])


def _scored(typed: Words, roster: Iterable[Agent]) -> Iterator[tuple[float, Agent]]:
    """Yield similar agents with their similarity. It ignores case, accents, order and punctuation."""
    matchers = [_matcher(" ".join(typed)), _matcher(" ".join(sorted(typed)))]
    for agent in roster:
        best = 0.0
        for name in _names(agent):
            if set(typed) & set(name):
                best = max(best, SIMILAR)
            for matcher, text in zip(matchers, (" ".join(name), " ".join(sorted(name))), strict=True):
                matcher.set_seq1(text)
                if matcher.real_quick_ratio() > max(best, SIMILAR) and matcher.quick_ratio() > max(best, SIMILAR):
                    best = max(best, matcher.ratio())
        if best >= SIMILAR:
            yield best, agent


def _matcher(text: str) -> SequenceMatcher[str]:
    """A matcher that compares other texts with this one."""
    matcher: SequenceMatcher[str] = SequenceMatcher(autojunk=False)
    matcher.set_seq2(text)
    return matcher
