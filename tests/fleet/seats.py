"""Seats of invented agents, and polls of them."""

from __future__ import annotations

from typing import Any

from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.seat import Certainty, Seat, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState


def seat(agent_id: str, state: str | None = "Available", *, as_of: float = 100.0, missed: int = 0) -> Seat:
    """An agent in a state; None for one who is logged out."""
    row = None if state is None else AgentState(agent_id, state)
    standing = Standing.LOGGED_OUT if state is None else Standing.PRESENT
    since = Since(as_of, Certainty.AT_LEAST)
    return Seat(Agent(agent_id, f"Agent {agent_id}"), standing, row, None, since, as_of, missed)


def polled(as_of: float | None = 100.0, **fields: Any) -> Polled:
    """The end of a poll that saw everybody."""
    given = {"poll": 1, "ok": True, "complete": True, "age": 0.0, "counts": {}, "requests": 0, "interval": 10.0}
    return Polled(as_of=as_of, received_at=as_of, **{**given, **fields})
