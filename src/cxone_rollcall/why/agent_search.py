"""Finds the agent that a text means. An exact match, else one guess."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.struct import Value

CLOSE = 0.8
"""Similarity (0 to 1) from which a name may be meant."""
NEAR = 0.6
"""Similarity at which a name is offered to the user."""
LEAD = 0.1
"""Lead in similarity that makes the best name the only match."""
A_PART = 0.9
"""Similarity of a text that is some whole words of a name."""
MOST_NEAR = 3
SHORTEST = 3
"""Fewest letters of a text that is compared with names. A shorter one is an abbreviation."""


class Match(Value, frozen=True, kw_only=True):
    """What the user typed, and the agents that match it.

    One, several equally good ones, or none. `exact` is True if the roster has the text as typed. `near` are the most
    similar agents if none matches.
    """

    typed: str
    agents: tuple[Agent, ...] = ()
    exact: bool = True
    near: tuple[Agent, ...] = ()

    @property
    def agent(self) -> Agent | None:
        """The only match, or None."""
        return self.agents[0] if len(self.agents) == 1 else None


def find_agent(typed: str, roster: Iterable[Agent], *, whole: bool) -> Match:
    """Match a text with the roster.

    It guesses only if the roster was read `whole`, since the rest may match better. A number matches an id exactly or
    not at all: a similar id is another agent.
    """
    roster = tuple(roster)
    exact = _exact(typed, roster)
    if exact:
        return Match(typed=typed, agents=exact)
    if sum(character.isalpha() for character in typed) < SHORTEST:
        return Match(typed=typed, exact=False)
    scored = sorted(_scored(typed, roster), key=lambda one: -one[0])
    close = [(score, agent) for score, agent in scored if score >= CLOSE]
    meant = tuple(agent for score, agent in close if score > close[0][0] - LEAD) if whole else ()
    near = () if meant else tuple(agent for _, agent in scored[:MOST_NEAR])
    return Match(typed=typed, agents=meant, exact=False, near=near)


def _exact(typed: str, roster: tuple[Agent, ...]) -> tuple[Agent, ...]:
    """Agents with exactly this text as id, or as another name.

    The id counts first, then user name, e-mail, name, user id. Letter case does not matter.
    """
    wanted = _folded(typed)
    found: dict[int, list[Agent]] = {}
    for agent in roster:
        known_as = (agent.agent_id, agent.user_name, agent.email, agent.name, agent.user_id)
        place = next((place for place, name in enumerate(known_as) if name and _folded(name) == wanted), None)
        if place is not None:
            found.setdefault(place, []).append(agent)
    return tuple(found[min(found)]) if found else ()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _scored(typed: str, roster: tuple[Agent, ...]) -> Iterator[tuple[float, Agent]]:
    """Yield similar agents with their similarity. 1.0 ignores case, accents, order and punctuation."""
    words = _words(typed.partition("@")[0] if "@" in typed else typed)
    matchers = [_matcher(" ".join(words)), _matcher(" ".join(sorted(words)))]
    for agent in roster:
        best = 0.0
        for name in (agent.name, agent.user_name, agent.email):
            theirs = _words((name or "").partition("@")[0])
            if words and set(words) < set(theirs):
                best = max(best, A_PART)
            for matcher, text in zip(matchers, (" ".join(theirs), " ".join(sorted(theirs))), strict=True):
                matcher.set_seq1(text)
                if matcher.real_quick_ratio() > max(best, NEAR) and matcher.quick_ratio() > max(best, NEAR):
                    best = max(best, matcher.ratio())
        if best >= NEAR:
            yield best, agent


def _matcher(text: str) -> SequenceMatcher[str]:
    """A matcher that compares other texts with this one."""
    matcher: SequenceMatcher[str] = SequenceMatcher(autojunk=False)
    matcher.set_seq2(text)
    return matcher


def _words(text: str) -> tuple[str, ...]:
    """The words of a name without accents, case and punctuation. `Lee, Ann` and `ann.lee` have the same two."""
    bare = (one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return tuple("".join(one if one.isalnum() else " " for one in bare).split())
