"""Probes: one further question to the API each, sent only if an open check needs its answer."""

from __future__ import annotations

from cxone_rollcall.probes.activity import ACTIVITY
from cxone_rollcall.probes.business_unit import BUSINESS_UNIT
from cxone_rollcall.probes.list_without_ids import LIST_WITHOUT_IDS
from cxone_rollcall.probes.neighbour_versions import NEIGHBOUR_VERSIONS
from cxone_rollcall.probes.other_contract import OTHER_CONTRACT
from cxone_rollcall.probes.probe import BudgetedClient, BudgetSpent, Probe
from cxone_rollcall.probes.server_time import SERVER_TIME
from cxone_rollcall.probes.skill_counts import SKILL_COUNTS
from cxone_rollcall.probes.state_spelling import STATE_SPELLING
from cxone_rollcall.probes.typed_ids import TYPED_IDS

PROBES: tuple[Probe, ...] = (
    SERVER_TIME,
    BUSINESS_UNIT,
    SKILL_COUNTS,
    STATE_SPELLING,
    LIST_WITHOUT_IDS,
    OTHER_CONTRACT,
    NEIGHBOUR_VERSIONS,
    TYPED_IDS,
    ACTIVITY,
)
"""The cheapest probes first; among equals, those about an earlier stage of the run."""

__all__ = ["PROBES", "BudgetSpent", "BudgetedClient", "Probe"]
