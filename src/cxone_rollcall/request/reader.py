"""Reads the text of a request in any of its forms. Nothing of it is run, and no message quotes it."""

from __future__ import annotations

import codecs
import re

from cxone_rollcall.request import curl, har, message, powershell
from cxone_rollcall.request.pasted import Pasted, refused

LARGEST = 8 << 20
"""Bytes of a text. A request has some kilobytes; a HAR file has the bodies of all responses."""

_COMMENTS = re.compile(r"(?:#[^\n]*(?:\n\s*|\Z))*")
"""Lines before the request, as scripts have them."""
_FORMS = "a curl command, an HTTP message, a HAR file or an address"
_OTHERS = (
    (re.compile(r"(?:await\s+)?fetch\s*\("), 'it is a call of fetch: copy it "as cURL" instead'),
    (re.compile(r"(?:.*\n)*.*\bcurl\s"), "it has more than a curl command: keep only that"),
    (re.compile(r"wget\s"), f"it is a wget command: give {_FORMS}"),
    (re.compile(r"(?:import|from|require|const|var|let|using|package)\s"), f"it is a program: give {_FORMS}"),
)


def read(data: bytes, *, entry: int | None = None) -> Pasted:
    """Read one request; `entry` is the number of a HAR file's entry. Raises `SettingError`, and nothing else."""
    if len(data) > LARGEST:
        raise refused(f"it is too large for a request: it has more than {LARGEST:,} bytes")
    text = _text(data)
    if text.startswith(("{", "[")):
        return har.read(text, entry)
    if entry is not None:
        raise refused("--entry is for HAR files, and this is none")
    if curl.begins(text):
        return curl.read(text)
    if message.begins(text):
        return message.read(text)
    if message.is_address(text):
        return message.read_address(text)
    if powershell.begins(text):
        return powershell.read(text)
    other = next((words for pattern, words in _OTHERS if pattern.match(text)), f"it is no request: give {_FORMS}")
    raise refused(other)


def _text(data: bytes) -> str:
    """Decode UTF-8 or UTF-16, as PowerShell writes files."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig").strip()
    except UnicodeDecodeError:
        raise refused("it is no text in UTF-8") from None
    if "\0" in text:
        raise refused("it is no text")
    text = _COMMENTS.sub("", text, count=1)
    if not text:
        raise refused("it is empty")
    return text
