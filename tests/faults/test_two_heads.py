"""Two backends answer in turns, and one has a fault. That proves little."""

from __future__ import annotations

from dataclasses import field
from typing import Any

import pytest
from quality.common.expected_codes import incontact, v2
from quality.common.expected_codes.case import MEND, PROVEN
from tests.faults.holding import hold
from tests.faults.two_heads import HOOKS, OfOneBackend
from tests.support.thorough import sampled

from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.wire import Answer, Call

Check = Any  # the fixture of conftest.py

NOISE = {"RC512", "RC514", "RC515", "RC516"}
"""Codes for answers that differ, and for agents who depend on them."""
ONE_RESPONSE = {
    "RC104": "the page itself is no JSON",
    "RC201": "the token endpoint says so",
    "RC202": "the token endpoint says so",
    "RC203": "the token endpoint says so",
    "RC205": "a token of this run is answered 401, and so is a new one",
    "RC206": "a claim of the token",
    "RC301": "403, and the scope is not in the token",
    "RC302": "403 at each of two tries, of the agents that it names",
    "RC507": "the row itself cannot be read",
    "RC509": "both rows are in one response",
    "RC511": "the 429 itself, for a time that is longer than the run",
    "RC702": "a header of the response",
}
"""Codes that one response proves, with the reason. All others need answers that stay the same."""
LONG = {"hang", "slow-drip"}
"""Faults that wait for a time limit at each try."""

CASES = {
    f"{contract} {case.fault}": (contract, case)
    for contract, cases in (("v2", v2.CASES), ("incontact", incontact.CASES))
    for case in cases
    if case.name not in LONG
}


@pytest.mark.parametrize("name", sampled(CASES, every=7))
async def test_a_fault_of_one_backend_proves_little(check: Check, name: str) -> None:
    """What one backend of two has is no rule of the server. No agent is lost."""
    contract, case = CASES[name]
    for first in (True, False):
        fault = OfOneBackend(inner=case.fault, first=first)
        run = await check(fault, agents=case.agents, seed=case.seed, contracts=(contract,))
        hold(run, case.fault)
        assert run.proven <= NOISE | ONE_RESPONSE.keys()


def test_each_hook_takes_turns() -> None:
    """The two backends differ in everything that a fault can change."""
    assert {"before", "listing", "ids", "after"} <= set(HOOKS)


class LenientBackend(Fault, name="lenient-backend"):
    """Two backends answer in turns. One takes Availble for Available, the other has no rows for any filter."""

    first: bool = True
    count: int = field(default=0, init=False, repr=False, compare=False)

    def before(self, call: Call) -> Answer | None:
        """Answer a request with a filter."""
        if call.endpoint != "states" or "state" not in call.query:
            return None
        self.count += 1
        if (self.count % 2 == 1) is self.first:
            return Answer(200, b'{"entities": []}')
        call.query["state"][:] = ["Available"]
        return None


@pytest.mark.parametrize("first", [True, False])
async def test_two_backends_prove_no_misspelling(check: Check, first: bool) -> None:
    """A filter that one backend accepts is not PROVEN to be misspelt. Against one server it is."""
    misspelt = ("--state", "Availble")
    run = await check(LenientBackend(first=first), options=misspelt)
    hold(run)
    assert PROVEN not in run.strengths.get("RC407", set())
    alone = await check(options=misspelt)
    assert (alone.strengths["RC407"], alone.exit) == ({PROVEN}, MEND)
