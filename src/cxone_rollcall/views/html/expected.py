"""The people who are expected, in the HTML report."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.account import Account
from cxone_rollcall.views.attendance import WORDS
from cxone_rollcall.views.evidence import name_and_id
from cxone_rollcall.views.html.escape import isolated, shown

HEADINGS = ("Line", "In the file", "What is known", "Agent")


def expected(account: Account) -> Iterator[str]:
    """Yield the section of expected people. Those who are logged in come last."""
    attendance = account.attendance
    if attendance is None:
        return
    yield f'<section id="expected"><h2>Expected</h2><p>People in {shown(attendance.file)}: {len(attendance.people)}.'
    yield f" Agents of the roster who are not expected: {len(attendance.not_expected)}."
    yield "<table class=agents><thead><tr>" + "".join(f"<th scope=col>{heading}" for heading in HEADINGS)
    yield "</thead><tbody>"
    for presence, words in WORDS.items():
        for person in attendance.of(presence):
            agents = "; ".join(isolated(name_and_id(agent)) for agent in person.agents or person.similar)
            agents = f"perhaps {agents}" if person.similar else agents
            yield f"<tr><td>{person.line}<th scope=row>{isolated(person.asked_as)}<td>{words}<td>{agents}\n"
    yield "</tbody></table></section>"
