"""Calls the roll: roster, then all states, then each agent's standing."""

from __future__ import annotations

from cxone_rollcall.roll.agent_search import Match, UnclearAgents
from cxone_rollcall.roll.call import call_roll, list_roster
from cxone_rollcall.roll.grace import wait_for_absent
from cxone_rollcall.roll.ledger import Ledger
from cxone_rollcall.roll.reconcile import reconcile
from cxone_rollcall.roll.selection import Selection
from cxone_rollcall.roll.stream import stream_states

__all__ = [
    "Ledger",
    "Match",
    "Selection",
    "UnclearAgents",
    "call_roll",
    "list_roster",
    "reconcile",
    "stream_states",
    "wait_for_absent",
]
