"""An agent as the roster names it."""

from __future__ import annotations

import msgspec


class Agent(msgspec.Struct, frozen=True, gc=False):
    """One agent of the roster.

    `agent_id` is the internal id, text whether the wire had a number or a text. Every other field is None
    where the server did not give it. `last_login` is the server's own text; "" means that the field is there
    and empty, which says that this agent never logged in.
    """

    agent_id: str
    name: str | None = None
    user_name: str | None = None
    email: str | None = None
    team: str | None = None
    active: bool | None = None
    last_login: str | None = None
    user_id: str | None = None
