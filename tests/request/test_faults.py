"""A right request is never blamed for a fault of the server. Every fault of the emulator is tried."""

from __future__ import annotations

import pytest
from tests.request.conftest import Explain
from tests.support.thorough import sampled

from cxone_rollcall.emulator import FAULTS
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.model.observations.request import AS_IT_STANDS

TARGETS = {
    "v2": "/api/v2/agents/states?agentIds={all}",
    "incontact": "/incontactapi/services/v34.0/agents/states?top=200",
}
TRUE = {
    "separator": "RC410",
    "too-many-ids": "RC404",
    "batch-cut": "RC405",
    "poison-id": "RC403",
    "version-missing": "RC109",
}
"""Faults for which the request has to be written in another way."""
ON_A_LIST = {"batch-cut": "RC502"}
"""The same, for a list with pages."""
SIMPLEST = {"latency": "latency=5", "slow-drip": "slow-drip=at=states,times=1", "rate-limit": "rate-limit=20"}
CASES = [(contract, fault) for contract in TARGETS for fault in FAULTS if contract in fault.contracts]


@pytest.mark.parametrize(("contract", "fault"), sampled(CASES, every=5))
async def test_only_true_causes_are_proven(explain: Explain, contract: str, fault: type[Fault]) -> None:
    """Only the cause that this fault makes true is proven."""
    spec = SIMPLEST.get(fault.name, fault.name)
    told = await explain(TARGETS[contract], spec, contract=contract, page_cap=200)
    proven = {
        one["code"]
        for one in told.document["findings"]
        if one["strength"] == "PROVEN" and one["evidence"][0]["claim"] == AS_IT_STANDS
    }
    true = (TRUE if contract == "v2" else TRUE | ON_A_LIST).get(fault.name)
    assert proven <= {true}
    assert told.code in (0, 1, 3, 4, 5)
