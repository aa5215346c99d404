"""An account with one text in every place for foreign text."""

from __future__ import annotations

from tests.findings.build import TENANT
from tests.views.test_account import an_account

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.findings.permission import Forbidden
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace


def agent(text: str, agent_id: str) -> Agent:
    """An agent whose every field but the id is this text."""
    return Agent(agent_id, name=text, user_name=text, email=text, team=text, last_login=text, user_id=text)


def exchange(text: str) -> Exchange:
    """An exchange whose every text is this one."""
    return Exchange(
        number=1,
        method=text,
        target=text,
        purpose=text,
        status=None,
        fault=text,
        milliseconds=1.0,
        request_headers=((text, text),),
        request_body=text,
        response_headers=((text, text),),
        response_body=text,
        correlation=text,
        left_out=text,
    )


def account(text: str) -> Account:
    """The account with agents of each standing, findings, checks and requests."""
    entries = [
        RollEntry(agent(text, "1"), Standing.PRESENT, AgentState("1", text, f"{text} - {text}", text), text),
        RollEntry(agent(text, "2"), Standing.LOGGED_OUT, AgentState("2", text, None, text), text),
        RollEntry(agent(text, "3"), Standing.ABSENT, None, text),
        RollEntry(agent(text, "4"), Standing.UNKNOWN, None, text),
        RollEntry(agent(text, text or "5"), Standing.PRESENT, AgentState(text or "5", text, text, text), text),
    ]
    drawn = an_account(*entries)
    evidence = (Evidence(text, 1, text, text),)
    forbidden = Forbidden(
        asked=text, although=text, reason=text, evidence=evidence, explains=("4", text), settle=text, explains_all=False
    )
    crashed = CheckCrashed(check=text, error=text, evidence=evidence)
    facts = (replace(TENANT, instance=text), TokenGranted(exchange=1, scopes=(text, text)))
    return replace(
        drawn,
        tenant=replace(drawn.tenant, instance=text, contract=text, profile=text, chosen=text),
        case=Case(drawn.roll, facts),
        findings=(forbidden, crashed, *drawn.findings),
        outcomes=(
            Outcome("no-row", Ended.SKIPPED, text),
            Outcome(text, Ended.CRASHED, text),
            Outcome("forbidden", Ended.FOUND),
        ),
        ended_early=text,
        exchanges=(exchange(text),),
    )
