"""An agent as the roster names it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import msgspec


class Agent(msgspec.Struct, frozen=True, gc=False):
    """One agent of the roster. Missing fields are None; the id is never missing.

    `agent_id` is the internal id, as text even if the response has a number. `last_login` is the server's own text; ""
    means that the agent never logged in.
    """

    agent_id: str
    name: str | None = None
    user_name: str | None = None
    email: str | None = None
    team: str | None = None
    active: bool | None = None
    last_login: str | None = None
    user_id: str | None = None

    @property
    def known_as(self) -> tuple[str | None, ...]:
        """Its names, the best first: id, user name, e-mail, name, user id."""
        return (self.agent_id, self.user_name, self.email, self.name, self.user_id)

    def is_called(self, text: str) -> bool:
        """Whether a text is one of its names. Case and surrounding blanks do not matter."""
        return _is_one_of(text, self.known_as)

    def is_only(self, text: str) -> bool:
        """Whether a text is a name of this agent alone.

        Ids, user names and e-mails are; several agents may have one name.
        """
        return _is_one_of(text, (self.agent_id, self.user_name, self.email, self.user_id))

    @property
    def has_logged_in(self) -> bool | None:
        """Whether the agent has ever logged in; None if not known."""
        return None if self.last_login is None else self.last_login != ""


def _is_one_of(text: str, names: Iterable[str | None]) -> bool:
    wanted = fold_name(text)
    return any(name and fold_name(name) == wanted for name in names)


def fold_name(text: str) -> str:
    """A text as names are compared. Composed, without surrounding blanks, in one case."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def name_words(text: str) -> tuple[str, ...]:
    """The words of a name, without accents, case and punctuation.

    Without the host of an e-mail too: `Lee, Ann` and `ann.lee@example.com` have the same two.
    """
    local = text.partition("@")[0] or text
    bare = (one for one in unicodedata.normalize("NFKD", local.casefold()) if not unicodedata.combining(one))
    return tuple("".join(one if one.isalnum() else " " for one in bare).split())


def agents_called(texts: Iterable[str], agents: Iterable[Agent]) -> dict[str, tuple[Agent, ...]]:
    """The agents of each folded text, by their best kind of name. Case does not matter."""
    wanted = {fold_name(text) for text in texts}
    found: dict[str, dict[int, list[Agent]]] = {}
    for agent in agents:
        for place, name in enumerate(agent.known_as):
            if name and (text := fold_name(name)) in wanted:
                of_this_kind = found.setdefault(text, {}).setdefault(place, [])
                if agent not in of_this_kind:
                    of_this_kind.append(agent)
    return {text: tuple(places[min(places)]) for text, places in found.items()}


def full_name(first: str | None, last: str | None) -> str | None:
    """First and last name together, or whichever is known."""
    return f"{first} {last}" if first and last else first or last or None
