"""Finds the rows in a response, and errors beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from cxone_rollcall.contracts.decoding import (
    LONGEST_QUOTE,
    MOST_ROWS,
    decode_plain,
    flag,
    refuse_repeated_keys,
    text,
    whole_number,
    words_in,
)
from cxone_rollcall.contracts.protocol import NO_LINKS, Page, PageLinks, Row, UnusableAnswer
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.wording import counted

_ERROR_NAME = re.compile(
    "(is|has)?(error|exception|fault|failure|failed)"
    "(s|code|message|msg|text|string|description|detail|details|type|info|flag|reason)?"
)
"""Names of members that hold an error, without capitals and underscores."""
_NOT_WHOLE = re.compile(
    "(is|has|was)?(partial|incomplete|degraded|timedout)(s|data|content|results?|response|success)?"
)
_WHOLE = re.compile("(is|was)?(complete|whole)")
_LEFT_OUT = re.compile(
    "(failed|errored|unprocessed|notprocessed|unresolved)(s|ids?|agents?|agentids?|items|keys|entities|users|count|shards|nodes)?"
    "|(errors?|failures?)count"
)
"""Names of members that list or count what an answer leaves out. The two above are flags."""
_ABOUT = re.compile("meta(data)?|status|shards|response(info|status|metadata)")
"""Names of objects beside the rows that speak of the answer."""
_FAILED = re.compile(r"\s*(error|fail)", re.IGNORECASE)
_TROUBLE = re.compile(
    "error|fail|unavail|time.?out|try again|denied|exceed|internal|maintenance"
    "|throttl|too many|unauthori|forbid|partial",
    re.IGNORECASE | re.DOTALL,
)
_NO_ROWS = re.compile(r"_|(errors?|faults?|warnings?|messages?|links)$", re.IGNORECASE)
"""Names of lists that do not hold rows: `_links`, `errors`, `messages`."""
_CODES = ("code", "errorCode", "error")
_PARTIAL = frozenset({HTTPStatus.PARTIAL_CONTENT, HTTPStatus.MULTI_STATUS})


class Found(NamedTuple):
    """The rows of a response, their place, and what is beside them.

    The pointer is None if it is the contract's own; the error is "" if there is none. The names in `beside` are in
    lower case. Of members with the same name, that nearest to the rows counts; those of objects beside the rows, such
    as `meta`, come last.
    """

    rows: list[Any]
    found_at: str | None
    error: str
    beside: Mapping[str, object]


def find_rows(body: bytes, rows_at: str, wrapper: str | None = None) -> Found:
    """Find the rows: at the contract's place, or in the only list.

    The list may be the whole body, or stand under the only key with a list. `wrapper` is the member that the contract
    may put around the whole answer.

    If the body is the list, the pointer is "". Raises `UnusableAnswer` (DAMAGED) if there is no such list or more
    than one, or if it is empty beside an error: an error never counts as "no rows".
    """
    value = decode_plain(body)
    refuse_repeated_keys(body)
    around: list[Mapping[str, object]] = []
    if isinstance(value, dict) and isinstance(wrapped := value.get(wrapper), dict | list):
        around = [{name: inner for name, inner in value.items() if name != wrapper}]
        value = wrapped
    if isinstance(value, list):
        return _found(value, "", around)
    if isinstance(value, dict):
        rows = value.get(rows_at.removeprefix("/"))
        if isinstance(rows, list):
            return _found(rows, None, [value, *around])
        lists = [(f"/{key}", inner, [value]) for key, inner in value.items() if _may_hold_rows(key, inner)]
        lists += [
            (f"/{key}/{name}", inner, [holder, value])
            for key, holder in value.items()
            if isinstance(holder, dict) and not _NO_ROWS.match(key)
            for name, inner in holder.items()
            if _may_hold_rows(name, inner)
        ]
        if len(lists) == 1:
            pointer, rows, bodies = lists[0]
            return _found(rows, pointer, [*bodies, *around])
    shape = type(value).__name__ if not isinstance(value, dict) else f"an object of {sorted(value)[:6]}"
    raise UnusableAnswer(FailureKind.DAMAGED, f"no rows at {rows_at} nor anywhere else: {shape}")


def _found(rows: list[Any], pointer: str | None, bodies: Sequence[Mapping[str, object]]) -> Found:
    """The rows, and what is beside them. The first of the bodies is nearest."""
    if not rows:
        for body in bodies:
            refuse_if_trouble(body)
    objects = [one for body in reversed(bodies) for one in _objects_in(body)]
    holders = (*objects, *reversed(bodies))
    beside = {name.lower(): value for holder in holders for name, value in holder.items() if value is not None}
    return Found(rows, pointer, next(filter(None, map(error_beside, bodies)), ""), beside)


def _objects_in(body: Mapping[str, object], depth: int = 3) -> Iterator[Mapping[str, object]]:
    """The objects in an object, and in those. The deepest come first."""
    for value in body.values():
        if isinstance(value, dict) and depth:
            yield from _objects_in(value, depth - 1)
            yield value


def stands_elsewhere(body: bytes, name: bytes) -> bool:
    """Whether a member of this name stands anywhere in a body. Capitals make no difference; `name` has none."""
    return b'"%s"' % name in body.lower()


def _may_hold_rows(key: str, value: object) -> bool:
    return isinstance(value, list) and not _NO_ROWS.match(key) and all(isinstance(row, dict) for row in value)


def refuse_if_trouble(body: Mapping[str, object]) -> None:
    """Raise `UnusableAnswer` if an error stands beside an empty list. The status does not matter."""
    for name, value in body.items():
        if _is_error(name, value):
            raise UnusableAnswer(FailureKind.DAMAGED, f"no rows, but an error: {in_words(value)}")
    for name, value in body.items():
        if _is_trouble(name, value) or _warns(name, value):
            raise UnusableAnswer(FailureKind.DAMAGED, f"no rows, but {name}: {in_words(value)}")


def plain_name(name: str) -> str:
    """A member's name without capitals, underscores and hyphens."""
    return name.lower().replace("_", "").replace("-", "")


