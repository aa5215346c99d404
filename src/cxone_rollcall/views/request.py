"""A program's own request on a terminal: cause, changes, corrected request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cxone_rollcall.findings.account import BENIGN, Account
from cxone_rollcall.findings.finding import Finding, Strength, counted
from cxone_rollcall.findings.own_request import is_of_request
from cxone_rollcall.findings.request_sentence import sentence
from cxone_rollcall.model.observations.request import Asked, ChangeAsked, RequestAsked
from cxone_rollcall.model.struct import Value
from cxone_rollcall.views.evidence import LONGEST_TARGET, evidence_line, hanging, needs_fix, short
from cxone_rollcall.views.text import brief, printable, width

MOST_EVIDENCE = 4
LONGEST_WHAT = 44
"""Cells of what was changed, in the table of changes."""
_MANY_IDS = re.compile(r"(?<==)([^,&=]+)(?:,[^,&=]+){2,}")
LABEL = 11
"""Cells of a line's label and the blanks around it."""


class Line(Value, frozen=True, kw_only=True):
    """One request of the table: what it was, status, rows, exchanges."""

    what: str
    status: str
    rows: str
    exchanges: tuple[int, ...]


def request(account: Account, *, cells: int | None = None, strong: Callable[[str], str] = str) -> str:
    """The answer as text, wrapped to `cells` columns if given. `strong` marks the sentence."""
    asked = account.case[RequestAsked]
    lines = [strong(hanging(f"{short(sentence(account, asked))}.", cells)), ""]
    lines += [hanging(line, cells) for line in _requests(asked)]
    for finding in account.findings:
        if is_of_request(finding) or needs_fix(finding):
            lines += [hanging(line, cells) for line in _finding(finding, account)]
    lines += [hanging(_labelled("note", short(remark)), cells) for remark in asked.remarks]
    if any(one.adopted for one in asked.changes):
        lines += ["", "corrected:", *(f"  {printable(line)}" for line in asked.corrected.splitlines())]
    lines += ["", *(hanging(line, cells) for line in (*_others(account), _run(account)))]
    return "\n".join(lines) + "\n"


def abridged(target: str) -> str:
    """A target with only the first of many ids. The parameters after them can then be seen."""
    return _MANY_IDS.sub(lambda ids: f"{ids[1]},({ids[0].count(',')} more)", target)


def lines_of(asked: RequestAsked) -> tuple[Line, ...]:
    """The request as it stands, then each change of it."""
    return (_line("as it stands", asked.first), *map(_line_of, asked.changes))


def _line_of(change: ChangeAsked) -> Line:
    return _line(change.what, *change.after)


def _line(what: str, first: Asked, *again: Asked) -> Line:
    status = str(first.status) if first.status is not None else first.kind or "no response"
    rows = counted(first.rows, "row") if first.rows is not None else "no rows"
    return Line(what=what, status=status, rows=rows, exchanges=(first.exchange, *(one.exchange for one in again)))


def _requests(asked: RequestAsked) -> Iterator[str]:
    yield _labelled("request", f"{asked.method} {brief(abridged(asked.target), LONGEST_TARGET)}   ({asked.form})")
    lines = [(brief(one.what, LONGEST_WHAT), one) for one in lines_of(asked)]
    longest = max(width(what) for what, _ in lines)
    for place, (what, one) in enumerate(lines):
        numbers = " and ".join(f"#{number}" for number in one.exchanges)
        text = f"{what}{' ' * (longest - width(what))}  {brief(one.status, 24):4} {one.rows:>8}   {numbers}"
        yield _labelled("sent" if not place else "changed" if place == 1 else "", text)


def _labelled(label: str, text: str) -> str:
    return f"  {label:<{LABEL - 2}}{text}"


def _finding(finding: Finding, account: Account) -> Iterator[str]:
    yield _labelled("found", f"{finding.code} {finding.name} {finding.strength.value}: {short(finding.text)}")
    if finding.strength is Strength.NOTE:
        return
    for evidence in finding.evidence[:MOST_EVIDENCE]:
        yield _labelled("seen", evidence_line(evidence, account, shown=abridged))
    if finding.settle:
        yield _labelled("confirm", short(finding.settle))
    yield _labelled("fix", short(finding.fix_text))


def _others(account: Account) -> Iterator[str]:
    """Notes about the tenant and its agents without a row. One line each."""
    for finding in account.findings:
        if not is_of_request(finding) and not needs_fix(finding):
            kind = "agents" if finding.code in BENIGN else "note"
            strength = "" if finding.strength is Strength.NOTE else f" {finding.strength.value}"
            yield short(f"{kind}: {finding.code} {finding.name}{strength}: {finding.text}")


def _run(account: Account) -> str:
    tenant, seconds = account.tenant, (account.finished_at - account.started_at).total_seconds()
    early = f"; ended early: {account.ended_early}" if account.ended_early else ""
    return short(f"requests: {account.requests.sent} to {tenant.instance} ({tenant.contract}), {seconds:.1f} s{early}")
