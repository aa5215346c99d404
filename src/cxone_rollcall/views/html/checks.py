"""What was ruled out: the question of each check, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.finding import counted
from cxone_rollcall.views.html.escape import marked, shown

TITLES = {
    Ended.CRASHED: "Crashed: rollcall failed here, so these causes are still possible",
    Ended.FOUND: "Found something: see the findings",
    Ended.CLEAR: "Clear: nothing is wrong here",
    Ended.SKIPPED: "Skipped: could not or need not run, for the reason given with each",
}
"""The order of the outcomes, and what each means."""

_QUESTIONS = {check.name: (check.judge.__doc__ or "").strip().partition("\n")[0] for check in CHECKS}


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