def is_error_name(name: str) -> bool:
    """Whether a member has the name of one that holds an error."""
    return _ERROR_NAME.fullmatch(plain_name(name)) is not None


def _is_error(name: str, value: object) -> bool:
    return bool(value) and is_error_name(name)


def _is_trouble(name: str, value: object) -> bool:
    """Whether a member means that the request failed, whatever the other members."""
    match plain_name(name):
        case "success":
            return flag(value) is False
        case "status" if isinstance(value, str) and _FAILED.match(value):
            return True
        case "status" | "code" | "statuscode" | "httpstatus":
            return (whole_number(value) or 0) >= HTTPStatus.BAD_REQUEST
    return False


def _is_short(name: str, value: object) -> bool:
    """Whether a member says that the answer is not whole."""
    plain = plain_name(name)
    if _NOT_WHOLE.fullmatch(plain):
        return flag(value) is True or whole_number(value) == 1
    if _WHOLE.fullmatch(plain):
        return flag(value) is False
    if not _LEFT_OUT.fullmatch(plain):
        return False
    return bool(value) and whole_number(value) != 0 and flag(value) is not False


def _warns(name: str, value: object) -> bool:
    """Whether a member warns of a failure, in words or at length. This counts only if there are no rows."""
    match plain_name(name):
        case "warning" | "warnings":
            return bool(value)
        case "message" | "detail" | "msg":
            return isinstance(value, str) and (len(value) > LONGEST_QUOTE or _TROUBLE.search(value) is not None)
    return False


def error_beside(body: Mapping[str, object]) -> str:
    """Return the error that a body names beside its rows, or ""."""
    for name, value in body.items():
        if _is_error(name, value):
            return in_words(value)
    for name, value in body.items():
        if _is_trouble(name, value) or _is_short(name, value):
            return f"{name}: {in_words(value)}"
    about = (value for name, value in body.items() if isinstance(value, dict) and _ABOUT.fullmatch(plain_name(name)))
    return next(filter(None, map(error_beside, about)), "")


def error_around(body: bytes, rows_at: str) -> str:
    """Return the error beside rows of a usual shape, or "". Raises as `decode`.

    What stands beside the rows may be in another encoding.
    """
    members = msgspec.json.decode(body.decode("utf-8-sig", "replace"), type=dict[str, msgspec.Raw])
    rows = rows_at.removeprefix("/")
    return error_beside({name: decode_plain(bytes(value)) for name, value in members.items() if name != rows})


def in_words(error: object) -> str:
    """An error as text: its code and message. Of a list, the first one."""
    try:
        return _in_words(error)[:LONGEST_QUOTE]
    except RecursionError:  # nested just flat enough to be decoded, but too deep for str()
        return "an error that is too deeply nested to be shown"


def _in_words(error: object) -> str:
    if isinstance(error, list):
        errors = [one for one in error if one]
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        return _in_words(errors[0]) + more if errors else str(error)
    if isinstance(error, dict):
        code = next(filter(None, (text(error.get(name)) for name in _CODES)), "")
        return ": ".join(dict.fromkeys(filter(None, (code, words_in(error))))) or str(error)
    return str(error)


def perhaps_logged_out(state: str) -> str:
    """The complaint about a row whose state may mean logged out."""
    return f"the state {state}, which may mean logged out"


def page_of(
    status: int,
    rows: Sequence[Row | str | None],
    *,
    total: int | None = None,
    hidden: int = 0,
    links: PageLinks = NO_LINKS,
    found_at: str | None = None,
    error: str = "",
) -> Page[Row]:
    """A page of rows.

    A row that holds an error is a text, one without a readable id None. `error` is what the envelope names beside the
    rows. Raises `UnusableAnswer` if no row has an id.
    """
    if len(rows) > MOST_ROWS:
        limit = f"at most {MOST_ROWS:,} are read of one response"
        raise UnusableAnswer(FailureKind.TOO_MUCH, f"{len(rows):,} rows; {limit}")
    read = tuple([one for one in rows if one is not None and not isinstance(one, str)])
    failed = [one for one in rows if isinstance(one, str)]
    unnamed = len(rows) - len(read) - len(failed)
    if rows and len(rows) == unnamed:
        raise UnusableAnswer(FailureKind.DAMAGED, f"{counted(unnamed, 'row')}, and none has an id that can be read")
    return Page(
        rows=read,
        total=total,
        hidden=hidden,
        links=links,
        unnamed=unnamed,
        found_at=found_at,
        complaint=_complaint(status, len(rows), error=error, failed=failed, unnamed=unnamed),
    )


def empty_page(status: int) -> Page[Any]:
    """The page of a response without a body."""
    return Page(rows=(), no_content=True, complaint=_complaint(status, 0))


def _complaint(status: int, rows: int, *, error: str = "", failed: Sequence[str] = (), unnamed: int = 0) -> str:
    """Return why an answer with rows is incomplete, "" if it is not."""
    reasons = []
    if error:
        reasons.append(f"rows beside an error: {error}")
    if failed:
        reasons.append(f"no state that can be used in {len(failed)} of {counted(rows, 'row')}: {failed[0]}")
    if unnamed:
        reasons.append(f"no id that can be read in {unnamed} of {counted(rows, 'row')}")
    if status in _PARTIAL:
        reasons.append(f"the status is {status} {HTTPStatus(status).phrase}")
    return "; ".join(reasons)
