"""Reads one entry of a HAR file, which browsers' tools export.

Source: HTTP Archive 1.2, http://www.softwareishard.com/blog/har-12-spec/, log.entries[].request.
"""

from __future__ import annotations

import msgspec

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.struct import Value, replace
from cxone_rollcall.request.pasted import Pasted, pasted, refused
from cxone_rollcall.request.question import question_of

MOST_LISTED = 20
NO_TOKEN = "the file has no token for it, as browsers leave tokens out: rollcall's own is sent"  # noqa: S105  a remark


class _Header(msgspec.Struct):
    name: str = ""
    value: str = ""


class _Request(msgspec.Struct):
    method: str = "GET"
    url: str = ""
    headers: list[_Header] = []


class _Response(msgspec.Struct):
    status: int | float | None = None


class _Entry(msgspec.Struct):
    request: _Request
    response: _Response | None = None


class _Log(msgspec.Struct):
    entries: list[_Entry]


class _Har(msgspec.Struct):
    log: _Log


_DECODER = msgspec.json.Decoder(_Har)


class Listed(Value, frozen=True):
    """An entry that can be explained: number, request, and its status there. Numbers start at 1."""

    number: int
    request: Pasted
    status: int | None


def read(text: str, number: int | None) -> Pasted:
    """The entry with this number, or the only usable one. Raises `SettingError`."""
    try:
        entries = _DECODER.decode(text).log.entries
    except (msgspec.DecodeError, RecursionError):
        raise refused("it is JSON, but no HAR file: save the requests of your browser's network tools as HAR") from None
    if number is not None:
        if not 1 <= number <= len(entries):
            there = f"its entries are 1 to {len(entries)}" if entries else "it has none"
            raise refused(f"it has no entry {number}: {there}")

        return _pasted(entries[number - 1], number)
    listed = [one for place, entry in enumerate(entries, 1) if (one := _listed(entry, place)) is not None]
    if not listed:
        raise refused(f"none of its {len(entries)} entries is a GET request for agents or their states")
    if len(listed) > 1:
        shown = "\n".join(f"--entry {one.number}   {_shown(one)}" for one in listed[:MOST_LISTED])
        more = f"\nand {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
        raise refused(f"it has {len(listed)} requests for agents or their states: choose one", example=shown + more)
    return listed[0].request


def _pasted(entry: _Entry, number: int) -> Pasted:
    asked = entry.request
    headers = [(one.name, one.value) for one in asked.headers if not one.name.startswith(":")]
    request = pasted(asked.method, asked.url, headers, form=f"HAR entry {number}")
    if request.token_left_out or any(name.lower() == "authorization" for name, _ in request.headers):
        return request
    # Chrome leaves tokens and cookies out of a HAR file unless it is asked for "sensitive data".
    return replace(request, token_left_out=True, remarks=(*request.remarks, NO_TOKEN))


def _listed(entry: _Entry, number: int) -> Listed | None:
    try:
        request = _pasted(entry, number)
        question_of(request)
    except SettingError:
        return None
    status = entry.response.status if entry.response is not None else None
    return Listed(number, request, int(status) if status and 100 <= status < 600 else None)


def _shown(one: Listed) -> str:
    """An entry without its values, which may be secret."""
    question = question_of(one.request)
    names = ", ".join(question.parameters)
    answered = f", answered {one.status}" if one.status else ""
    return f"{question.what.value}{f' with {names}' if names else ''}{answered}"
