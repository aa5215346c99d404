"""One more question to the world each, asked only where an open check needs the answer."""

from __future__ import annotations

from rollcall.probes.base import Probe
from rollcall.probes.other_contract import OTHER_CONTRACT
from rollcall.probes.respelt_state import RESPELT_STATE
from rollcall.probes.typed_ids import TYPED_IDS

PROBES: tuple[Probe, ...] = (OTHER_CONTRACT, RESPELT_STATE, TYPED_IDS)

__all__ = ["PROBES", "Probe"]
