"""The rows of an answer: where they stand, and what beside them says that they are not all."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from cxone_rollcall.contracts.decoding import LONGEST_QUOTE, flag, text, whole_number
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.failure import FailureKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ERROR_NAME = re.compile(r"(error|exception|fault)(s|code|message|msg|text|string|description|detail|details|type)?")
"""What a member that names an error is called, without regard to capitals and underscores."""
_FAILED = re.compile(r"\s*(error|fail)", re.IGNORECASE)
_TROUBLE = re.compile(
    "error|fail|unavail|time.?out|try again|denied|exceed|internal|maintenance"
    "|throttl|too many|unauthori|forbid|partial",
    re.IGNORECASE | re.DOTALL,
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
            refuse_if_trouble(body)
    return Found(rows, pointer, next(filter(None, map(error_beside, beside)), ""))


def _may_hold_rows(key: str, value: object) -> bool:
    return isinstance(value, list) and not _NO_ROWS.match(key) and all(isinstance(row, dict) for row in value)


class Beside(msgspec.Struct, kw_only=True):
    """What may stand beside the rows of an answer and say that they are not all, of any type; other members pass."""

    error: object = None
    errors: object = None
    Error: object = None
    fault: object = None
    faults: object = None
    exception: object = None
    errorCode: object = None  # noqa: N815  the wire's spelling, here and below
    errorMessage: object = None  # noqa: N815
    error_code: object = None
    exceptionMessage: object = None  # noqa: N815
    success: object = None
    status: object = None
    statusCode: object = None  # noqa: N815

    def trouble(self) -> str:
        """Return, in words, the error that stands beside the rows; "" where there is none."""
        said = {name: value for name in _BESIDE if (value := getattr(self, name)) is not None}
        return error_beside(said) if said else ""


_BESIDE = Beside.__struct_fields__


def refuse_if_trouble(body: Mapping[str, object]) -> None:
    """Raise `UnusableAnswer` where the body of an empty list speaks of trouble, whatever its status was."""
    for name, value in body.items():
        if _is_error(name, value):
            raise UnusableAnswer(FailureKind.DAMAGED, f"no rows, but an error: {in_words(value)}")
    for name, value in body.items():
        if _is_trouble(name, value) or _warns(name, value):
            raise UnusableAnswer(FailureKind.DAMAGED, f"no rows, but {name}: {in_words(value)}")


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def is_error_name(name: str) -> bool:
    """Tell whether a member is called as one that names an error is."""
    return _ERROR_NAME.fullmatch(_plain(name)) is not None


def _is_error(name: str, value: object) -> bool:
    return bool(value) and is_error_name(name)


def _is_trouble(name: str, value: object) -> bool:
    """Tell whether a member says that the question failed, whatever stands beside it."""
    match _plain(name):
        case "success":
            return flag(value) is False
        case "status" if isinstance(value, str) and _FAILED.match(value):
            return True
        case "status" | "code" | "statuscode" | "httpstatus":
            return (whole_number(value) or 0) >= HTTPStatus.BAD_REQUEST
    return False


def _warns(name: str, value: object) -> bool:
    """Tell whether a member speaks of trouble in words, which counts only where there is nothing else."""
    match _plain(name):
        case "warning" | "warnings":
            return bool(value)
        case "message" | "detail" | "msg":
            return isinstance(value, str) and _TROUBLE.search(value) is not None
    return False


def error_beside(body: Mapping[str, object]) -> str:
    """Return, in words, the error that a body names beside its rows; "" where it names none."""
    for name, value in body.items():
        if _is_error(name, value):
            return in_words(value)
    return next((f"{name}: {in_words(value)}" for name, value in body.items() if _is_trouble(name, value)), "")


def in_words(error: object) -> str:
    """Say an error in few words: its code and its message where it has them, of a list the first one."""
    try:
        return _in_words(error)[:LONGEST_QUOTE]
    except RecursionError:  # JSON that could just be decoded may be nested too deeply to be written
        return "an error that is too deeply nested to be shown"


def _in_words(error: object) -> str:
    if isinstance(error, list):
        told = [one for one in error if one]
        more = f" and {len(told) - 1} more" if len(told) > 1 else ""
        return _in_words(told[0])[:LONGEST_QUOTE] + more if told else str(error)
    if isinstance(error, dict):
        parts = (next(filter(None, (text(error.get(name)) for name in names)), None) for names in (_CODES, _WORDS))
        return ": ".join(part for part in parts if part) or str(error)
    return str(error)


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
