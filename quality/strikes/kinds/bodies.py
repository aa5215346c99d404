"""Strikes at the body of a response with status 200. It becomes no JSON, damaged, different or too large."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from quality.strikes.kinds.base import Kind, Rewrite, rewritten
from quality.strikes.kinds.statuses import HTML, PAGE
from quality.strikes.messages import Answer, Asked, head, replaced
from quality.strikes.proxy import Link

MEBIBYTE = 1 << 20
HUGE_MEBIBYTES = 100
DEEP = 100_000
HUGE_NUMBER = 10**60
IN_PLACE_OF_A_LIST = "a-text-in-the-place-of-a-list"
_NUMBER = re.compile(r"(?<=[:\[,])\s*-?\d+(\.\d+)?(?=[,}\]])")
_GZIP_MEBIBYTE = 64

Json = Any


def _body(body: bytes) -> Rewrite:
    return lambda answer: answer.with_body(body)


def _json(change: Callable[[Json], Json]) -> Rewrite:
    """Return a rewrite that changes the JSON value."""

    def rewrite(answer: Answer) -> Answer:
        value = json.loads(answer.body) if answer.body else {}
        return answer.with_body(json.dumps(change(value), ensure_ascii=False).encode())

    return rewrite


def _text(change: Callable[[str], str], encoding: str = "utf-8") -> Rewrite:
    """Return a rewrite that changes the text or its encoding."""
    return lambda answer: answer.with_body(change(answer.body.decode()).encode(encoding, "replace"))


def _rows_changed(value: Json, change: Callable[[Json], Json]) -> Json:
    """The value with each row of each list changed. Without a list, the value is changed."""
    if not isinstance(value, dict):
        return value
    if not any(isinstance(inner, list) for inner in value.values()):
        return change(value)
    return {name: [change(row) for row in inner] if isinstance(inner, list) else inner for name, inner in value.items()}


def _half_of_null(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {
        name: [None if place % 2 else row for place, row in enumerate(inner)] if isinstance(inner, list) else inner
        for name, inner in value.items()
    }


def _scalars_boxed(row: Json) -> Json:
    if not isinstance(row, dict):
        return [row]
    return {name: [inner] if not isinstance(inner, dict | list) else inner for name, inner in row.items()}


def _ids_huge(row: Json) -> Json:
    if not isinstance(row, dict):
        return row
    return {name: HUGE_NUMBER if name.lower() in {"id", "agentid"} else inner for name, inner in row.items()}


def _counts_huge(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {
        name: HUGE_NUMBER if isinstance(inner, int) and not isinstance(inner, bool) else inner
        for name, inner in value.items()
    }


def _lists_as_texts(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {name: IN_PLACE_OF_A_LIST if isinstance(inner, list | str) else inner for name, inner in value.items()}


def _split_over_two_keys(
    last: Callable[[list[Json]], list[Json]], first: Callable[[list[Json]], list[Json]]
) -> Rewrite:
    """A rewrite that repeats each list's key. The first has `first(rows)`, the last `last(rows)`."""

    def rewrite(answer: Answer) -> Answer:
        value = json.loads(answer.body) if answer.body else None
        if not isinstance(value, dict):
            return answer
        members = []
        for name, inner in value.items():
            both = (first(inner), last(inner)) if isinstance(inner, list) else (inner,)
            members += [f"{json.dumps(name)}:{json.dumps(one, ensure_ascii=False)}" for one in both]
        return answer.with_body(("{" + ",".join(members) + "}").encode())

    return rewrite


def _said_twice(row: Json) -> str:
    """Return a row with two states: the true one, then logged out."""
    text = json.dumps(row, ensure_ascii=False)
    other = {"agentStateId": 0, "agentStateName": "LoggedOut"} if "agentStateName" in row else {"state": "Logged Out"}
    return f"{text[:-1]},{json.dumps(other)[1:]}" if {"state", "agentStateName"} & row.keys() else text


def _states_twice(answer: Answer) -> Answer:
    value = json.loads(answer.body) if answer.body else None
    if not isinstance(value, dict):
        return answer
    members = []
    for name, inner in value.items():
        rows = isinstance(inner, list) and all(isinstance(row, dict) for row in inner)
        text = f"[{','.join(map(_said_twice, inner))}]" if rows else json.dumps(inner, ensure_ascii=False)
        members.append(f"{json.dumps(name)}:{text}")
    return answer.with_body(("{" + ",".join(members) + "}").encode())


def _encoded(answer: Answer, encoding: str, body: bytes) -> Answer:
    return answer._replace(body=body, headers=replaced(answer.headers, "Content-Encoding", encoding))


@lru_cache
def _packed_spaces() -> tuple[bytes, zlib._Compress]:
    packer = zlib.compressobj(1, wbits=zlib.MAX_WBITS + 16)
    return b"".join(packer.compress(b" " * MEBIBYTE) for _ in range(_GZIP_MEBIBYTE)), packer


def _gzip_bomb(answer: Answer) -> Answer:
    spaces, packer = _packed_spaces()
    packer = packer.copy()
    return _encoded(answer, "gzip", spaces + packer.compress(answer.body) + packer.flush())


