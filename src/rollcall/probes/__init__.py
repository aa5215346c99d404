"""One more question to the world each, asked only where an open check needs the answer."""

from __future__ import annotations

from rollcall.probes.activity import ACTIVITY
from rollcall.probes.base import Probe
from rollcall.probes.business_unit import BUSINESS_UNIT
from rollcall.probes.neighbour_versions import NEIGHBOUR_VERSIONS
from rollcall.probes.other_contract import OTHER_CONTRACT
from rollcall.probes.respelt_state import RESPELT_STATE
from rollcall.probes.server_time import SERVER_TIME
from rollcall.probes.skills import SKILLS
from rollcall.probes.typed_ids import TYPED_IDS

PROBES: tuple[Probe, ...] = (
    NEIGHBOUR_VERSIONS,
    OTHER_CONTRACT,
    SERVER_TIME,
    BUSINESS_UNIT,
    SKILLS,
    RESPELT_STATE,
    TYPED_IDS,
    ACTIVITY,
)
"""In the order of the road that an answer takes, which is also that of what they cost."""

__all__ = ["PROBES", "Probe"]
