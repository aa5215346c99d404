"""Why an agent is missing, on a terminal. The answer, its evidence, what was ruled out, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.findings.account import BENIGN, Account
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.next_command import remark
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.probes import ProbesAsked
from cxone_rollcall.model.observations.request import RequestAsked
from cxone_rollcall.views.evidence import LONGEST_NAME, evidence_line, hanging, name_and_id, short
from cxone_rollcall.views.text import brief

if TYPE_CHECKING:
    from cxone_rollcall.why.answer import Answer

MOST_EVIDENCE = 6
MOST_CANDIDATES = 12
NOT_RULED_OUT = frozenset({"RC303", "RC304", "RC305", "RC306", "RC601", "RC602", "RC603", "RC604", "RC605", "RC607"})
"""Codes that are never listed as ruled out. Permissions need the whole roster; facts about the agent are in the
answer."""


def answers(
    account: Account,
    said: Sequence[Answer],
    *,
    detailed: bool = False,
    cells: int | None = None,
    strong: Callable[[str], str] = str,
) -> str:
    """The answers as text, wrapped to `cells` columns if given. `strong` marks the sentences.

    Only a `detailed` text says which causes were not checked.
    """
    lines: list[str] = []
    for answer in said:
        sentence = hanging(f"{short(answer.sentence).rstrip('.')}.", cells)
        lines += [strong(sentence), *_details(account, answer, cells), ""]
    rest = (*_others(account, said), *_run(account), *_ruled_out(account, detailed=detailed))
    lines += [hanging(line, cells) for line in rest]
    return "\n".join(lines) + "\n"


def candidates(agents: Sequence[Agent], typed: Callable[[str], str], roster: str = "rollcall agents") -> str:
    """The agents that a text may mean. Each line has what to type for an id, and who that is.

    `roster` is the command that lists all agents.
    """
    named = [short(f"{typed(one.agent_id)}   {remark(_who(one))}") for one in agents[:MOST_CANDIDATES]]
    more = len(agents) - MOST_CANDIDATES
    return "\n".join((*named, f"and {more} more: {roster}") if more > 0 else named)


def _who(agent: Agent) -> str:
    parts = (agent.name, agent.user_name, f"team {agent.team}" if agent.team else None)
    return "   ".join(brief(part, LONGEST_NAME) for part in parts if part)


def _details(account: Account, answer: Answer, cells: int | None) -> Iterator[str]:
    def line(label: str, text: str) -> str:
        return hanging(f"  {label:<8} {short(text)}", cells)

    agent = answer.agent
    if answer.taken_for and agent is not None:
        yield line("typed", f"{answer.asked_as}, interpreted as {name_and_id(agent)}")
    if agent is not None and (said := _roster(agent)):
        yield line("roster", said)
    for finding in answer.findings:
        yield line("found", f"{finding.code} {finding.name} {finding.strength.value}: {finding.text}")
        for evidence in _of(finding, answer):
            yield hanging(f"  seen     {evidence_line(evidence, account)}", cells)
    for evidence in answer.proof:
        yield hanging(f"  seen     {evidence_line(evidence, account)}", cells)
    for text in answer.settle:
        yield line("confirm", text)
    for text in answer.fix:
        yield line("fix", text)
    if answer.command:
        yield line("next", answer.command)


def _of(finding: Finding, answer: Answer) -> tuple[Evidence, ...]:
    """At most `MOST_EVIDENCE` pieces of evidence, those about this agent first."""
    agent_id = answer.agent.agent_id if answer.agent else answer.asked_as
    named = re.compile(rf"(?<!\w){re.escape(agent_id)}(?!\w)")  # not within another id
    return tuple(sorted(finding.evidence, key=lambda one: named.search(one.claim) is None))[:MOST_EVIDENCE]


def _roster(agent: Agent) -> str:
    active = {True: "active", False: "inactive", None: None}[agent.active]
    login = {None: None, "": "never logged in"}.get(agent.last_login, f"last login {agent.last_login}")
    team = f"team {agent.team}" if agent.team else None
    return "   ".join(dict.fromkeys(part for part in (team, agent.user_name, agent.email, active, login) if part))


def _others(account: Account, answers: Sequence[Answer]) -> Iterator[str]:
    """The findings that no answer has, one line each. They may matter nevertheless."""
    mentioned = {id(finding) for answer in answers for finding in answer.findings}
    for finding in account.findings:
        if id(finding) not in mentioned and not (finding.code in BENIGN and not finding.explains):
            kind = "note" if finding.strength is Strength.NOTE else "also"
            yield short(f"{kind}: {finding.code} {finding.name}: {finding.text}")


def _run(account: Account) -> Iterator[str]:
    tenant, requests = account.tenant, account.requests
    most = f" (at most {account.case[ProbesAsked].most})" if ProbesAsked in account.case else ""
    no_token = "" if TokenGranted in account.case else ", no token"
    seconds = (account.finished_at - account.started_at).total_seconds()
    yield short(
        f"requests: {requests.sent} to {tenant.instance} ({tenant.contract}), {requests.probes} of them probes{most}"
        f"{no_token}, {seconds:.1f} s"
    )
    if account.ended_early:
        yield f"The run ended early: {short(account.ended_early)}"


def _ruled_out(account: Account, *, detailed: bool) -> Iterator[str]:
    """The causes that were ruled out, and those not checked.

    A cause is ruled out if every check that can find it ran and found nothing. Causes that a run for a few agents
    cannot rule out are left out, and nothing is ruled out while an agent is unknown.
    """
    # The checks of `rollcall request` judge a program's request, not these agents.
    finds = {check.name: check.finds for check in CHECKS if RequestAsked not in check.needs}
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
    if not detailed:
        return
    skipped: dict[str, dict[str, None]] = {}
    for outcome, finding in ended:
        if outcome.ended is Ended.SKIPPED:
            skipped.setdefault(outcome.why, {})[finding.name] = None
    if skipped:
        reasons = "; ".join(f"{', '.join(names)} ({why})" for why, names in skipped.items())
        yield f"not checked: {short(reasons)}"
