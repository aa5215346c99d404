"""What to change, the findings with evidence, and the checks' outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cxone_rollcall.findings.account import Account, Verdict
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.findings.page import page_of
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.evidence import exchange_of, extent, needs_fix
from cxone_rollcall.views.html.escape import code, marked, name_and_id, placed, prose, shown, target_of

FIRST_NAMED = 5
MOST_NAMED = 500
"""Agents named for each finding. The table of agents and the other formats have all of them."""

HEADINGS = ("What was seen", "Why agents go missing", "Fix", "Not this when")

STRENGTHS = {
    Strength.PROVEN: "the evidence leaves no other cause",
    Strength.SUSPECTED: "fits everything that was seen, but another cause could look the same",
    Strength.NOTE: "worth knowing; nothing to fix",
}
_PROOF = {Strength.PROVEN: "the evidence is below", Strength.SUSPECTED: "the indications are below"}

TITLES = {
    Ended.CRASHED: "Crashed: rollcall failed here, so these causes are still possible",
    Ended.FOUND: "Found something: see the findings",
    Ended.CLEAR: "Clear: nothing is wrong here",
    Ended.SKIPPED: "Skipped: could not or need not run, for the reason given with each",
}
"""The order of the outcomes, and what each means."""

_QUESTIONS = {check.name: (check.judge.__doc__ or "").strip().partition("\n")[0] for check in CHECKS}


def to_change(account: Account) -> Iterator[str]:
    """Yield the section that says what to change."""
    to_fix = [(place, finding) for place, finding in placed(account) if needs_fix(finding)]
    yield '<section id="change" class=change><h2>What to change</h2>'
    if to_fix:
        yield "<ol>"
        for place, finding in to_fix:
            yield f"<li><p><strong>{_capital(shown(finding.text))}</strong>"
            yield f"<p>{_capital(shown(finding.fix_text))}"
            sure = f"{finding.strength.value}: {_PROOF[finding.strength]}"
            yield f'<p class=where><a href="#{place}">{finding.code} {finding.name}</a>, {sure}'
        yield "</ol>"
    elif account.verdict is Verdict.COMPLETE:
        yield "<p>Nothing. Agents who are not logged in are accounted for below."
    elif account.ended_early:
        yield f"<p>Nothing was found so far, but the run ended early ({shown(account.ended_early)}): run it again."
    else:
        yield "<p>Nothing was found that could be changed; the balance below shows what is unknown."
    yield "</section>"


def findings(account: Account, entries: Mapping[str, RollEntry]) -> Iterator[str]:
    """Yield the section of findings; `entries` are the agents by id."""
    yield '<section id="findings"><h2>Findings</h2>'
    if not account.findings:
        yield "<p>None.</section>"
        return
    yield "<p>In the order in which a request can fail: from network and credentials to the agents themselves. "
    used = dict.fromkeys(finding.strength for finding in account.findings)
    yield "; ".join(f"<b>{strength.value}</b>: {STRENGTHS[strength]}" for strength in STRENGTHS if strength in used)
    yield "."
    for place, finding in placed(account):
        yield f'<article id="{place}"{" class=to-fix" if needs_fix(finding) else ""}>'
        yield f"<h3>{finding.code} {finding.name}</h3>"
        tags = (finding.strength.value, extent(finding), "" if needs_fix(finding) else "nothing to fix")
        yield "<p class=tags>" + " ".join(f"<span>{tag}</span>" for tag in tags if tag)
        yield f"<p class=said>{_capital(shown(finding.text))}"
        yield from _agents(finding, entries)
        yield from evidence_list(finding.evidence, account)
        if finding.settle:
            yield f"<h4>How to confirm it</h4><p>{_capital(shown(finding.settle))}"
        if needs_fix(finding):
            yield f"<h4>What to do</h4><p class=fix>{_capital(shown(finding.fix_text))}"
        yield from _page(finding)
        yield "</article>"
    yield "</section>"


def _agents(finding: Finding, entries: Mapping[str, RollEntry]) -> Iterator[str]:
    ids = finding.explains
    if not ids:
        return
    who = "Unexplained" if isinstance(finding, Unexplained) else "Explains"
    first = ", ".join(name_and_id(entries.get(agent_id), agent_id) for agent_id in ids[:FIRST_NAMED])
    yield f"<h4>{who}: {counted(len(ids), 'agent')}</h4><p class=names>{first}"
    rest = ids[FIRST_NAMED:MOST_NAMED]
    if rest:
        left = len(ids) - MOST_NAMED
        more = f", and {left} more, not named here" if left > 0 else ""
        named = ", ".join(name_and_id(entries.get(agent_id), agent_id) for agent_id in rest)
        yield f"<details><summary>and {len(ids) - FIRST_NAMED} more</summary><p class=names>{named}{more}</details>"


def evidence_list(cited: Sequence[Evidence], account: Account) -> Iterator[str]:
    """Yield evidence as a list with a heading. Yields nothing without evidence."""
    if not cited:
        return
    yield "<h4>Evidence</h4><ul class=evidence>"
    for evidence in cited:
        yield f"<li>{_capital(shown(evidence.claim))}: <b class=seen>{shown(evidence.seen)}</b>"
        yield _where(evidence, account)
    yield "</ul>"


def _where(evidence: Evidence, account: Account) -> str:
    exchange = exchange_of(evidence, account)
    if exchange is None:
        return ""
    at = f", at {code(evidence.pointer)}" if evidence.pointer else ""
    correlation = f"<br>CorrelationId {code(exchange.correlation)}" if exchange.correlation else ""
    link = f'<a href="#x{exchange.number}">request {exchange.number}</a>'
    return f"<div class=where>{link}{at}: <code>{target_of(exchange)}</code>{correlation}</div>"


def _page(finding: Finding) -> Iterator[str]:
    """Yield the finding's page; it is open if something needs fixing."""
    page = page_of(type(finding))
    opened = " open" if needs_fix(finding) else ""
    yield f"<details{opened} class=page><summary>About {finding.code}: {shown(page.summary)}</summary>"
    for heading in HEADINGS:
        yield f"<h4>{heading}</h4>{prose(page.sections[heading])}"
    yield f"<p>On a terminal: <code>rollcall explain {finding.code}</code></details>"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def checks(account: Account) -> Iterator[str]:
    """Yield the section of checks."""
    yield '<section id="checks"><h2>What was ruled out</h2>'
    if not account.outcomes:
        yield "<p>Nothing: no check ran."
    for ended, title in TITLES.items():
        outcomes = [outcome for outcome in account.outcomes if outcome.ended is ended]
        if not outcomes:
            continue
        kind, _, meaning = title.partition(": ")
        opened = " open" if ended in (Ended.CRASHED, Ended.FOUND) else ""
        yield f"<details{opened}><summary><b>{kind}: {counted(len(outcomes), 'check')}</b>, {meaning}</summary><ul>"
        for outcome in outcomes:
            yield f"<li>{_question(outcome)}{_why(outcome)}"
        yield "</ul></details>"
    yield "</section>"


def _question(outcome: Outcome) -> str:
    return f"{marked(_QUESTIONS.get(outcome.check, ''))} <code>{shown(outcome.check)}</code>"


def _why(outcome: Outcome) -> str:
    return f": {shown(outcome.why)}" if outcome.why else ""
