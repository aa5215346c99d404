"""RC902: evidence against "not logged in" leaves the agent unexplained."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cxone_rollcall.findings.account import Account, Requests, RunRecord, Tenant, Verdict
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.probes import Activity, ActivityAsked, ExpectedLoggedIn, LookedCloser, Sign

from .build import Example, Situation, called, listed, situation


def account(seen: Situation, *more: Observation) -> Account:
    """Return the account of a situation, with what else was seen."""
    moment = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    run = RunRecord(
        tenant=Tenant(instance="here", contract="v2"), requests=Requests(), started_at=moment, finished_at=moment
    )
    return account_of(Case(seen.roll, (*seen.seen, *more)), run)


def sign(agent_id: str, against: str) -> LookedCloser:
    """Return one sign of an agent."""
    evidence = Evidence("its open contacts", 4, "/0", "contactId 5")
    return LookedCloser(signs=(Sign(agent_id=agent_id, evidence=evidence, against=against),))


EXAMPLES = (
    Example(
        "RC902",
        seen=situation(called("a", logged_out="b"), ExpectedLoggedIn(agents=("b",))),
        explains="b",
        unlike=situation(called("a", logged_out="b")),  # no login is visible
        instead="RC601",
    ),
)


@pytest.mark.parametrize("agents", [{"absent": "b"}, {"logged_out": "b"}], ids=["absent", "logged-out"])
def test_an_agent_that_the_user_sees_is_unexplained(agents: dict[str, Any]) -> None:
    """An agent that the user sees is explained by nothing. The account cannot tell, and RC902 says why."""
    plain = account(situation(called("a", **agents)))
    assert plain.verdict is Verdict.COMPLETE
    seen = account(situation(called("a", **agents)), ExpectedLoggedIn(agents=("a", "b")))
    assert (seen.verdict, seen.exit_code) == (Verdict.CANNOT_TELL, 3)
    assert [finding.code for finding in seen.findings] == ["RC902"]
    assert seen.codes_by_agent == {"b": ("RC902",)}
    assert "you see a login" in seen.findings[0].text
    assert seen.counts["absent"] == seen.counts["explained"] + seen.counts["unexplained"]
    assert seen.counts["explained"] == 0


def test_an_uncontradicted_agent_keeps_its_explanation() -> None:
    """Only agents that the user sees lose their explanation. The others keep RC601."""
    seen = account(situation(called("a", absent="bc")), ExpectedLoggedIn(agents=("b",)))
    assert {finding.code: finding.explains for finding in seen.findings} == {"RC601": ("c",), "RC902": ("b",)}
    assert seen.counts["unexplained"] == 1


def test_an_open_contact_leaves_a_logged_out_agent_unexplained() -> None:
    """An open contact of a logged-out agent leaves it unexplained, too."""
    roll = called("a", logged_out="b")
    seen = account(listed(roll), sign("b", "an open contact"))
    assert seen.exit_code == 3
    assert "an open contact" in seen.findings[-1].text
    assert account(listed(roll), sign("b", "")).exit_code == 0


def test_a_finding_to_fix_is_explanation_enough() -> None:
    """An agent with a finding to fix needs no RC902."""
    contact = Activity(agent_id="b", what="an open contact", exchange=7, pointer="/0", seen="contactId 5")
    active = listed(called("a", absent="b"), ActivityAsked(asked=("b",), items=(contact,)))
    seen = account(active, ExpectedLoggedIn(agents=("b",)))
    assert seen.codes_by_agent == {"b": ("RC606",)}


def test_what_the_roster_says_stays_a_fact() -> None:
    """An inactive agent that the user sees has RC902 as well."""
    seen = account(situation(called("a", absent="b", b={"active": False})), ExpectedLoggedIn(agents=("b",)))
    assert [finding.code for finding in seen.findings] == ["RC602", "RC902"]
    assert seen.exit_code == 3
