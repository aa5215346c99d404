"""What the user sees on the desktop is evidence: no answer of the API explains it away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.findings.build import called, listed, situation
from tests.why.conftest import PUBLISHED, V2, struck_by

from cxone_rollcall.findings.account import Account, Requests, Tenant, Verdict
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.judge import judge
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.probes import Sign
from cxone_rollcall.why import ExpectedLoggedIn, LookedCloser, doubted

if TYPE_CHECKING:
    from tests.findings.build import Situation
    from tests.why.conftest import Why

    from cxone_rollcall.model.observations.base import Observation

PRESENT, OFF_SHIFT, INACTIVE, NEVER = "30000000002", "30000000001", "30000000029", "30000000017"


def account_of(seen: Situation, *more: Observation) -> Account:
    """Return the account of a situation, with what else was seen."""
    case = Case(seen.roll, (*seen.seen, *more))
    findings, outcomes = judge(case)
    moment = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    return Account(
        tenant=Tenant(instance="here", contract="v2"),
        case=case,
        findings=findings,
        outcomes=outcomes,
        requests=Requests(),
        cited={},
        started_at=moment,
        finished_at=moment,
    )


def sign(agent_id: str, against: str) -> LookedCloser:
    """Return one sign of an agent."""
    evidence = Evidence(claim="its open contacts", exchange=4, pointer="/0", seen="contactId 5")
    return LookedCloser(signs=(Sign(agent_id=agent_id, evidence=evidence, against=against),))


@pytest.mark.parametrize("agents", [{"absent": "b"}, {"logged_out": "b"}], ids=["absent", "logged-out"])
def test_what_is_seen_reopens_the_question(agents: dict[str, Any]) -> None:
    """Whoever is expected and not there is explained by nothing: the account cannot tell, and RC902 says why."""
    plain = account_of(situation(called("a", **agents)))
    assert plain.verdict is Verdict.COMPLETE
    assert doubted(plain) is plain
    seen = doubted(account_of(situation(called("a", **agents)), ExpectedLoggedIn(agents=("a", "b"))))
    assert (seen.verdict, seen.exit_code) == (Verdict.CANNOT_TELL, 3)
    assert [finding.code for finding in seen.findings] == ["RC902"]
    assert seen.codes_by_agent == {"b": ("RC902",)}
    assert "you see a login" in seen.findings[0].text
    assert seen.counts["absent"] == seen.counts["explained"] + seen.counts["unexplained"]
    assert seen.counts["explained"] == 0


def test_who_is_not_doubted_keeps_the_explanation() -> None:
    """Only those who are expected lose it; of the others RC601 is said as before."""
    seen = doubted(account_of(situation(called("a", absent="bc")), ExpectedLoggedIn(agents=("b",))))
    assert {finding.code: finding.explains for finding in seen.findings} == {"RC601": ("c",), "RC902": ("b",)}
    assert seen.counts["unexplained"] == 1


def test_another_trace_reopens_it_too() -> None:
    """An open contact of somebody who is said to be logged out leaves it open as well."""
    roll = called("a", logged_out="b")
    seen = doubted(account_of(listed(roll), sign("b", "an open contact")))
    assert seen.exit_code == 3
    assert "an open contact" in seen.findings[-1].text
    assert doubted(account_of(listed(roll), sign("b", ""))).exit_code == 0


def test_what_the_roster_says_stays_a_fact() -> None:
    """An inactive agent that the user sees stays inactive by the roster, and is doubted all the same."""
    seen = doubted(account_of(situation(called("a", absent="b", b={"active": False})), ExpectedLoggedIn(agents=("b",))))
    assert [finding.code for finding in seen.findings] == ["RC602", "RC902"]
    assert seen.exit_code == 3


@pytest.mark.parametrize(
    ("contracts", "agent_id", "said"),
    [
        (V2, OFF_SHIFT, "the API has no row for it"),
        (PUBLISHED, OFF_SHIFT, "the API says LoggedOut"),
        (V2, INACTIVE, "inactive: the roster says so"),
        (V2, NEVER, "the API has no row for it"),
        (PUBLISHED, NEVER, "the API says LoggedOut"),
    ],
)
async def test_a_login_that_you_see_is_said_plainly(
    why: Why, contracts: tuple[str, ...], agent_id: str, said: str
) -> None:
    """What the API says, what you see, and where else the desktop may be logged in, in one sentence; exit 3."""
    asked = await why(agent_id, "--expect-logged-in", contracts=contracts)
    sentence = asked.out.splitlines()[0]
    assert asked.exit == 3
    assert said in sentence
    assert "you see a login: then the desktop is logged in to another tenant or business unit" in sentence
    assert "RC601" not in asked.out
    assert "--save case.json" in asked.out


async def test_who_is_there_is_there(why: Why) -> None:
    """Expecting somebody who is present changes nothing."""
    asked = await why(PRESENT, "--expect-logged-in")
    assert asked.exit == 0
    assert "is logged in: " in asked.out.splitlines()[0]


async def test_the_exit_code_and_the_json_agree(why: Why) -> None:
    """The verdict of the JSON is that of the exit code, and RC902 explains the agent."""
    asked = await why(OFF_SHIFT, "--expect-logged-in", "--format", "json", contracts=PUBLISHED)
    assert asked.exit == asked.document["exit"] == 3
    assert asked.document["verdict"] == "cannot-tell"
    assert asked.agent["findings"] == ["RC902"]


async def test_who_is_seen_elsewhere_is_no_contradiction(why: Why) -> None:
    """RC606 agrees with the user: nothing is left open by it."""
    struck = struck_by("seen-elsewhere")
    asked = await why("--expect-logged-in", faults=("seen-elsewhere",), contracts=PUBLISHED, whom=struck)
    assert asked.exit == 1
    assert "is active elsewhere" in asked.out


async def test_what_is_unknown_stays_unknown(why: Why) -> None:
    """Where nothing vouches for the answer there is nothing to contradict."""
    asked = await why("--expect-logged-in", faults=("poison-id",), whom=struck_by("poison-id"))
    assert asked.exit == 3
    assert "RC902" not in asked.out
