"""Each fault is in a table, and each page's command works."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from quality.common.expected_codes import incontact as incontact
from quality.common.expected_codes import v2 as v2
from quality.common.expected_codes.case import Case
from tests.support.many_values import together

from cxone_rollcall.emulator import FAULTS
from cxone_rollcall.findings.catalogue import FINDINGS, by_code
from cxone_rollcall.findings.page import page_of


def listed(cases: tuple[Case, ...], *others: Iterable[str]) -> set[str]:
    """Return the names of the faults in a contract's tables."""
    return {one.name for one in cases} | {fault.partition("=")[0] for names in others for fault in names}


@pytest.mark.parametrize(
    ("contract", "named"),
    [
        ("v2", listed(v2.CASES, v2.ODD, v2.SPARED, v2.WAITING)),
        ("incontact", listed(incontact.CASES, incontact.ODD, incontact.ELSEWHERE)),
    ],
)
def test_every_fault_has_a_place(contract: str, named: set[str]) -> None:
    """Each fault of a contract has a code or is harmless. No entry is left over."""
    assert named >= {fault.name for fault in FAULTS if contract in fault.contracts}
    assert named <= {fault.name for fault in FAULTS}


def test_every_code_is_reached() -> None:
    """Each code that a fault declares is reached, on some contract."""
    led = {(one.name, one.code) for one in (*v2.CASES, *incontact.CASES)}
    led |= {(fault.partition("=")[0], code) for fault, code in v2.WAITING.items()}
    assert {(fault.name, code) for fault in FAULTS for code in fault.codes} - led == LED_TO_ELSEWHERE.keys()


def test_no_fault_waits_for_an_existing_finding() -> None:
    """No fault waits for a finding that exists."""
    assert {fault: code for fault, code in v2.WAITING.items() if by_code(code)} == {}


LED_TO_ELSEWHERE = {("refresh-refused", "RC208"): "it takes a login: tests/cli/test_login_process.py"}

NOT_IN_THE_DEMO = {
    "RC101": "needs a name that does not resolve",
    "RC103": "needs a server with a certificate",
    "RC206": "needs settings that pin a tenant",
    "RC208": "needs a user who has not logged in",
    "RC901": "needs a defect of our own",
    "RC902": "needs a check that crashed",
}


@together("finding", {finding.code: finding for finding in FINDINGS})
def test_page_is_tried_in_the_demo(finding: Any) -> None:
    """A page's command uses the demo if that can show it. tests/test_docs.py runs it."""
    *_, command = page_of(finding).commands
    assert ("--demo" in command) == (finding.code not in NOT_IN_THE_DEMO)
