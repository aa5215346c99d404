"""One more question to the world each, asked only where an open check needs the answer."""

from __future__ import annotations

from cxone_rollcall.probes.activity import ACTIVITY
from cxone_rollcall.probes.business_unit import BUSINESS_UNIT
from cxone_rollcall.probes.list_without_ids import EVERYBODY
from cxone_rollcall.probes.neighbour_versions import NEIGHBOUR_VERSIONS
from cxone_rollcall.probes.other_contract import OTHER_CONTRACT
from cxone_rollcall.probes.probe import BudgetSpent, Probe, Questions
from cxone_rollcall.probes.server_time import SERVER_TIME
from cxone_rollcall.probes.skill_counts import SKILLS
from cxone_rollcall.probes.state_spelling import RESPELT_STATE
from cxone_rollcall.probes.typed_ids import TYPED_IDS

PROBES: tuple[Probe, ...] = (
    SERVER_TIME,
    BUSINESS_UNIT,
    SKILLS,
    RESPELT_STATE,
    EVERYBODY,
    OTHER_CONTRACT,
    NEIGHBOUR_VERSIONS,
    TYPED_IDS,
    ACTIVITY,
)
"""The cheapest first, and of those that cost the same the one that tells most: first what is earlier on the road."""

__all__ = ["PROBES", "BudgetSpent", "Probe", "Questions"]
