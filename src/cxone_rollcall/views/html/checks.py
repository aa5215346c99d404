"""What was ruled out: each check's question, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import counted
from cxone_rollcall.views.html.escape import marked, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.check import Outcome

TITLES = {
    Ended.CRASHED: "Crashed: what they would have found is not known",
    Ended.FOUND: "Found something: see the findings",
    Ended.CLEAR: "Clear: looked, and nothing is wrong there",
    Ended.SKIPPED: "Skipped: not judged, for the reason given with each",
}
"""In which order the outcomes are shown, and what each means."""

_QUESTIONS = {check.name: (check.judge.__doc__ or "").strip().partition("\n")[0] for check in CHECKS}


def checks(account: Account) -> Iterator[str]:
    """Yield the section of the outcomes."""
    yield '<section id="checks"><h2>What was ruled out</h2>'
    if not account.outcomes:
        yield "<p>Nothing: no check was made."
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
