"""Lines with separators, as in CSV files, and their columns' names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Literal

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.struct import Value

SEPARATORS = ",;\t|"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""A first line that tells Excel the separator."""
WHO = (
    *("who", "agent id", "agent no", "agent number", "agent", "user name", "user", "login", "logon id", "login id"),
    *("email", "email address", "mail", "user id", "user principal name", "employee id", "employee"),
)
"""Usual names of the columns that name a person, the best first."""

_ID = re.compile(r"""(?:=?"|')?(\d+)(?:[.,]00?)?"?""")
"""An id that pandas or a spreadsheet wrote.

Pandas writes it as a decimal if the column has gaps: `30000000002.0`. In spreadsheets people write `="30000000002"` or
`'30000000002`, which keep its digits.
"""
_MAILBOX = re.compile(r"[^<>]*<([^<>\s]+@[^<>\s]+)>")
"""An e-mail as Outlook writes it: `Ann Lee <ann@acme.example>`."""


class Lines(Value, frozen=True, kw_only=True):
    """The lines of a table.

    `named` is the file in messages. `skipped` counts the lines before the text. `quoting` is how csv reads quotes.
    """

    named: str
    text: str
    separator: str
    skipped: int = 0
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The lines that are not empty, with their numbers. Each has as many fields as the first, or more.

        SettingError names a line with a broken quote.
        """
        lines = StringIO(self.text, newline="")
        reader = csv.reader(lines, delimiter=self.separator, quoting=self.quoting, strict=True)
        width = 0
        try:
            for row in reader:
                fields = [one.strip() for one in row]
                if any(fields):
                    fields += [""] * (width - len(fields))
                    width = width or len(fields)
                    yield reader.line_num + self.skipped, fields
        except csv.Error as error:
            line = reader.line_num + self.skipped
            raise SettingError(f"{self.named}, line {line}: this is no line of a table: {error}") from None


def lines_of(text: str, *, named: str) -> Lines:
    """The lines of a text. Its first line tells the separator, or has it most often."""
    first, _, rest = text.partition("\n")
    if told := _SEPARATOR_LINE.fullmatch(first):
        return Lines(named=named, text=rest, separator=told[1], skipped=1)
    return Lines(named=named, text=text, separator=max(SEPARATORS, key=first.count))


def refuse_longer(header: Sequence[str], row: Sequence[str], *, where: str) -> None:
    """Raise SettingError for a line that has more fields than the columns."""
    if any(row[len(header) :]):
        raise SettingError(
            f"{where}: this line has {len(row)} fields, and the first line {len(header)}",
            example='a text with a separator needs quotes: "Lee, Ann"',
        )


def columns_called(header: Iterable[str], names: Iterable[str]) -> list[int]:
    """The numbers of the columns with these names, in their order."""
    there = [letters(name) for name in header]
    return [there.index(name) for name in dict.fromkeys(map(letters, names)) if name in there]


def letters(text: str) -> str:
    """A column's name as names are compared. Only letters and digits count."""
    return "".join(filter(str.isalnum, text)).casefold()


def names_in(text: str) -> tuple[str, ...]:
    """A person's name, then the id or e-mail in it."""
    found = (form.fullmatch(text) for form in (_ID, _MAILBOX))
    return tuple(dict.fromkeys((text, *(one[1] for one in found if one))))
