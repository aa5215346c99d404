"""Whom does the user mean? An exact match first, then the only one that comes near, which is said to be a guess."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cxone_rollcall.model.agent import Agent

CLOSE = 0.8
"""How alike a text and a name must be for one to be taken for the other."""
NEAR = 0.6
"""How alike they must be for the name to be offered."""
LEAD = 0.1
"""How much closer the closest must come than the next one to be meant alone."""
A_PART = 0.9
"""How close a text comes that is whole words of a name, and not all of them."""
MOST_NEAR = 3
SHORTEST = 3
"""Letters that a text must have to be more than an abbreviation."""


class Meaning(Value, frozen=True, kw_only=True):
    """What the user typed, and whom it means: one agent, several who are equally meant, or nobody.

    `exact` tells that it is on the roster as typed. `near` are those who come nearest where nobody is meant.
    """

    typed: str
    agents: tuple[Agent, ...] = ()
    exact: bool = True
    near: tuple[Agent, ...] = ()

    @property
    def agent(self) -> Agent | None:
        """The agent who is meant, None where there is none, or more than one."""
        return self.agents[0] if len(self.agents) == 1 else None


def meaning(typed: str, roster: Iterable[Agent], *, whole: bool) -> Meaning:
    """Find out whom a text means; of a roster that was not read `whole` nobody is guessed, because the rest is unknown.

    A number is an id or nothing: one that is nearly another is another agent.
    """
    roster = tuple(roster)
    exact = _exactly(typed, roster)
    if exact:
        return Meaning(typed=typed, agents=exact)
    if sum(character.isalpha() for character in typed) < SHORTEST:
        return Meaning(typed=typed, exact=False)
    scored = sorted(_scored(typed, roster), key=lambda one: -one[0])
    close = [(score, agent) for score, agent in scored if score >= CLOSE]
    meant = tuple(agent for score, agent in close if score > close[0][0] - LEAD) if whole else ()
    near = () if meant else tuple(agent for _, agent in scored[:MOST_NEAR])
    return Meaning(typed=typed, agents=meant, exact=False, near=near)


def _exactly(typed: str, roster: tuple[Agent, ...]) -> tuple[Agent, ...]:
    """Return whom a text means to the letter: by id before user name, e-mail, name and user id, whatever the case."""
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
    """Yield those who come near at all, with how near: 1.0 is the same but for case, accents, order and marks."""
    words = _words(typed.partition("@")[0] if "@" in typed else typed)
    likenesses = [_likeness_to(" ".join(words)), _likeness_to(" ".join(sorted(words)))]
    for agent in roster:
        best = 0.0
        for name in (agent.name, agent.user_name, agent.email):
            theirs = _words((name or "").partition("@")[0])
            if words and set(words) < set(theirs):
                best = max(best, A_PART)
            for likeness, text in zip(likenesses, (" ".join(theirs), " ".join(sorted(theirs))), strict=True):
                likeness.set_seq1(text)
                if likeness.real_quick_ratio() > max(best, NEAR) and likeness.quick_ratio() > max(best, NEAR):
                    best = max(best, likeness.ratio())
        if best >= NEAR:
            yield best, agent


def _likeness_to(text: str) -> SequenceMatcher[str]:
    """Return what compares other texts with this one, which it looks through once for all of them."""
    likeness: SequenceMatcher[str] = SequenceMatcher(autojunk=False)
    likeness.set_seq2(text)
    return likeness


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a name without accents, case and marks: `Lee, Ann` and `ann.lee` are the same two."""
    bare = (one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return tuple("".join(one if one.isalnum() else " " for one in bare).split())
