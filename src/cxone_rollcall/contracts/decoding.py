"""Decodes answers of every contract: statuses, errors, JSON and scalar values."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, NamedTuple, NoReturn, TypeVar
from urllib.parse import quote

import msgspec

from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.failure import A_PAGE, FailureKind
from cxone_rollcall.model.json_size import MOST_EXPONENTS, has_more, has_slow_numbers

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
LONGEST_QUOTE = 110_000
"""Characters of a body to quote. The client redacts the quote and then shortens it.

Longer than `LONGEST_SECRET` of `redaction.secrets`: of a quote as long as this, that much is left out at the end."""
FEW_VALUES = 500_000
"""Values of a body that is always decoded. Counted are commas and opening brackets outside of texts."""
LEAST_BYTES = 12
"""Bytes of a body for each value beyond those. Rows of an id and a state have 14, usual ones 20 and more.

An empty object takes 3 bytes of a body, and 70 in memory.
"""
MOST_VALUES = 2_500_000
"""Most values of any body. 50,000 agents of 40 members have some 2 million."""
MOST_OBJECTS = 300_000
"""Objects of one body: its rows, and those in them."""
MOST_MEMBERS = 10_000
"""Most members of the outermost object. A list has some ten beside its rows."""
MOST_ROWS = 100_000
"""Rows of one response. A page has 100; if paging is ignored, one response holds all agents."""
LONGEST_TEXT = 250
"""Most characters of a name, an e-mail address or a state. An address has at most 254, few have 60."""
Short = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
"""A text of a row. A longer one makes the row one of any shape, in which `short` cuts it."""
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

    Raises `UnusableAnswer` for a page with a 2xx, a 429 or a passing trouble, which need not come from it.
    """
    if kind_of(response.status) in (FailureKind.RATE_LIMITED, FailureKind.SERVER_TROUBLE):
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
    words = response.headers.get("icstatusdescription") or response.unread
    try:
        body = decode_plain(response.body, quoted=False)
    except UnusableAnswer as unusable:
        return "", words or _words_of_page(response.body, unusable.kind)
    code = body.get("error") if isinstance(body, dict) else None
    if isinstance(code, dict):
        code = code.get("code")
    return code if isinstance(code, str) else "", (words or words_in(body))[:LONGEST_QUOTE]


def words_in(body: object, depth: int = 3) -> str:
    """The most telling text in an error's body, or ""."""
    if isinstance(body, str):
        return body.strip()
    if isinstance(body, list) and depth:
        return next(filter(None, (words_in(one, depth - 1) for one in body)), "")
    if not isinstance(body, dict) or not depth:
        return ""
    members = {name.lower().replace("_", "").replace("-", ""): value for name, value in reversed(body.items())}
    return next(filter(None, (words_in(members.get(name), depth - 1) for name in _WORDS)), "")


def _words_of_page(body: bytes, kind: FailureKind) -> str:
    """What a body that is not JSON contains: page title, or text."""
    if kind is not FailureKind.NOT_THE_API:
        return ""
    text = body[: 4 * LONGEST_QUOTE].decode("utf-8", "replace").strip()
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
    _refuse_too_many_values(body)
    try:
        return wanted.decode(body.removeprefix(_BOM))
    except msgspec.ValidationError:  # JSON of another shape
        return decode_plain(body, quoted=quoted)
    except _UNREADABLE as error:
        return _decode_lone_surrogates(body.removeprefix(_BOM), error, quoted=quoted)


def decode_plain(body: bytes, *, quoted: bool = True) -> object:
    """A JSON body as plain values. Raises `UnusableAnswer` as `decode` does."""
    _refuse_too_many_values(body)
    body = body.removeprefix(_BOM)
    try:
        value: object = msgspec.json.decode(body)
    except _UNREADABLE as error:
        return _decode_lone_surrogates(body, error, quoted=quoted)
    if isinstance(value, dict) and len(value) > MOST_MEMBERS:
        raise UnusableAnswer(FailureKind.TOO_MUCH, f"the body is an object of more than {MOST_MEMBERS:,} members")
    return value


def _refuse_too_many_values(body: bytes) -> None:
    """Raise `UnusableAnswer` if decoding takes too much memory or time."""
    if has_more(body, b"{", MOST_OBJECTS):
        raise UnusableAnswer(FailureKind.TOO_MUCH, f"the body has more than {MOST_OBJECTS:,} objects")
    most = min(MOST_VALUES, max(FEW_VALUES, len(body) // LEAST_BYTES))
    if has_more(body, b",[{", most):
        limit = f"more than {most:,} values, the most that are decoded of {len(body):,} bytes"
        raise UnusableAnswer(FailureKind.TOO_MUCH, f"the body has {limit}")
    if has_slow_numbers(body):
        limit = f"more than {MOST_EXPONENTS:,} numbers with an exponent of three digits"
        raise UnusableAnswer(FailureKind.TOO_MUCH, f"the body has {limit}")


def _decode_lone_surrogates(body: bytes, error: Exception, *, quoted: bool) -> object:
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
    raise _not_json(body, error, quoted=quoted)


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
    if len(dict(members)) < len(members):
        twice = Counter(name for name, _ in members).most_common(1)[0][0]
        raise UnusableAnswer(FailureKind.DAMAGED, f'the member "{twice[:LONGEST_NAME]}" stands twice in one object')


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _not_json(body: bytes, error: Exception, *, quoted: bool) -> UnusableAnswer:
    if isinstance(error, RecursionError):
        return UnusableAnswer(FailureKind.DAMAGED, "the JSON is damaged: it is nested too deeply to be decoded")
    start = body[: 4 * LONGEST_QUOTE].lstrip()[:LONGEST_QUOTE]
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return UnusableAnswer(FailureKind.DAMAGED, "the body is not UTF-8 text")
    quote = f": {text}" if quoted else ""
    if text.startswith("<"):
        return UnusableAnswer(FailureKind.NOT_THE_API, f"not JSON but a page{quote}")
    if not text or _JSON_START.match(start) or not all(map(str.isprintable, text.split())):
        return UnusableAnswer(FailureKind.DAMAGED, f"the JSON is damaged: {error}")
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
    """An id (number or text) as text, else None. A text that is too long is no id."""
    if type(value) is int:  # not isinstance, which is slower and true for a bool
        return str(value) if -_HUGE < value < _HUGE else None
    return value.strip() or None if isinstance(value, str) and len(value) <= LONGEST_TEXT else None


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


def short(value: object) -> str | None:
    """The `text` of a value; only the beginning if too long."""
    said = text(value)
    return said if said is None or len(said) <= LONGEST_TEXT else f"{said[: LONGEST_TEXT - 3]}..."


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


def jwt_claims(token: str | None) -> Mapping[str, object]:
    """Return the claims of a JWT; empty if it is none. The signature is not checked."""
    parts = token.split(".") if token else ()
    if len(parts) != 3:
        return {}
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=="))  # more padding than needed does no harm
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
