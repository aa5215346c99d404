"""The account and the agents as JSON. These types are the published schema: fields are only ever added.

Texts are unchanged. Control characters and bidi marks are written as JSON escapes, which parse to the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import asdict, replace

from cxone_rollcall.findings.account import Account, Verdict
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.request_sentence import sentence
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.request import RequestAsked
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.views.columns import Column, RowWriter
from cxone_rollcall.views.expected import ExpectedDocument, expected_document

if TYPE_CHECKING:
    from cxone_rollcall.why.answer import Answer


class TenantDocument(msgspec.Struct):
    """The tenant, and why its API was chosen. "" if the settings name it."""

    instance: str
    contract: str
    profile: str | None
    contract_chosen: str = ""


class CountsDocument(msgspec.Struct):
    """roster = present + logged_out + absent + unknown; absent = explained + unexplained."""

    roster: int
    present: int
    logged_in: int
    logged_out: int
    absent: int
    explained: int
    unexplained: int
    unknown: int


class AgentDocument(msgspec.Struct):
    """One agent: roster fields, standing, state, and the codes that explain it. The state is as the API gave it."""

    agent_id: str
    name: str | None
    user_name: str | None
    email: str | None
    team: str | None
    active: bool | None
    standing: Literal["present", "logged_out", "absent", "unknown"]
    state: str | None
    sub_state: str | None
    logged_in: bool | None
    since: str | None
    findings: tuple[str, ...]
    asked_as: str | msgspec.UnsetType = msgspec.UNSET


class EvidenceDocument(msgspec.Struct):
    """What was seen, where, and the id for NICE support. Where is a JSON pointer, a header or "status"."""

    claim: str
    exchange: int
    pointer: str
    seen: str
    correlation_id: str | None = None


class FindingDocument(msgspec.Struct):
    """A cause: strength of the proof, agents it explains, fix, evidence."""

    code: str
    name: str
    strength: Literal["PROVEN", "SUSPECTED", "NOTE"]
    message: str
    fix: str
    explains: list[str]
    explains_all: bool
    evidence: list[EvidenceDocument]
    docs: str
    settle: str


class AnswerDocument(msgspec.Struct):
    """What `rollcall why` says about one agent.

    `agent_id` is None if no agent was requested. `found` are codes of findings, `command` is the next one to type.
    """

    asked_as: str
    agent_id: str | None
    sentence: str
    found: list[str]
    evidence: list[EvidenceDocument]
    settle: list[str]
    fix: list[str]
    command: str


class OutcomeDocument(msgspec.Struct):
    """How one check ended, and why it was skipped or crashed."""

    check: str
    ended: Literal["found", "clear", "skipped", "crashed"]
    why: str


class RequestsDocument(msgspec.Struct):
    """Requests: sent, retried, throttled (429), probes, and the rate.

    `per_second` is good responses per second, `most_under_way` the most requests in flight at once.
    """

    sent: int
    retried: int
    throttled: int
    probes: int = 0
    per_second: float = 0.0
    most_under_way: int = 0


class ChangeDocument(msgspec.Struct):
    """The program's request with one thing changed. Status, rows (null without), and the number of its exchange."""

    what: str
    status: int | None
    rows: int | None
    exchange: int


class RequestDocument(msgspec.Struct):
    """The request of `rollcall request`, its explanation, and its correction.

    `target` is path and query, secrets replaced. `corrected` is a command for a shell, secrets as variables.
    """

    method: str
    target: str
    status: int | None
    rows: int | None
    sentence: str
    changed: list[ChangeDocument]
    corrected: str


class CheckDocument(msgspec.Struct):
    """The whole account of `rollcall check --format json`; `request` only of `rollcall request`.

    `expected` exists only with `--roster`.
    """

    schema: Literal["rollcall/check/1"]
    tenant: TenantDocument
    verdict: Verdict
    exit: int
    counts: CountsDocument
    roster_complete: bool
    states: dict[str, int]
    agents: list[AgentDocument]
    findings: list[FindingDocument]
    outcomes: list[OutcomeDocument]
    requests: RequestsDocument
    started_at: str
    finished_at: str
    ended_early: str
    answers: list[AnswerDocument] = []
    request: RequestDocument | msgspec.UnsetType = msgspec.UNSET
    expected: ExpectedDocument | msgspec.UnsetType = msgspec.UNSET


def account(account: Account, said: Sequence[Answer] = ()) -> Iterator[bytes]:
    """An account as indented JSON, one agent per line. It ends with a newline.

    `said` are the answers of `rollcall why`. In pieces, because the agents of a large tenant take much memory.
    """
    tenant, requests = account.tenant, account.requests
    requests = replace(requests, per_second=round(requests.per_second, 1))
    document = CheckDocument(
        schema="rollcall/check/1",
        tenant=TenantDocument(tenant.instance, tenant.contract, tenant.profile, tenant.chosen),
        verdict=account.verdict,
        exit=account.exit_code,
        counts=CountsDocument(**account.counts),
        roster_complete=account.roll.roster_complete,
        states=account.roll.states(),
        agents=[],
        findings=[_finding(finding, account) for finding in account.findings],
        outcomes=[OutcomeDocument(outcome.check, outcome.ended.value, outcome.why) for outcome in account.outcomes],
        requests=RequestsDocument(**asdict(requests)),
        started_at=_utc(account.started_at),
        finished_at=_utc(account.finished_at),
        ended_early=account.ended_early,
        answers=[_answer(answer, account) for answer in said],
        request=_request(account),
        expected=expected_document(account.attendance) if account.attendance else msgspec.UNSET,
    )
    # Quotes in JSON texts are escaped, so only the field itself can match.
    before, after = indented(document).split(_NO_AGENTS)
    yield before + b'"agents": ['
    separator = b"\n    "
    entries = account.roll.entries
    for start in range(0, len(entries), _AT_ONCE):
        yield separator + _agents(entries[start : start + _AT_ONCE], account.codes_by_agent)
        separator = b",\n    "
    yield (b"\n  ]" if entries else b"]") + after


