"""A program's own request: the sentence, the changes, and the request corrected."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.account import Account
from cxone_rollcall.model.observations.request import RequestAsked
from cxone_rollcall.views.html.escape import LONGEST_TARGET, code, shown
from cxone_rollcall.views.request import lines_of
from cxone_rollcall.views.text import brief


def request(account: Account) -> Iterator[str]:
    """Yield the section of the request; nothing for a run without one."""
    asked = account.case.get(RequestAsked)
    if asked is None:
        return
    yield '<section id="request"><h2>The request of your program</h2>'
    yield f"<p>{code(f'{asked.method} {brief(asked.target, LONGEST_TARGET)}')} ({shown(asked.form)})"
    yield "<table class=trial><thead><tr><th scope=col>Sent<th scope=col>Status<th scope=col>Rows<th scope=col>No."
    yield "</thead><tbody>"
    for line in lines_of(asked):
        numbers = ", ".join(f'<a href="#x{number}">{number}</a>' for number in line.exchanges)
        yield f"<tr><th scope=row>{shown(line.what)}<td>{shown(line.status)}<td>{shown(line.rows)}<td>{numbers}"
    yield "</tbody></table>"
    if any(one.adopted for one in asked.changes):
        yield "<h3>Corrected</h3><pre>"
        yield "\n".join(map(shown, asked.corrected.splitlines()))
        yield "</pre>"
    for remark in asked.remarks:
        yield f"<p><small>{shown(remark)}</small>"
    yield "</section>"
