"""Why an agent is missing, on a terminal: the sentence, what it rests on, what was ruled out, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.account import BENIGN
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Strength, counted
from cxone_rollcall.findings.next_command import remark
from cxone_rollcall.findings.next_command import why as why_command
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.probes import ProbesAsked
from cxone_rollcall.views.text import brief, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.finding import Finding
    from cxone_rollcall.model.agent import Agent
    from cxone_rollcall.model.evidence import Evidence
    from cxone_rollcall.why.agent_search import Match
    from cxone_rollcall.why.answer import Answer

LONGEST_TARGET = 72
LONGEST_TEXT = 1_000
"""Cells of a sentence or a value that was seen; other people's text may be as long as they like."""
MOST_EVIDENCE = 6
MOST_CANDIDATES = 12
NOT_RULED_OUT = frozenset({"RC303", "RC304", "RC305", "RC306", "RC601", "RC602", "RC603", "RC604", "RC605", "RC607"})
"""Rights, which only the whole roster would show; and what an agent is, which the sentence itself says."""


def answers(
    account: Account,
    said: Sequence[Answer],
    matches: Sequence[Match],
    *,
    cells: int | None = None,
    strong: Callable[[str], str] = str,
) -> str:
    """Return the answers as text, wrapped to `cells` columns where given; `strong` marks the sentences."""
    near = {one.typed: one.near for one in matches}
    lines: list[str] = []
    for answer in said:
        sentence = _wrapped(f"{_brief(answer.sentence).rstrip('.')}.", cells)
        lines += [strong(sentence), *_details(account, answer, near.get(answer.asked_as, ()), cells), ""]
    lines += [_wrapped(line, cells) for line in (*_others(account, said), *_run(account), *_ruled_out(account))]
    return "\n".join(lines) + "\n"


def candidates(match: Match) -> str:
    """Return the agents that a text may mean, one a line, each with what to type for it."""
    named = [_brief(f"{why_command(one.agent_id)}   {remark(_who(one))}") for one in match.agents[:MOST_CANDIDATES]]
    more = len(match.agents) - MOST_CANDIDATES
    return "\n".join((*named, f"and {more} more: rollcall agents") if more > 0 else named)


def _who(agent: Agent) -> str:
    parts = (agent.name, agent.user_name, f"team {agent.team}" if agent.team else None)
    return "   ".join(part for part in parts if part)


def _details(account: Account, answer: Answer, near: Sequence[Agent], cells: int | None) -> Iterator[str]:
    def line(label: str, text: str) -> str:
        return _wrapped(f"  {label:<7} {_brief(text)}", cells)

    agent = answer.agent
    if answer.taken_for and agent is not None:
        yield line("typed", f"{answer.asked_as}, taken to mean {_called(agent)}")
    if agent is not None and (said := _roster(agent)):
        yield line("roster", said)
    if near:
        yield line("near", "; ".join(_called(one) for one in near))
    for finding in answer.findings:
        yield line("found", f"{finding.code} {finding.name} {finding.strength.value}: {finding.text}")
        for evidence in _of(finding, answer):
            yield _wrapped(f"  seen    {_evidence(evidence, account)}", cells)
    for evidence in answer.proof:
        yield _wrapped(f"  seen    {_evidence(evidence, account)}", cells)
    for text in answer.settle:
        yield line("open", text)
    for text in answer.fix:
        yield line("fix", text)
    if answer.command:
        yield line("next", answer.command)


def _of(finding: Finding, answer: Answer) -> tuple[Evidence, ...]:
    """Return the evidence about this agent first, and of the rest as much as can be read."""
    agent_id = answer.agent.agent_id if answer.agent else answer.asked_as
    return tuple(sorted(finding.evidence, key=lambda one: agent_id not in one.claim))[:MOST_EVIDENCE]


def _called(agent: Agent) -> str:
    return f"{agent.name} ({agent.agent_id})" if agent.name else agent.agent_id


def _roster(agent: Agent) -> str:
    active = {True: "active", False: "inactive", None: None}[agent.active]
    login = {None: None, "": "never logged in"}.get(agent.last_login, f"last login {agent.last_login}")
    team = f"team {agent.team}" if agent.team else None
    return "   ".join(dict.fromkeys(part for part in (team, agent.user_name, agent.email, active, login) if part))


def _evidence(evidence: Evidence, account: Account) -> str:
    said = f"{_brief(evidence.claim)}: {_brief(evidence.seen)}"
    if not 0 < evidence.exchange <= len(account.exchanges):
        return said
    exchange = account.exchanges[evidence.exchange - 1]
    correlation = f" CorrelationId {exchange.correlation}" if exchange.correlation else ""
    where = f"#{exchange.number} {exchange.method} {brief(exchange.target, LONGEST_TARGET)} {evidence.pointer}".rstrip()
    return f"{said}   ({_brief(where + correlation)})"


def _others(account: Account, said: Sequence[Answer]) -> Iterator[str]:
    """Say in one line each what else was found: it may matter to the answers, and is about none of these agents."""
    told = {id(finding) for answer in said for finding in answer.findings}
    for finding in account.findings:
        if id(finding) not in told and not (finding.code in BENIGN and not finding.explains):
            kind = "note" if finding.strength is Strength.NOTE else "also"
            yield _brief(f"{kind}: {finding.code} {finding.name}: {finding.text}")


def _run(account: Account) -> Iterator[str]:
    tenant, requests = account.tenant, account.requests
    most = f" of {account.case[ProbesAsked].most} that they may take" if ProbesAsked in account.case else ""
    let_in = "" if TokenGranted in account.case else "   no token"
    seconds = (account.finished_at - account.started_at).total_seconds()
    yield _brief(
        f"asked: {tenant.instance}   {tenant.contract}   {counted(requests.sent, 'request')}, "
        f"{requests.probes} by probes{most}{let_in}   {seconds:.1f} s"
    )
    if account.ended_early:
        yield f"The run was cut short: {_brief(account.ended_early)}"


def _ruled_out(account: Account) -> Iterator[str]:
    """Name the causes of which each check that could find them found nothing, and those that nobody looked for.

    Left out is what a question about few agents cannot rule out; and of an agent who is unknown nothing is ruled out.
    """
    finds = {check.name: check.finds for check in CHECKS}
    ended = [
        (outcome, finding)
        for outcome in account.outcomes
        for finding in finds.get(outcome.check, ())
        if "RC3" < finding.code < "RC7" and finding.code not in NOT_RULED_OUT
    ]
    open_ = {finding for outcome, finding in ended if outcome.ended is not Ended.CLEAR}
    out = dict.fromkeys(finding.name for _, finding in ended if finding not in open_)
    if out and account.counts["roster"] and not account.counts["unknown"]:
        yield f"ruled out: {', '.join(out)}"
    skipped: dict[str, dict[str, None]] = {}
    for outcome, finding in ended:
        if outcome.ended is Ended.SKIPPED:
            skipped.setdefault(outcome.why, {})[finding.name] = None
    if skipped:
        reasons = "; ".join(f"{', '.join(names)} ({why})" for why, names in skipped.items())
        yield f"not looked for: {_brief(reasons)}"


def _wrapped(line: str, cells: int | None) -> str:
    """Break a long line at blanks, the rest indented below its text."""
    return wrapped(line, cells, " " * (10 if line.startswith("  ") else 2))


def _brief(text: str) -> str:
    return brief(text, LONGEST_TEXT)
