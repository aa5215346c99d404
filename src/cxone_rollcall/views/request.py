"""A program's own request on a terminal: cause, changes, corrected request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cxone_rollcall.findings.account import BENIGN, Account
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.own_request import is_of_request
from cxone_rollcall.findings.request_sentence import sentence
from cxone_rollcall.model.observations.request import AS_IT_STANDS, Asked, RequestAsked
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.evidence import evidence_line, hanging, needs_fix, short
from cxone_rollcall.views.text import brief, printable, width

MOST_EVIDENCE = 4
MOST_OF_A_CODE = 3
"""Findings of one code that are shown. A program may send a hundred unknown ids."""
LONGEST = 120
"""Cells of the request's own path with its query."""
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
    lines = [strong(hanging(f"{short(sentence(account, asked)).rstrip('.')}.", cells)), ""]
    lines += [hanging(line, cells) for line in _requests(asked)]
    same: dict[str, int] = {}
    for finding in account.findings:
        if is_of_request(finding):
            lines += [hanging(line, cells) for line in _of_request(finding, asked)]
        elif needs_fix(finding):
            same[finding.code] = same.get(finding.code, 0) + 1
            if same[finding.code] <= MOST_OF_A_CODE:
                lines += [hanging(line, cells) for line in _finding(finding, account)]
    lines += [
        _labelled("", f"and {count - MOST_OF_A_CODE} more of {code}")
        for code, count in same.items()
        if count > MOST_OF_A_CODE
    ]
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
    again = (one.before[1:] for one in asked.changes if one.before[0].exchange == asked.first.exchange)
    stands = _line(AS_IT_STANDS, asked.first, *(answer for answers in again for answer in answers))
    return (stands, *(_line(one.what, *one.after) for one in asked.changes))


def _line(what: str, first: Asked, *again: Asked) -> Line:
    if first.unsent:
        status = "not sent"
    else:
        status = str(first.status) if first.status is not None else first.kind or "no response"
    rows = counted(first.rows, "row") if first.rows is not None else "no rows"
    return Line(what=what, status=status, rows=rows, exchanges=(first.exchange, *(one.exchange for one in again)))


def _requests(asked: RequestAsked) -> Iterator[str]:
    yield _labelled("request", f"{asked.method} {brief(abridged(asked.target), LONGEST)}   ({asked.form})")
    lines = [(brief(one.what, LONGEST_WHAT), one) for one in lines_of(asked)]
    longest = max(width(what) for what, _ in lines)
    for place, (what, one) in enumerate(lines):
        numbers = ", again ".join(f"#{number}" for number in one.exchanges)
        text = f"{what}{' ' * (longest - width(what))}  {brief(one.status, 24):4} {one.rows:>8}   {numbers}"
        yield _labelled("sent" if not place else "changed" if place == 1 else "", text)


def _of_request(finding: Finding, asked: RequestAsked) -> Iterator[str]:
    """A finding about the request. The sentence has its text already."""
    found = f"{finding.code} {finding.name} {finding.strength.value}"
    if finding.strength is Strength.NOTE:
        yield _labelled("found", f"{found}   {short(finding.text)}")
        return
    yield _labelled("found", f"{found}   {_proof(finding, asked)}")
    if finding.settle:
        yield _labelled("confirm", short(finding.settle))
    yield _labelled("fix", short(finding.fix_text))


def _proof(finding: Finding, asked: RequestAsked) -> str:
    """The exchanges that differ in one thing, in pairs."""
    cited = [one.exchange for one in finding.evidence[:2]]
    pairs = [
        f"#{without.exchange} and #{with_it.exchange}"
        for change in asked.changes
        if [change.before[0].exchange, change.after[0].exchange] == cited
        for without, with_it in zip(change.before, change.after, strict=False)
    ]
    if not pairs:
        return f"#{cited[0]}"
    return ", and so do ".join((f"{pairs[0]} differ in one thing", *pairs[1:]))


def _labelled(label: str, text: str) -> str:
    return f"  {label:<{LABEL - 2}}{text}"


def _finding(finding: Finding, account: Account) -> Iterator[str]:
    yield _labelled("found", f"{finding.code} {finding.name} {finding.strength.value}: {short(finding.text)}")
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
