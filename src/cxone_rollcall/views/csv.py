"""Agents as CSV (RFC 4180), with formulas neutralised.

The rule: a cell that begins with `=`, `+`, `-`, `@` (also in full width), a tab, a carriage return or a line feed gets
an apostrophe in front, because spreadsheets would run it as a formula. Nothing else is changed, except lone surrogates,
which UTF-8 cannot encode: they are written as escapes. On a terminal `show` escapes control characters.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from cxone_rollcall.views.columns import Column, Content, RowWriter

if TYPE_CHECKING:
    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.attendance import Person
    from cxone_rollcall.model.roll import RollEntry

UTF8_MARK = codecs.BOM_UTF8
"""Begins a file, so that Excel reads it as UTF-8. A pipe has none."""
EXPECTED = ("expected", "expected_as")
"""Columns of `--roster`. What is known of the person, and the text of the file."""
NOT_EXPECTED = "not_expected"
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


def rows(columns: tuple[Column, ...], *, show: Callable[[str], str] = str, mark: bytes = b"") -> RowWriter:
    """A CSV header and a line per agent, UTF-8 with CR LF.

    `show` converts each text, and `mark` stands before the header.
    """

    def row(entry: RollEntry) -> bytes:
        return _line(_cell(column.value(entry), show) for column in columns)

    return RowWriter(mark + _line(column.name for column in columns), row)


def account(
    account: Account, columns: tuple[Column, ...], *, show: Callable[[str], str] = str, mark: bytes = b""
) -> Iterator[bytes]:
    """The agents of an account as CSV lines. The column `findings` has the codes that explain them.

    With people who are expected, two more columns say what is known of them. An agent's line is first of all that of
    who means this agent alone. Those whom no agent's line names follow.
    """
    people = account.attendance
    yield mark + _line((*(column.name for column in columns), "findings", *(EXPECTED if people else ())))
    expected = people.people if people else ()
    by_agent = {agent.agent_id: one for one in sorted(expected, key=_vague) for agent in one.agents}
    named = {one.line for one in by_agent.values()}
    for entry in account.roll.entries:
        codes = " ".join(account.codes_by_agent.get(entry.agent.agent_id, ()))
        person = _person(by_agent.get(entry.agent.agent_id), show) if people else ()
        yield _line((*(_cell(column.value(entry), show) for column in columns), codes, *person))
    for one in expected:
        if one.line not in named:
            yield _line((*([""] * (len(columns) + 1)), *_person(one, show)))


def _vague(person: Person) -> int:
    return -len(person.agents)


def _person(person: Person | None, show: Callable[[str], str]) -> tuple[str, str]:
    if person is None:
        return NOT_EXPECTED, ""
    return person.presence.value, _cell(person.asked_as, show)


def _cell(value: Content, show: Callable[[str], str]) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return show(neutral(value))


def neutral(text: str) -> str:
    """A text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def lines(rows: Iterable[Iterable[str | int]], delimiter: str = ",") -> bytes:
    """Rows of cells as CSV lines. A text that could begin a formula must be neutral already."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows(rows)
    return written.getvalue().encode("utf-8", "backslashreplace")


def _line(cells: Iterable[str]) -> bytes:
    return lines([cells])