async def _huge(link: Link, asked: Asked, answer: Answer) -> None:
    """Send 100 MiB of white space before the true response. The client may close before."""
    await link.send(head(answer, HUGE_MEBIBYTES * MEBIBYTE + len(answer.body)))
    for _ in range(HUGE_MEBIBYTES):
        if link.is_closing:
            return
        await link.send(b" " * MEBIBYTE)
    await link.send(answer.body)


_DAMAGED = ("RC507", "RC512")
_EMPTY = ("RC504", *_DAMAGED, "RC515", "RC516")
"""Findings that are true of empty responses.

An empty page leaves the roster short of the server's total, and empty states lose rows. If the same request had rows
before or later, it is also answered in two ways.
"""
_TOO_MUCH = ("RC106", *_DAMAGED)
"""Such a body may also exceed the time limit."""
_PAGE = ("RC104", "RC512")


def _kind(name: str, about: str, rewrite: Rewrite, proves: tuple[str, ...] = _DAMAGED) -> Kind:
    return Kind(name=name, about=about, send=rewritten(rewrite), proves=proves)


BODIES: tuple[Kind, ...] = (
    _kind("html", "an HTML page", lambda _: Answer(200, HTML, PAGE), _PAGE),
    _kind("html-as-json", "an HTML page labelled as JSON", _body(PAGE), _PAGE),
    _kind("empty-body", "no body", _body(b""), _EMPTY),
    _kind("blank-body", "a blank line", _body(b" \r\n"), _EMPTY),
    _kind("204", "204", lambda answer: Answer(204, (), b""), _EMPTY),
    _kind("null", "null", _body(b"null")),
    _kind("number", "a number", _body(b"0")),
    _kind("empty-object", "{}", _body(b"{}")),
    _kind("cut-json", "half of the JSON, in a complete body", _text(lambda text: text[: len(text) // 2])),
    _kind(
        "lists-as-texts",
        "a string instead of each list and string",
        _json(_lists_as_texts),
        (*_DAMAGED, "RC104", "RC205"),  # the string may replace an address or a token
    ),
    _kind("rows-of-null", "null instead of each row", _json(lambda value: _rows_changed(value, lambda _: None))),
    _kind("half-of-null", "null instead of every second row", _json(_half_of_null)),
    _kind(
        "scalars-boxed",
        "each value of a row wrapped in a list",
        _json(lambda value: _rows_changed(value, _scalars_boxed)),
    ),
    _kind("utf-16", "encoded in UTF-16", _text(str, "utf-16")),
    _kind(
        "latin-1",
        "encoded in Latin-1, with a non-ASCII letter",
        _text(lambda text: f'{{"é":1,{text[1:]}', "latin-1"),
    ),
    _kind("bom", "with a byte-order mark", _text(lambda text: f"\ufeff{text}"), ()),
    _kind("deep", "100,000 nested lists", _body(b"[" * DEEP + b"]" * DEEP)),
    _kind(
        "deep-beside",
        "100,000 nested lists beside the rows",
        _text(lambda text: f'{{"x":{"[" * DEEP}{"]" * DEEP},{text[1:]}'),
    ),
    Kind(name="huge-body", about=f"{HUGE_MEBIBYTES} MiB of white space before the JSON", send=_huge, proves=_TOO_MUCH),
    _kind("gzip-bomb", f"{_GZIP_MEBIBYTE} MiB of white space in a small gzip body", _gzip_bomb, _TOO_MUCH),
    _kind(
        "two-lists-last-empty", "each list's key twice, the second list empty", _split_over_two_keys(lambda _: [], list)
    ),
    _kind(
        "two-lists-first-empty", "each list's key twice, the first list empty", _split_over_two_keys(list, lambda _: [])
    ),
    _kind(
        "two-lists-half-each",
        "each list's key twice, half of the rows in each",
        _split_over_two_keys(lambda rows: rows[len(rows) // 2 :], lambda rows: rows[: len(rows) // 2]),
    ),
    _kind("two-states", "two states in each row: the true one, then logged out", _states_twice),
    _kind("huge-ids", "ids of sixty digits", _json(lambda value: _rows_changed(value, _ids_huge))),
    _kind("huge-counts", "counts of sixty digits", _json(_counts_huge), (*_DAMAGED, "RC504", "RC503")),
    _kind("nan", "NaN instead of each number", _text(lambda text: _NUMBER.sub("NaN", text))),
    _kind("infinite", "1e999 instead of each number", _text(lambda text: _NUMBER.sub("1e999", text))),
    _kind("gzip-cut", "truncated gzip", lambda one: _encoded(one, "gzip", gzip.compress(one.body)[:-12])),
    _kind("gzip-garbled", "labelled as gzip, but not compressed", lambda one: _encoded(one, "gzip", one.body)),
    _kind("gzip", "compressed with gzip", lambda one: _encoded(one, "gzip", gzip.compress(one.body)), ()),
    _kind("brotli", "labelled as br, which was not requested", lambda one: _encoded(one, "br", one.body)),
)
