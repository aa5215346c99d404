"""Texts of the tenant, made safe for an assistant."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.redaction.people import People
from cxone_rollcall.views.text import brief

MOST_OF_A_NAME = 80
"""Cells of a state, a team or a name."""
MOST_OF_A_MESSAGE = 400
"""Cells of a message or of what was seen."""
MOST_READ = 4_000
"""Characters of a text that are searched for names. The rest would be cut anyway."""
MOST_OF_AN_ID = 64
_IN_IDS = frozenset("-_.@:+")


def plain_id(agent_id: str) -> str:
    """An id without blanks and signs. So it cannot be a sentence. CXone's are numbers and UUIDs."""
    return "".join(one if one.isalnum() else one if one in _IN_IDS else "?" for one in agent_id[:MOST_OF_AN_ID])


class TenantTexts:
    """Makes the tenant's texts safe.

    They have no secrets, no control or invisible characters, and are cut.

    Without `names`, people's names in them are replaced; `agents` are whom to look for. `redact` replaces secrets.
    """

    def __init__(self, agents: Iterable[Agent], *, names: bool, redact: Callable[[str], str]) -> None:
        self.names = names
        self._redact = redact
        self._agents = tuple(agents)
        self._people: People | None = None

    def thing(self, text: str | None) -> str | None:
        """A state or a team. A person's full name in it is replaced."""
        if text is None:
            return None
        text = self._redact(text[:MOST_READ])
        return brief(text if self.names else self._met().of_things(text), MOST_OF_A_NAME)

    def name(self, text: str | None) -> str | None:
        """A person's name. Only for a server with names."""
        return None if text is None else brief(self._redact(text[:MOST_READ]), MOST_OF_A_NAME)

    def message(self, text: str) -> str:
        """A sentence, or what a server sent."""
        text = self._redact(text[:MOST_READ])
        return brief(text if self.names else self._met().without(text), MOST_OF_A_MESSAGE)

    def _met(self) -> People:
        """The people to look for. They are collected when the first text asks for it."""
        if self._people is None:
            self._people = People(frozenset(one.agent_id for one in self._agents))
            for one in self._agents:
                self._people.meet_agent(one)
        return self._people
