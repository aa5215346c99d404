"""Decodes answers of every contract: statuses, errors, JSON and scalar values."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import NamedTuple, NoReturn, TypeVar
from urllib.parse import quote

import msgspec

from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.failure import A_PAGE, FailureKind

T = TypeVar("T")

_KINDS: dict[int, FailureKind] = {
    HTTPStatus.UNAUTHORIZED: FailureKind.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN: FailureKind.FORBIDDEN,
    HTTPStatus.NOT_FOUND: FailureKind.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: FailureKind.TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG: FailureKind.TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS: FailureKind.RATE_LIMITED,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: FailureKind.TOO_LARGE,
}
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.TOO_EARLY, 449, 460, 499})
"""Statuses below 500 that report a passing trouble, not a refusal. Source: IANA; 449 is IIS, 460 AWS, 499 nginx."""
_JSON_START = re.compile(rb"""[\[{"\d-]|true|false|null""")
_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escaped surrogate; JSON allows a lone one, msgspec does not."""
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
LONGEST_QUOTE = 100_000
"""Characters of a body that are quoted.

Longer than any token, because redaction does not find half a token; the client redacts the quote and then shortens it.
"""
LONGEST_NAME = 40
LONGEST_HEAD = 20_000
"""Characters of a page to search for its title."""
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_WORDS = (
    "errordescription",
    "errormessage",
    "message",
    "details",
    "detail",
    "description",
    "faultstring",
    "reason",
    "error",
    "errors",
    "fault",
    "exception",
    "title",
)
"""Members with the server's error text, most telling first. Names without capitals and underscores."""
_BOM = codecs.BOM_UTF8
_DIGITS = 40
_HUGE = 10**_DIGITS  # Python refuses to print integers of thousands of digits


def kind_of(status: int) -> FailureKind:
    """The kind of failure for a status of 400 or more. SERVER_TROUBLE is worth another try."""
    if status >= 500 or status in _PASSING:
        return FailureKind.SERVER_TROUBLE
    return _KINDS.get(status, FailureKind.REJECTED)


def refuse_unless_ok(response: Response) -> None:
    """Raise `UnusableAnswer` unless the status is 2xx, with the server's error."""
    status = response.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        where = response.headers.get("location", "nowhere")
        raise UnusableAnswer(FailureKind.NOT_THE_API, f"redirected to {where}")
    code, words = read_error(response)
    raise UnusableAnswer(kind_of(status), words, error=code)


def read_status(response: Response) -> int:
    """The status of an answer from the API.

    Raises `UnusableAnswer` for a page, 429 and 5xx, which need not come from it.
    """
    if response.status == HTTPStatus.TOO_MANY_REQUESTS or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        refuse_unless_ok(response)
    if 200 <= response.status < 300 and response.body.strip():
        decode_plain(response.body)
    return response.status


def read_error(response: Response) -> tuple[str, str]:
    """Return the server's error code and text, each or "". For a page: that it is one, and its title.

    The code is `error`, or `code` in an object of that name. The text stands in the first of `_WORDS`, whatever its
    spelling (`error_description`, `errorDescription`), also in an object or a list of it, or only in the header
    `icStatusDescription`.
    """
    words = response.headers.get("icstatusdescription", "")
    try:
        body = decode_plain(response.body, quoted=False)
    except UnusableAnswer as unusable:
        return "", words or _words_of_page(response.body, unusable.kind)
    code = body.get("error") if isinstance(body, dict) else None
    if isinstance(code, dict):
        code = code.get("code")
    return code if isinstance(code, str) else "", (words or _words_in(body))[:LONGEST_QUOTE]


def _words_in(body: object, depth: int = 3) -> str:
    """The most telling text in an error's body, or ""."""
    if isinstance(body, str):
        return body.strip()
    if isinstance(body, list) and depth:
        return next(filter(None, (_words_in(one, depth - 1) for one in body)), "")
    if not isinstance(body, dict) or not depth:
        return ""
    members = {name.lower().replace("_", "").replace("-", ""): value for name, value in reversed(body.items())}
    return next(filter(None, (_words_in(members.get(name), depth - 1) for name in _WORDS)), "")


def _words_of_page(body: bytes, kind: FailureKind) -> str:
    """What a body that is not JSON contains: page title, or text."""
    if kind is not FailureKind.NOT_THE_API:
        return ""
    text = body.decode("utf-8", "replace").strip()
    if not text.startswith("<"):
        return text[:LONGEST_QUOTE]
    title = _TITLE.search(text[:LONGEST_HEAD])
    return f"{A_PAGE}: {title[1].strip()}" if title and title[1].strip() else A_PAGE


def decode(body: bytes, wanted: msgspec.json.Decoder[T], *, quoted: bool = True) -> T | object:
    """A JSON body as `wanted`, or as plain values in another shape.

    Raises `UnusableAnswer`: NOT_THE_API if the body is not JSON (a page, a text), DAMAGED if it is JSON that was
    truncated, wrongly encoded or otherwise broken. Its detail quotes the body unless `quoted` is False, as for token
    answers.
    """
    try:
        return wanted.decode(body.removeprefix(_BOM))
    except msgspec.ValidationError:  # JSON of another shape
        return decode_plain(body, quoted=quoted)
    except _UNREADABLE as error:
        return _decode_lone_surrogates(body.removeprefix(_BOM), str(error), quoted=quoted)


def decode_plain(body: bytes, *, quoted: bool = True) -> object:
    """A JSON body as plain values. Raises `UnusableAnswer` as `decode` does."""
    body = body.removeprefix(_BOM)
    try:
        value: object = msgspec.json.decode(body)
    except _UNREADABLE as error:
        return _decode_lone_surrogates(body, str(error), quoted=quoted)
    return value


def _decode_lone_surrogates(body: bytes, reason: str, *, quoted: bool) -> object:
    """Decode JSON that msgspec refused because of a lone surrogate.

    Raises `UnusableAnswer` if that was not the reason.
    """
    if _LONE_SURROGATE.search(body):
        try:
            value: object = json.loads(body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            pass
        else:
            return value
    raise _not_json(body, reason, quoted=quoted)


class Members(NamedTuple):
    """Expected keys, with their quotes: beside the rows, and in each row."""

    beside: tuple[bytes, ...]
    in_rows: tuple[bytes, ...] = ()


def refuse_repeated_keys(body: bytes, members: Members | None = None, rows: int = 0) -> None:
    """Raise `UnusableAnswer` if a JSON object repeats a key.

    The two values may differ, and nothing says which counts. With `members`, the body is first searched for those keys:
    if none occurs more often than in a body of `rows` rows, nothing is parsed, because parsing takes longer than
    decoding.
    """
    if members is not None and _stand_once(body, members, rows):
        return
    with suppress(ValueError, RecursionError):  # `decode` raises for those
        json.loads(body.removeprefix(_BOM), object_pairs_hook=_refuse_twice)


def _stand_once(body: bytes, members: Members, rows: int) -> bool:
    around = _around_the_list(body)
    return all(around.count(name) <= 1 for name in members.beside) and all(
        body.count(name) <= rows for name in members.in_rows
    )


def _around_the_list(body: bytes) -> bytes:
    """Return what stands before and after the only list of a body.

    If the body may have more lists, return all of it.
    """
    if body.count(b"[") == body.count(b"]") == 1:
        return body[: body.index(b"[")] + body[body.index(b"]") :]
    return body


def _refuse_twice(members: list[tuple[str, object]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnusableAnswer(FailureKind.DAMAGED, f'the member "{twice[:LONGEST_NAME]}" stands twice in one object')


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _not_json(body: bytes, reason: str, *, quoted: bool) -> UnusableAnswer:
    start = body.lstrip()[:LONGEST_QUOTE]
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return UnusableAnswer(FailureKind.DAMAGED, "the body is not UTF-8 text")
    quote = f": {text}" if quoted else ""
    if text.startswith("<"):
        return UnusableAnswer(FailureKind.NOT_THE_API, f"not JSON but a page{quote}")
    if not text or _JSON_START.match(start) or not "".join(text.split()).isprintable():
        return UnusableAnswer(FailureKind.DAMAGED, f"the JSON is damaged: {reason}")
    return UnusableAnswer(FailureKind.NOT_THE_API, f"not JSON but a text{quote}")


def quoted(text: str) -> str:
    """Percent-encode a text, even one with lone surrogates or invalid UTF-8."""
    try:
        return quote(text, safe="", errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(text, safe="", errors="surrogatepass")


def quoted_ids(agent_ids: Sequence[str], separator: str) -> str:
    """Percent-encoded ids, joined with a separator that is not encoded."""
    together = "".join(agent_ids)
    if together.isascii() and together.isalnum():
        return separator.join(agent_ids)
    return separator.join(quoted(one) for one in agent_ids)


def agent_id(value: object) -> str | None:
    """Return an id (number or text) as text; None for anything else."""
    if type(value) is int:  # not isinstance, which is slower and true for a bool
        return str(value) if -_HUGE < value < _HUGE else None
    return value.strip() or None if isinstance(value, str) else None


def interned(word: str | None) -> str | None:
    """One shared copy of a name that many agents have. Such as a state or a team; None for "" and None."""
    return sys.intern(word) if word else None


def text(value: object) -> str | None:
    """A field's text, or None if it has none.

    A number becomes text. Of an object, `name` counts. A blank text is None.
    """
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE:
        return str(value)
    return None


def flag(value: object) -> bool | None:
    """Return a bool, also from "true" or "False"; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().casefold())
    return None


def whole_number(value: object) -> int | None:
    """Return a count, also from a text; None for anything else."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal() and len(value) < _DIGITS:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _HUGE else None


def jwt_claims(token: str) -> Mapping[str, object]:
    """Return the claims of a JWT; empty if it is none. The signature is not checked."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
