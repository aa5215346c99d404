"""What several responses say together, and the request for the next page. Pure: no requests."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlsplit

from cxone_rollcall.client import RosterPage, StateRows
from cxone_rollcall.model.observations.request import Asked, What
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.request.question import Question


def rows_in_other_states(question: Question, page: RosterPage | StateRows) -> int:
    """The number of rows in another state than the requested one."""
    wanted = question.value("state") if question.contract != "incontact" else None
    if not wanted:
        return 0
    states = [row.state for row in page.rows if isinstance(row, AgentState) and row.state]
    return sum(state.casefold() != wanted.casefold() for state in states)


def summed(answers: Sequence[Asked]) -> Asked:
    """Several responses as one: it has rows only if each has."""
    failed = next((one for one in answers if one.rows is None), None)
    if failed is not None or len(answers) == 1:
        return failed or answers[0]
    return replace(
        answers[-1],
        rows=sum(one.rows or 0 for one in answers),
        found=frozenset(agent for one in answers for agent in one.found),
    )


def next_page(question: Question, link: str | None) -> Question | None:
    """The request for the next page, by link or by counting."""
    if question.contract == "incontact":
        if link:
            fields = parse_qsl(urlsplit(link).query, keep_blank_values=True)
            return question.with_values(**{name: quote(value, safe=":,") for name, value in fields})
        return None
    page = question.value("page") or "1"
    if question.what is not What.ROSTER or not page.isdecimal() or len(page) > 6:
        return None
    return question.with_values(page=str(int(page) + 1))
