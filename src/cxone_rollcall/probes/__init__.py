"""Probes: one further request each, if an open check needs it."""

from __future__ import annotations

from cxone_rollcall.probes.activity import ACTIVITY
from cxone_rollcall.probes.agents import LIST_WITHOUT_IDS, SKILL_COUNTS, STATE_SPELLING, TYPED_IDS
from cxone_rollcall.probes.probe import Probe
from cxone_rollcall.probes.tenant import BUSINESS_UNIT, NEIGHBOUR_VERSIONS, OTHER_CONTRACT, SERVER_TIME

PROBES: tuple[Probe, ...] = (
    SERVER_TIME,
    BUSINESS_UNIT,
    SKILL_COUNTS,
    LIST_WITHOUT_IDS,
    STATE_SPELLING,
    OTHER_CONTRACT,
    TYPED_IDS,
    NEIGHBOUR_VERSIONS,
    ACTIVITY,
)
"""The cheapest probes first; among equals, those of an earlier stage."""
