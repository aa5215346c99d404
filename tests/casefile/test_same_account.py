"""A saved case gives the same account as its run. Whatever went wrong in it, anonymized or not."""

from __future__ import annotations

import pytest
from quality.common.expected_codes import incontact, v2
from tests.casefile.runs import Ran, document, judged, ran
from tests.support.thorough import sampled

from cxone_rollcall.findings.account import Account
from cxone_rollcall.roll import Selection

SLOW = ("hang", "slow-drip", "rate-limit", "server-error", "reset", "body-cut", "html-page", "connection-dropped")
"""Faults of which only one case each is run here. They take many tries and long, and leave little to save."""


def few(faults: list[str]) -> list[str]:
    """Return the faults, of the slow ones the first of each."""
    slow = [
        next(fault for fault in faults if fault.startswith(name))
        for name in SLOW
        if any(f.startswith(name) for f in faults)
    ]
    return [*(fault for fault in faults if not fault.startswith(SLOW)), *slow]


V2 = few([*(one.fault for one in v2.CASES), *v2.ODD])
INCONTACT = few([*(one.fault for one in incontact.CASES), *incontact.ODD])


def in_short(account: Account) -> tuple[object, ...]:
    """Return the essence of an account, without names."""
    found = [(one.code, one.strength, len(one.explains), one.explains_all) for one in account.findings]
    return account.verdict, account.counts, account.roll.states(), found, account.outcomes, account.requests


def hold(run: Ran) -> None:
    """Assert that the run's case comes to the run's account."""
    assert document(judged(run.file())) == document(run.account)
    assert in_short(judged(run.file(anonymize=True))) == in_short(run.account)


@pytest.mark.parametrize("fault", sampled(V2, every=8))
async def test_every_fault(fault: str) -> None:
    """On v2, the account of the case equals that of the run."""
    hold(await ran(fault))


@pytest.mark.parametrize("fault", sampled(INCONTACT, every=8))
async def test_every_fault_of_the_published_contract(fault: str) -> None:
    """On incontact, the account of the case equals that of the run."""
    hold(await ran(fault, contracts=("incontact",)))


@pytest.mark.parametrize(
    "selection",
    [
        Selection(agents=("kavya.alsayed", "30000000003", "42", "AlSayed, Kavya")),
        Selection(state="Available"),
        Selection(state="availble"),
        Selection(teams=("Billing", "Nowhere")),
        Selection(agents=("30000000002",), teams=("Claims",)),
    ],
)
async def test_every_selection(selection: Selection) -> None:
    """The case holds the selection, as typed or as its stand-in."""
    hold(await ran(selection=selection))


async def test_a_run_with_since() -> None:
    """A request with `--updated-since` is part of the case."""
    hold(await ran(selection=Selection(since="2026-03-02T10:00:00.000Z"), contracts=("incontact",)))


@pytest.mark.parametrize("agents", [0, 1, 250])
async def test_every_size(agents: int) -> None:
    """A tenant of any size is saved."""
    hold(await ran(agents=agents))
