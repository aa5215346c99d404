"""The rows of an answer: where they stand, and what beside them says that they are not all."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from rollcall.contracts.base import UnusableAnswer
from rollcall.contracts.reading import LONGEST_QUOTE, flag, text, whole_number
from rollcall.model.failure import FailureKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ERRORS_BESIDE = ("error", "errors", "fault", "faults")
"""Where an answer that has rows names what it could not do."""
_ERROR_NAMES = (*ERRORS_BESIDE, "error_description", "errorDescription", "error_Description")
_FAILED = frozenset({"error", "fail", "failed", "failure"})
_TROUBLE = re.compile(
    "error|fail|unavail|time.?out|try again|denied|exceed|internal|maintenance", re.IGNORECASE | re.DOTALL
)
_NO_ROWS = re.compile(r"_|(errors?|faults?|warnings?|messages?|links)$", re.IGNORECASE)
"""The names of lists that hold something else than rows: `_links`, `errors`, `messages`."""
_CODES = ("code", "errorCode", "error")
_WORDS = ("message", "error_description", "errorDescription", "description", "detail", "faultstring", "reason", "title")
_PARTIAL = frozenset({HTTPStatus.PARTIAL_CONTENT, HTTPStatus.MULTI_STATUS})


class Found(NamedTuple):
    """The list of rows, its JSON pointer where that is not the contract's own, and the error beside it, else ""."""

    rows: list[Any]
    found_at: str | None
    error: str


def find_rows(value: object, rows_at: str) -> Found:
    """Find the list of rows: where the contract has it, else bare, else under the one key that holds a list.

    A bare list has the pointer "". Raises `UnusableAnswer` (DAMAGED) where there is no such list, where more than
    one could be meant, or where it is empty beside an error: an error is never "no rows".
    """
    if isinstance(value, list):
        return Found(value, "", "")
    if isinstance(value, dict):
        rows = value.get(rows_at.removeprefix("/"))
        if isinstance(rows, list):
            return _found(rows, None, value)
        lists = [(f"/{key}", inner, value) for key, inner in value.items() if _may_hold_rows(key, inner)]
        lists += [
            (f"/{key}/{name}", inner, wrapper)
            for key, wrapper in value.items()
            if isinstance(wrapper, dict) and not _NO_ROWS.match(key)
            for name, inner in wrapper.items()
            if _may_hold_rows(name, inner)
        ]
        if len(lists) == 1:
            pointer, rows, holder = lists[0]
            return _found(rows, pointer, value, holder)
    shape = type(value).__name__ if not isinstance(value, dict) else f"an object of {sorted(value)[:6]}"
    raise UnusableAnswer(FailureKind.DAMAGED, f"no rows at {rows_at} nor anywhere else: {shape}")


def _found(rows: list[Any], pointer: str | None, *beside: Mapping[str, object]) -> Found:
    if not rows:
        for body in beside:
            _refuse_if_trouble(body)
    return Found(rows, pointer, next(filter(None, map(error_beside, beside)), ""))


def _may_hold_rows(key: str, value: object) -> bool:
    return isinstance(value, list) and not _NO_ROWS.match(key) and all(isinstance(row, dict) for row in value)


def _refuse_if_trouble(body: Mapping[str, object]) -> None:
    """Raise `UnusableAnswer` where the body of an empty list speaks of trouble, whatever its status was."""
    for name in _ERROR_NAMES:
        if body.get(name):
            raise UnusableAnswer(FailureKind.DAMAGED, f"no rows, but an error: {in_words(body[name])}")
    for name, value in body.items():
        if _is_trouble(name, value):
            raise UnusableAnswer(FailureKind.DAMAGED, f"no rows, but {name}: {in_words(value)}")


def _is_trouble(name: str, value: object) -> bool:
    match name:
        case "success":
            return flag(value) is False
        case "status" if isinstance(value, str) and value.strip().casefold() in _FAILED:
            return True
        case "status" | "code" | "statusCode":
            return (whole_number(value) or 0) >= 400
        case "message" | "detail":
            return isinstance(value, str) and _TROUBLE.search(value) is not None
    return False


def error_beside(body: Mapping[str, object]) -> str:
    """Return, in words, the error that a body names beside its rows; "" where it names none."""
    return next((in_words(body[name]) for name in ERRORS_BESIDE if body.get(name)), "")


def in_words(error: object) -> str:
    """Say an error in few words: its code and its message where it has them, of a list the first one."""
    if isinstance(error, list):
        told = [one for one in error if one]
        more = f" and {len(told) - 1} more" if len(told) > 1 else ""
        words = in_words(told[0]) + more if told else str(error)
    elif isinstance(error, dict):
        parts = (next(filter(None, (text(error.get(name)) for name in names)), None) for names in (_CODES, _WORDS))
        words = ": ".join(part for part in parts if part) or str(error)
    else:
        words = str(error)
    return words[:LONGEST_QUOTE]


def complaint(status: int, *, error: str = "", failed: Sequence[str] = (), unnamed: int = 0, rows: int = 0) -> str:
    """Say why an answer with rows is not whole; "" where it is.

    `error` is what the body names beside the rows, `failed` are the errors that rows hold in place of a state,
    `unnamed` of all `rows` have no id that can be read.
    """
    said = []
    if error:
        said.append(f"rows beside an error: {error}")
    if failed:
        said.append(f"{len(failed)} of {rows} rows hold an error and no state: {failed[0]}")
    if unnamed:
        said.append(f"{unnamed} of {rows} rows have no id that can be read")
    if status in _PARTIAL:
        said.append(f"the status is {status} {HTTPStatus(status).phrase}")
    return "; ".join(said)
