"""Each quote of evidence is in the exchange that it cites. The fault makes no difference."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest
from quality.common.expected_codes import incontact, v2
from tests.support.thorough import sampled

from cxone_rollcall.diagnose import check
from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.finding import Evidence
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.testing import emulated
from cxone_rollcall.transport.pace import backoff

SLOW = {"hang", "slow-drip", "rate-limit", "rate-limit-forever"}
RUNS = [
    (contract, case.fault, case.agents)
    for contract, cases in (("v2", v2.CASES), ("incontact", incontact.CASES))
    for case in cases
    if case.name not in SLOW
]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait hardly at all between tries."""
    monkeypatch.setattr(backoff, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(backoff, "FIRST_THROTTLE_WAIT", 0.05)


@pytest.mark.parametrize(("contract", "fault", "agents"), sampled(RUNS, every=6), ids=str)
async def test_evidence_is_in_its_exchange(contract: str, fault: str, agents: int) -> None:
    """Status, headers and rows that evidence quotes are in its exchange."""
    async with emulated(agents, contract, [fault], request_timeout=1, bodies=True) as tenant:
        account = await check(tenant.client, rng=Random(1))
    assert list(wrong(account)) == []


def wrong(account: Account) -> list[str]:
    """What the evidence says that its exchange does not."""
    return [
        f"{finding.code}: {said} ({evidence})"
        for finding in account.findings
        for evidence in finding.evidence
        if evidence.exchange and (said := _wrong(evidence, account.exchanges[evidence.exchange - 1]))
    ]


def _wrong(evidence: Evidence, exchange: Exchange) -> str:
    headers = {name.lower(): value for name, value in exchange.response_headers}
    pointer, seen = evidence.pointer, evidence.seen
    if pointer == "status":
        status = re.match(r"\d{3}\b", seen)
        return f"the status is {exchange.status}" if status and int(status[0]) != exchange.status else ""
    if pointer == "connection":
        return "there was an answer" if exchange.status is not None and not exchange.fault else ""
    if pointer in ("Date", "Age", "Retry-After"):
        absent = pointer.lower() not in headers and not seen.startswith("429 without")
        return f"there is no header {pointer}" if absent else ""
    if not pointer.startswith("/") or pointer == "/access_token":
        return ""
    return _wrong_rows(evidence, _body(exchange))


def _body(exchange: Exchange) -> Any:
    try:
        return json.loads(exchange.response_body)
    except ValueError:
        return None


def _wrong_rows(evidence: Evidence, body: Any) -> str:
    """What is wrong with a quote of rows. The list at its pointer and the agent that it names are compared."""
    if isinstance(body, list) and evidence.pointer.startswith("/*/"):
        return ""
    name, _, rest = evidence.pointer.removeprefix("/").partition("/")
    if not isinstance(body, dict) or name not in body:
        return "" if evidence.seen.startswith(("[]", "no ")) else "nothing stands there"
    value = body[name]
    if rest or not isinstance(value, list):
        return ""
    ids = {str(row.get("agentId", row.get("id"))) for row in value if isinstance(row, dict)}
    if evidence.seen == "[]":
        return f"there are {len(value)} rows" if value else ""
    if missing := re.match(r"no row for (\w+)", evidence.claim):
        return f"there is a row of {missing[1]}" if missing[1] in ids else ""
    if named := re.match(r"the row of (\d+)", evidence.claim):
        return f"there is no row of {named[1]}" if named[1] not in ids else ""
    if re.fullmatch(r"\d{5,}", evidence.seen):
        return f"there is no row of {evidence.seen}" if evidence.seen not in ids else ""
    return ""
