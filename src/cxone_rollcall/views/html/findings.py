"""The findings, in the order of the road, each with its evidence opened; and what to change because of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.account import BENIGN, Verdict
from cxone_rollcall.findings.finding import Strength, counted
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.findings.page import page_of
from cxone_rollcall.views.html.escape import called, code, placed, prose, shown, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.finding import Finding
    from cxone_rollcall.model.evidence import Evidence
    from cxone_rollcall.model.roll import RollEntry

FIRST_NAMED = 5
MOST_NAMED = 500
"""How many agents a finding names; the table of agents and the other formats have them all."""

HEADINGS = ("What was seen", "Why agents go missing", "Fix", "Not this when")

STRENGTHS = {
    Strength.PROVEN: "the evidence leaves no other cause",
    Strength.SUSPECTED: "fits all that was seen; another cause could look the same",
    Strength.NOTE: "worth knowing; nothing to mend",
}
_PROOF = {Strength.PROVEN: "its evidence is below", Strength.SUSPECTED: "what speaks for it is below"}


def is_to_mend(finding: Finding) -> bool:
    """Tell whether a finding asks somebody to change something."""
    return finding.strength is not Strength.NOTE and finding.code not in BENIGN


def to_change(account: Account) -> Iterator[str]:
    """Yield the section that says what to do, before anything else is explained."""
    mend = [(place, finding) for place, finding in placed(account) if is_to_mend(finding)]
    yield '<section id="change" class=change><h2>What to change</h2>'
    if mend:
        yield "<ol>"
        for place, finding in mend:
            yield f"<li><p><strong>{_capital(shown(finding.text))}</strong>"
            yield f"<p>{_capital(shown(finding.fix_text))}"
            sure = f"{finding.strength.value}: {_PROOF[finding.strength]}"
            yield f'<p class=where><a href="#{place}">{finding.code} {finding.name}</a>, {sure}'
        yield "</ol>"
    elif account.verdict is Verdict.COMPLETE:
        yield "<p>Nothing. Whoever is not logged in is accounted for below."
    elif account.ended_early:
        yield f"<p>Nothing was found so far, but the run was not finished ({shown(account.ended_early)}): run it again."
    else:
        yield "<p>Nothing was found that could be changed; the balance below says what is not known."
    yield "</section>"


def findings(account: Account, entries: Mapping[str, RollEntry]) -> Iterator[str]:
    """Yield the section of the findings; `entries` are the agents by id."""
    yield '<section id="findings"><h2>Findings</h2>'
    if not account.findings:
        yield "<p>None.</section>"
        return
    yield "<p>In the order of the road that an answer takes: what breaks first comes first. "
    used = dict.fromkeys(finding.strength for finding in account.findings)
    yield "; ".join(f"<b>{strength.value}</b>: {STRENGTHS[strength]}" for strength in STRENGTHS if strength in used)
    yield "."
    for place, finding in placed(account):
        yield f'<article id="{place}"{" class=mend" if is_to_mend(finding) else ""}>'
        yield f"<h3>{finding.code} {finding.name}</h3>"
        tags = (finding.strength.value, _extent(finding), "" if is_to_mend(finding) else "nothing to mend")
        yield "<p class=tags>" + " ".join(f"<span>{tag}</span>" for tag in tags if tag)
        yield f"<p class=said>{_capital(shown(finding.text))}"
        yield from _agents(finding, entries)
        yield from _evidence(finding, account)
        if finding.settle:
            yield f"<h4>What would settle it</h4><p>{_capital(shown(finding.settle))}"
        if is_to_mend(finding):
            yield f"<h4>What to do</h4><p class=fix>{_capital(shown(finding.fix_text))}"
        yield from _page(finding)
        yield "</article>"
    yield "</section>"


def _extent(finding: Finding) -> str:
    if isinstance(finding, Unexplained):
        return "open"
    if finding.explains_all:
        return "explains the whole answer"
    return f"explains {counted(len(finding.explains), 'agent')}" if finding.explains else ""


def _agents(finding: Finding, entries: Mapping[str, RollEntry]) -> Iterator[str]:
    ids = finding.explains
    if not ids:
        return
    who = "Not explained" if isinstance(finding, Unexplained) else "Whom it explains"
    first = ", ".join(called(entries.get(agent_id), agent_id) for agent_id in ids[:FIRST_NAMED])
    yield f"<h4>{who}: {counted(len(ids), 'agent')}</h4><p class=names>{first}"
    rest = ids[FIRST_NAMED:MOST_NAMED]
    if rest:
        left = len(ids) - MOST_NAMED
        more = f", and {left} more, not named here" if left > 0 else ""
        named = ", ".join(called(entries.get(agent_id), agent_id) for agent_id in rest)
        yield f"<details><summary>and {len(ids) - FIRST_NAMED} more</summary><p class=names>{named}{more}</details>"


def _evidence(finding: Finding, account: Account) -> Iterator[str]:
    if not finding.evidence:
        return
    yield "<h4>Evidence</h4><ul class=evidence>"
    for evidence in finding.evidence:
        yield f"<li>{_capital(shown(evidence.claim))}: <b class=seen>{shown(evidence.seen)}</b>"
        yield _where(evidence, account)
    yield "</ul>"


def _where(evidence: Evidence, account: Account) -> str:
    exchange = account.cited.get(evidence.exchange)
    if exchange is None:
        return ""
    at = f", at {code(evidence.pointer)}" if evidence.pointer else ""
    correlation = f"<br>CorrelationId {code(exchange.correlation)}" if exchange.correlation else ""
    link = f'<a href="#x{exchange.number}">request {exchange.number}</a>'
    return f"<div class=where>{link}{at}: <code>{target_of(exchange)}</code>{correlation}</div>"


def _page(finding: Finding) -> Iterator[str]:
    """Yield the finding's page, open where somebody has to act on it."""
    page = page_of(type(finding))
    opened = " open" if is_to_mend(finding) else ""
    yield f"<details{opened} class=page><summary>About {finding.code}: {shown(page.summary)}</summary>"
    for heading in HEADINGS:
        if heading in page.sections:
            yield f"<h4>{heading}</h4>{prose(page.sections[heading])}"
    yield f"<p>On a terminal: <code>rollcall explain {finding.code}</code></details>"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
