"""Reads the text of an exported file."""

from __future__ import annotations

import codecs
from pathlib import Path

from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.errors import SettingError

LARGEST = 1 << 28
"""Bytes of a file. A million lines of a schedule have some 80 million."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How Excel's "Unicode text" begins. UTF-8 has a mark, too, or none."""
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks begin. A ZIP is an .xlsx or .ods, the other an .xls."""


def read_text(path: Path) -> str:
    """The text of a file. SettingError says why it has none, and how to save it."""
    named = str(path)
    try:
        data, _ = read_file(path, largest=LARGEST)
    except OSError as error:
        raise SettingError(f"{named} cannot be read: {error.strerror}") from None
    if data.startswith(_WORKBOOKS):
        raise SettingError(f'{named} is a workbook, not a text: in Excel, save it as "CSV UTF-8"')
    encoding = "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SettingError(f"{named}, line {line}: this is not UTF-8 text; save it as CSV UTF-8") from None
    if "\0" in text:
        line = text.partition("\0")[0].count("\n") + 1
        raise SettingError(f"{named}, line {line}: this is not text; save it as CSV UTF-8")
    return text
