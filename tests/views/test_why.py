"""What `rollcall why` says beside its answers."""

from __future__ import annotations

import pytest
from tests.views.test_account import an_account, present

from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views import why

UNKNOWN = RollEntry(Agent("b"), Standing.UNKNOWN)


@pytest.mark.parametrize(
    ("entries", "rules_out"), [((present("a"),), True), ((present("a"), UNKNOWN), False), ((), False)]
)
def test_nothing_is_ruled_out_without_an_answer_for_each_agent(
    entries: tuple[RollEntry, ...], *, rules_out: bool
) -> None:
    """An unknown agent may have any cause. So has a run without agents."""
    clear = tuple(Outcome(check.name, Ended.CLEAR) for check in CHECKS)
    shown = why.answers(replace(an_account(*entries), outcomes=clear), [], detailed=True)
    assert ("\nruled out: " in shown) is rules_out
    assert "not checked" not in shown


@pytest.mark.parametrize(("early", "last"), [("", ""), ("interrupted", "The run ended early: interrupted\n")])
def test_a_run_that_ended_early_says_so(early: str, last: str) -> None:
    """After the requests stands why the run ended early."""
    requests = "requests: 1 to example.com (v2), 0 of them probes, no token, 0.0 s\n"
    assert why.answers(an_account(present("a"), ended_early=early), []) == f"{requests}{last}"
