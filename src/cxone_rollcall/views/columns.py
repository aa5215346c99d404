"""The fields of an agent in JSON and CSV."""

from __future__ import annotations

from collections.abc import Callable

from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.model.struct import Value

Content = str | bool | None


class Column(Value, frozen=True):
    """One field: its name in JSON and CSV, and its value."""

    name: str
    value: Callable[[RollEntry], Content]


class RowWriter(Value, frozen=True):
    """One format for agents: the bytes before, for, and after the rows.

    `if_complete` follows only a complete list.
    """

    begin: bytes
    row: Callable[[RollEntry], bytes]
    end: bytes = b""
    if_complete: bytes = b""


ROSTER: tuple[Column, ...] = (
    Column("agent_id", lambda entry: entry.agent.agent_id),
    Column("name", lambda entry: entry.agent.name),
    Column("user_name", lambda entry: entry.agent.user_name),
    Column("email", lambda entry: entry.agent.email),
    Column("team", lambda entry: entry.agent.team),
    Column("active", lambda entry: entry.agent.active),
)
"""Fields from the roster."""

STATE: tuple[Column, ...] = (
    Column("standing", lambda entry: entry.standing.value),
    Column("state", lambda entry: entry.state.state if entry.state else None),
    Column("sub_state", lambda entry: entry.state.sub_state if entry.state else None),
    Column("logged_in", lambda entry: entry.logged_in),
    Column("since", lambda entry: entry.state.since if entry.state else None),
)
"""The state of an agent, and the standing derived from it."""

COLUMNS: tuple[Column, ...] = (*ROSTER, *STATE)
