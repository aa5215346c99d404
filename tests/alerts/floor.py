"""Boards made by hand, for tests of alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cxone_rollcall.alerts.events import AlertEvent
from cxone_rollcall.alerts.reading import parse_alerts
from cxone_rollcall.alerts.sight import Sight
from cxone_rollcall.alerts.state import Alerts
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import Certainty, Seat, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState

START = 1_000_000.0


def seat(
    agent_id: str,
    state: str | None = "Available",
    *,
    team: str | None = "Support",
    since: float = START,
    certainty: Certainty = Certainty.EXACT,
    earliest: float | None = None,
    standing: Standing = Standing.PRESENT,
    row_since: str | None = None,
    missed: int = 0,
) -> Seat:
    """A seat whose state began at a time. It began after `earliest`, if that is known."""
    named, _, sub_state = (state or "").partition(" - ")
    row = AgentState(agent_id, named, sub_state or None, row_since) if standing is Standing.PRESENT else None
    first = since if certainty is Certainty.EXACT else earliest
    group = Groups().of(row) if row is not None else None
    agent = Agent(agent_id, name=f"Name {agent_id}", team=team)
    return Seat(agent, standing, row, group, Since(since, certainty, first), since, missed)


def blind(*seats: Seat, missed: int = 3) -> list[Seat]:
    """The same seats after polls without an answer."""
    return [Seat(one.agent, one.standing, one.state, one.group, one.since, one.as_of, missed) for one in seats]


def sight(seats: Iterable[Seat], now: float, **given: Any) -> Sight:
    """What a poll shows: these seats, a complete roster, no findings."""
    values: dict[str, Any] = {"roster_complete": True, "doubted": frozenset(), "troubles": {}, "judged": frozenset()}
    return Sight(seats={one.agent.agent_id: one for one in seats}, as_of=now, **{**values, **given})


def alerts(text: str, *, tenant: str = "acme") -> Alerts:
    """The alerts of a file's text, which needs no places."""
    return Alerts(parse_alerts(text, named="alerts.toml").rules, tenant=tenant)


def kinds(events: Sequence[AlertEvent]) -> list[tuple[str, list[str]]]:
    """The kind of each event, and the ids of its agents."""
    return [(one.kind.value, [who.id for alert in one.alerts for who in alert.subjects]) for one in events]
