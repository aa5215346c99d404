"""An agent as the roster names it."""

from __future__ import annotations

from typing import Any

import msgspec

FIELDS = ("agent_id", "name", "user_name", "email", "team", "active", "last_login", "user_id")
"""The fields of an agent, in the order in which they are given and written."""

_Texts = tuple[str | None, str | None, str | bool | None, str | None, str | None]
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(_Texts).decode


class Agent:
    """One agent of the roster; a value, which nobody changes.

    `agent_id` is the internal id, text whether the wire had a number or a text. Every other field is None
    where the server did not give it. `last_login` is the server's own text; "" means that the field is there
    and empty, which says that this agent never logged in: then `has_logged_in` is False.

    The texts that hardly two agents share are kept together as bytes, and taken apart when they are read: each text by
    itself takes 49 bytes more than its letters. An e-mail address that is the user name too is kept once.
    """

    __slots__ = ("_texts", "active", "agent_id", "has_logged_in", "team")

    def __init__(
        self,
        agent_id: str,
        name: str | None = None,
        user_name: str | None = None,
        email: str | None = None,
        team: str | None = None,
        active: bool | None = None,
        last_login: str | None = None,
        user_id: str | None = None,
    ) -> None:
        self.agent_id = agent_id
        self.team = team
        self.active = active
        self.has_logged_in = None if last_login is None else last_login != ""
        same = email is not None and email == user_name
        self._texts = _together((name, user_name, same or email, last_login, user_id))

    @property
    def name(self) -> str | None:
        """The name that is shown."""
        return _apart(self._texts)[0]

    @property
    def user_name(self) -> str | None:
        """The name that this agent logs in with."""
        return _apart(self._texts)[1]

    @property
    def email(self) -> str | None:
        """The e-mail address."""
        return self.names[2]

    @property
    def names(self) -> tuple[str | None, str | None, str | None]:
        """Name, user name and e-mail address, for who shows everybody's: they are taken apart once."""
        name, user_name, email, _, _ = _apart(self._texts)
        return name, user_name, user_name if isinstance(email, bool) else email

    @property
    def last_login(self) -> str | None:
        """The server's own text of the last login, "" for never."""
        return _apart(self._texts)[3]

    @property
    def user_id(self) -> str | None:
        """The id of the user behind this agent."""
        return _apart(self._texts)[4]

    def fields(self) -> dict[str, Any]:
        """Return every field by its name."""
        values = (self.agent_id, *self.names, self.team, self.active, self.last_login, self.user_id)
        return dict(zip(FIELDS, values, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Agent) and self.fields() == other.fields()

    def __hash__(self) -> int:
        return hash(self.agent_id)

    def __repr__(self) -> str:
        return f"Agent({', '.join(f'{name}={value!r}' for name, value in self.fields().items())})"


def _together(texts: _Texts) -> bytes | _Texts:
    """Return texts as one; as they are, where half a character is in them, which UTF-8 has no bytes for."""
    try:
        return _ENCODE(texts)
    except UnicodeEncodeError:
        return texts


def _apart(kept: bytes | _Texts) -> _Texts:
    return kept if isinstance(kept, tuple) else _DECODE(kept)


def full_name(first: str | None, last: str | None) -> str | None:
    """First and last name together, or whichever is known."""
    return f"{first} {last}" if first and last else first or last or None
