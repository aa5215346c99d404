"""Reads the people who are expected, one on each line."""

from __future__ import annotations

import re
from pathlib import Path

from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.attendance import Expected
from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.tables.lines import WHO, columns_called, lines_of, names_in, refuse_longer
from cxone_rollcall.tables.text import read_text

COLUMNS = ("agent id", "id", *WHO)
"""Names of columns, the best first."""
NAMES = ("name", "full name", "agent name", "employee name", "display name")
"""Columns that are read only without any of `COLUMNS`. Two people may have one name."""
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
"""How Excel saves a long number of a narrow column. The digits are lost."""
EXAMPLE = "agent_id\n30000000001\n30000000002"


def read_expected(path: Path) -> tuple[Expected, ...]:
    """The people of a file, in its order. SettingError names the file, the line, and what is wrong."""
    lines = lines_of(read_text(path), named=str(path))
    rows = lines.rows()
    first = next(rows, None)
    if first is None:
        raise SettingError(f"{path} is empty: its first line must name the columns", example=EXAMPLE)
    line, header = first
    columns = columns_called(header, COLUMNS) or columns_called(header, NAMES)
    if not columns:
        person = next((one for one in header if "@" in one or one.isdecimal()), None)
        if person is not None:
            column = "email" if "@" in person else "agent_id"
            raise SettingError(
                f"{path}, line {line}: the first line must name the columns, and this one seems to be a person:"
                f" {shown(person)}. Put a line above it",
                example=f"{column}\n{shown(person)[1:-1]}",
            )
        raise SettingError(
            f"{path}, line {line}: no column is known to have ids, user names, e-mails or names; the columns are"
            f" {', '.join(map(shown, header))}. Name one of them agent_id, user_name, email or name",
            example=EXAMPLE,
        )
    people = []
    for line, row in rows:
        refuse_longer(header, row, where=f"{path}, line {line}")
        names = tuple(dict.fromkeys(name for at in columns if row[at] for name in names_in(row[at])))
        if not names:
            known = " or ".join(header[at] for at in columns)
            raise SettingError(f"{path}, line {line}: this line names nobody: it has no {shown(known)}")
        if rounded := next(filter(_ROUNDED.fullmatch, names), None):
            raise SettingError(
                f"{path}, line {line}: {rounded} is an id that a spreadsheet has rounded. Show the column as numbers"
                " without decimals, or as text, and save it again"
            )
        people.append(Expected(line=line, names=names))
    if not people:
        raise SettingError(f"{path} names nobody: it has only a line with the names of columns", example=EXAMPLE)
    return tuple(people)
