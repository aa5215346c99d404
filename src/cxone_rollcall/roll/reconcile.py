"""Turns the ledger into the roll. Each requested agent gets one standing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState, is_logged_out

if TYPE_CHECKING:
    from cxone_rollcall.roll.ledger import Ledger


def reconcile(ledger: Ledger) -> Roll:
    """Give each requested agent its standing.

    An agent with a row is present, or logged out if the row says so. An agent marked absent is absent. All others are
    unknown: not requested, not answered, or missing from a response that may be incomplete.
    """
    called, row_of = ledger.agents, ledger.rows.get
    standings = (_standing(ledger, agent_id, row_of(agent_id)) for agent_id in called)
    entries = list(map(RollEntry, called.values(), standings, map(row_of, called), map(ledger.asked_as.get, called)))
    return Roll(entries, roster_complete=roster_is_complete(ledger))


def entry_of(ledger: Ledger, agent_id: str) -> RollEntry:
    """What is known of one requested agent."""
    row = ledger.rows.get(agent_id)
    return RollEntry(ledger.agents[agent_id], _standing(ledger, agent_id, row), row, ledger.asked_as.get(agent_id))


def _standing(ledger: Ledger, agent_id: str, row: AgentState | None) -> Standing:
    if row is not None:
        return Standing.LOGGED_OUT if is_logged_out(row.state) else Standing.PRESENT
    return Standing.ABSENT if agent_id in ledger.absent else Standing.UNKNOWN


def roster_is_complete(ledger: Ledger) -> bool:
    """Whether the whole roster was read. The server counts no more agents, and no page failed."""
    roster = ledger.roster
    if roster is None or roster.failed_pages or roster.unnamed_rows or not roster.settled:
        return False
    if not roster.agents and "roster" in ledger.deviations.no_content:
        return False  # an empty response proves nothing: the roster may be lost, or withheld
    return not ledger.may_see_only_its_owner and (roster.total is None or roster.agents >= roster.total)