def indented(value: object) -> bytes:
    """Any value as indented JSON with a newline at its end."""
    return msgspec.json.format(encode(value), indent=2) + b"\n"


def schema() -> bytes:
    """The JSON Schema of `account`, indented, with a newline at its end."""
    from inspect import cleandoc

    document = msgspec.json.schema(CheckDocument)
    for one in document["$defs"].values():
        if "description" in one:  # a docstring, which Python strips of its indent from 3.13 on
            one["description"] = cleandoc(one["description"])
    return indented(document)


def encode(value: object) -> bytes:
    """Encode a value; lone surrogates become escapes."""
    try:
        return _harmless(_ENCODER.encode(value))
    except UnicodeEncodeError:
        return _harmless(_ENCODER.encode(without_surrogates(msgspec.to_builtins(value))))


def rows(columns: tuple[Column, ...], *, array: bool) -> RowWriter:
    """Agents as JSON, one per line: an array, or NDJSON with `array=False`."""

    def line(entry: RollEntry) -> bytes:
        return encode({column.name: column.value(entry) for column in columns})

    if not array:
        return RowWriter(b"", lambda entry: line(entry) + b"\n")
    separators = chain((b"\n",), repeat(b",\n"))
    return RowWriter(b"[", lambda entry: next(separators) + line(entry), b"\n]\n")


_ENCODER = msgspec.json.Encoder()
_HARMFUL = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]"  # Cc, bidi marks, Zl, Zp
)
"""Characters, in UTF-8, that JSON allows unescaped but a terminal obeys."""
_HARMFUL_BEGINS = (b"\x7f", b"\xc2", b"\xd8", b"\xe2")
"""Their first bytes; most names have none of them."""
_NO_AGENTS = b'"agents": []'
_AT_ONCE = 500
"""Agents per piece, of about 100 kB."""


def _agents(entries: Sequence[RollEntry], codes: Mapping[str, tuple[str, ...]]) -> bytes:
    """Agents as JSON, one per line, joined by commas."""
    documents = [_agent(entry, codes.get(entry.agent.agent_id, ())) for entry in entries]
    try:
        lines = _harmless(_ENCODER.encode_lines(documents))
    except UnicodeEncodeError:
        lines = b"".join([encode(document) + b"\n" for document in documents])
    return lines[:-1].replace(b"\n", b",\n    ")  # line ends in JSON texts are escaped


def _agent(entry: RollEntry, codes: tuple[str, ...]) -> AgentDocument:
    agent, state, asked_as = entry.agent, entry.state, entry.asked_as
    return AgentDocument(
        agent.agent_id,
        agent.name,
        agent.user_name,
        agent.email,
        agent.team,
        agent.active,
        entry.standing.value,
        state.state if state else None,
        state.sub_state if state else None,
        entry.logged_in,
        state.since if state else None,
        codes,
        msgspec.UNSET if asked_as is None else asked_as,
    )


def _finding(finding: Finding, account: Account) -> FindingDocument:
    return FindingDocument(
        code=finding.code,
        name=finding.name,
        strength=finding.strength.value,
        message=finding.text,
        fix=finding.fix_text,
        explains=list(finding.explains),
        explains_all=finding.explains_all,
        evidence=[_evidence(one, account) for one in finding.evidence],
        docs=f"rollcall explain {finding.code}",
        settle=finding.settle,
    )


def _answer(answer: Answer, account: Account) -> AnswerDocument:
    cited = [evidence for finding in answer.findings for evidence in finding.evidence]
    return AnswerDocument(
        asked_as=answer.asked_as,
        agent_id=answer.agent.agent_id if answer.agent else None,
        sentence=answer.sentence,
        found=[finding.code for finding in answer.findings],
        evidence=[_evidence(one, account) for one in (*cited, *answer.proof)],
        settle=list(answer.settle),
        fix=list(answer.fix),
        command=answer.command,
    )


def _request(account: Account) -> RequestDocument | msgspec.UnsetType:
    asked = account.case.get(RequestAsked)
    if asked is None:
        return msgspec.UNSET
    changed = [(one.what, one.after[0]) for one in asked.changes]
    return RequestDocument(
        method=asked.method,
        target=asked.target,
        status=asked.first.status,
        rows=asked.first.rows,
        sentence=sentence(account, asked),
        changed=[ChangeDocument(what, after.status, after.rows, after.exchange) for what, after in changed],
        corrected=asked.corrected,
    )


def _evidence(evidence: Evidence, account: Account) -> EvidenceDocument:
    exchange = account.cited.get(evidence.exchange)
    correlation = (exchange.correlation if exchange else "") or None
    return EvidenceDocument(evidence.claim, evidence.exchange, evidence.pointer, evidence.seen, correlation)


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _harmless(encoded: bytes) -> bytes:
    """The same JSON with escapes for what a terminal obeys."""
    if not any(byte in encoded for byte in _HARMFUL_BEGINS):
        return encoded  # the common case, and faster
    return _HARMFUL.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), encoded)


def without_surrogates(value: object) -> object:
    """The same JSON values, with escapes for lone surrogates."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(inner) for key, inner in value.items()}
    return [without_surrogates(inner) for inner in value] if isinstance(value, list | tuple) else value
