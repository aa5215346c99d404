"""Numbers each exchange and takes the secrets out of it, once, when it is recorded."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from cxone_rollcall.model.exchange import Exchange, Request, Response
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cxone_rollcall.transport.base import TransportFault

HIDDEN = "***"
LONGEST_BODY = 20_000
"""Characters of a body that are shown by `-vv`."""
LONGEST_KEPT = 1_000_000
"""Characters of a body that are kept for a case."""
MOST_KEPT = 200_000_000
"""Bytes of all bodies that are kept."""
MOST_COOKIES = 20
"""Cookies that are looked for elsewhere: a server that sets another one each time must not slow the run down."""

SHORTEST_SECRET = 4
"""A shorter one would hide half of every text, and is no secret."""
_SHORTEST_BASE64 = 8
"""Characters of base64 that are no chance: fewer of them stand in other texts too."""

_FIELDS = "(?:[a-z_]*token|access_?key_?secret|client_?secret|password)"
_TOKENS = re.compile(
    # a field of JSON, whose text may be cut off and may hold escaped quotes; a field of a form; an element of XML
    rf"""("{_FIELDS}"\s*:\s*")(?:[^"\\]|\\.)*|(\b{_FIELDS}=)[^&\s"'<>]+|(<{_FIELDS}>)[^<]+""",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN_WORDS = ("token", "secret", "password")
"""One of them is in each field of `_TOKENS`, which is slow: most addresses have none, and are not looked through."""
_SIGNED_BEGINS = "eyj"
_SIGNED = re.compile(
    # Atomic, from the beginning of a run of letters to its first `eyJ`: each run is read a few times, never once for
    # each `eyJ` in it. What stands before is kept: it may be `%20`, or the n of an escaped line break.
    r"(?<![\w-])(?P<before>(?>[\w-]*?(?=eyJ)))eyJ[\w-]{5,}+(?:\.[\w-]*+){2,4}+",
    re.ASCII,
)
"""A signed token (three parts) or an encrypted one (five, the second may be empty), whoever told it: not ours alone."""
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_NAMES_OF_SECRETS = re.compile("token|key|secret|auth|cookie|session", re.IGNORECASE)
_LONG = 16
"""Characters of the shortest text that may be a token, where an answer is known to hold one under any name."""
_STRINGS = re.compile(
    # a string of JSON, which may be cut off, and the colon after it where it is a key; a word that stands outside
    rf"""(?P<text>"(?:[^"\\]|\\.)*+)(?:(?P<key>"\s*:)|(?P<end>"|\\?\Z))|[^\s"<>&,;:{{}}\[\]]{{{_LONG},}}""",
    re.DOTALL,
)


class Recorder:
    """Keeps each exchange in short; with `bodies` also what was sent and received, all of it redacted.

    Every secret that passes by is remembered, so that a server which echoes it cannot put it on the screen.
    `watcher` is called with each exchange as it is recorded, a long body shortened to what a screen can show.
    """

    __slots__ = (
        "_bodies",
        "_cookies",
        "_first_began",
        "_kept",
        "_learned",
        "_secrets",
        "_watcher",
        "exchanges",
        "home",
    )
    """No dictionary that `vars` could show."""

    def __init__(self, *, bodies: bool = False, watcher: Callable[[Exchange], None] | None = None) -> None:
        self._bodies = bodies
        self._watcher = watcher
        self._learned: set[str] = set()
        self._secrets: dict[str, None] = {}
        self.exchanges: list[Exchange] = []
        self._first_began = 0.0
        self._kept = 0
        self._cookies = 0
        self.home = ""
        """The base URL of the instance: what is asked there is shown by its path alone."""

    def __getstate__(self) -> object:
        raise TypeError("a Recorder is not pickled or copied: it knows the secrets")

    def __reduce_ex__(self, protocol: object) -> str | tuple[object, ...]:
        raise TypeError("a Recorder is not pickled or copied: it knows the secrets")

    def learn(self, secret: Secret) -> None:
        """Remember a secret that was received, so that it is hidden from now on."""
        text = secret.reveal().removeprefix("Bearer ").removeprefix("Basic ").strip()
        if len(text) >= SHORTEST_SECRET and text not in self._learned:
            self._learned.add(text)
            # The longest first: what is left of one secret must not show when it holds another.
            known = {*self._secrets, *map(_small, _spellings(text) | _spellings(text.rstrip("=")))}
            self._secrets = dict.fromkeys(sorted(known, key=lambda one: (-len(one), one)))

    def record(
        self, request: Request, outcome: Response | TransportFault, *, seconds: float, began: float = 0.0
    ) -> int:
        """Record an exchange and return its number, counted from 1; `began` is when it was sent, on any clock."""
        if not self.exchanges:
            self._first_began = began
        for _, value in (*(request.form or ()), *request.headers):
            if isinstance(value, Secret):
                self.learn(value)
        answer = outcome if isinstance(outcome, Response) else None
        granted = answer is not None and request.form is not None and 200 <= answer.status < 300
        if answer is not None and granted:  # an id token comes beside the others, and is as good a key to somebody
            for signed in _SIGNED.finditer(answer.body.decode("ascii", "replace")):
                self.learn(Secret(signed[0].removeprefix(signed["before"])))
        if answer is not None and self._bodies:
            self._learn_cookie(answer.headers.get("set-cookie", ""))
        body = self._body(answer.body, granted=granted) if self._bodies and answer else ""
        size = len(answer.body) if answer else 0
        room = self._room_for(body)
        exchange = Exchange(
            number=len(self.exchanges) + 1,
            method=request.method,
            target=self.redact(("" if request.base in ("", self.home) else request.base) + request.target),
            purpose=request.purpose,
            status=answer.status if answer else None,
            fault="" if answer else self.redact(str(outcome)),
            milliseconds=seconds * 1000,
            request_headers=self._shown(request.headers) if self._bodies else (),
            request_body=_form(request) if self._bodies else "",
            response_headers=self._shown(answer.headers.items(), granted=granted) if self._bodies and answer else (),
            response_body=_shortened(body, LONGEST_KEPT, size) if room else "",
            correlation=_correlation(request),
            began=began - self._first_began,
            left_out="" if room else f"left out: {MOST_KEPT:,} bytes of other bodies are kept already",
        )
        self.exchanges.append(exchange)
        if self._watcher is not None:
            self._watcher(replace(exchange, response_body=_shortened(body, LONGEST_BODY, size), left_out=""))
        return exchange.number

    def _learn_cookie(self, said: str) -> None:
        """Remember what the first cookies hold, which are never sent back; a short value is no key to anything."""
        value = said.partition(";")[0].partition("=")[2].strip(' "')
        if len(value) >= _LONG and self._cookies < MOST_COOKIES:
            self._cookies += 1
            self.learn(Secret(value))

    def redact(self, text: str) -> str:
        """Return a text without any secret that passed by, and without the values of fields that hold tokens."""
        small = _small(text)
        for secret in self._secrets:
            if secret in small:
                text = _without(secret, text, small)
                small = _small(text)
        if _SIGNED_BEGINS in small:
            text = _SIGNED.sub(rf"\g<before>{HIDDEN}", text)
        folded = small if text.isascii() else text.casefold()
        if not any(word in folded for word in _TOKEN_WORDS):
            return text
        return _TOKENS.sub(lambda found: next(filter(None, found.groups())) + HIDDEN, text)

    def _shown(
        self, headers: Iterable[tuple[str, str | Secret]], *, granted: bool = False
    ) -> tuple[tuple[str, str], ...]:
        return tuple((name, self._header(name, value, granted=granted)) for name, value in headers)

    def _header(self, name: str, value: str | Secret, *, granted: bool) -> str:
        if isinstance(value, Secret) or name.lower() in _SECRET_HEADERS:
            return HIDDEN
        return HIDDEN if granted and _NAMES_OF_SECRETS.search(name) else self.redact(value)

    def _body(self, body: bytes, *, granted: bool) -> str:
        text = self.redact(body.decode("utf-8", "replace").replace("\0", ""))  # UTF-16 is readable so
        return _STRINGS.sub(_hidden_if_long, text) if granted else text

    def _room_for(self, body: str) -> bool:
        """Tell whether a body may be kept beside those that are, and count it if so."""
        kept = body[:LONGEST_KEPT]
        size = len(kept) if kept.isascii() else len(kept.encode("utf-8", "replace"))
        if self._kept + size > MOST_KEPT:
            return False
        self._kept += size
        return True


def _small(text: str) -> str:
    """Return a text in small letters, each in the place of its own: a server may echo in capitals."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one if len(one.lower()) > 1 else one.lower() for one in text)


def _without(secret: str, text: str, small: str) -> str:
    parts, done = [], 0
    while (place := small.find(secret, done)) >= 0:
        parts += [text[done:place], HIDDEN]
        done = place + len(secret)
    return "".join((*parts, text[done:]))


def _shortened(body: str, most: int, size: int) -> str:
    return body if len(body) <= most else f"{body[:most]}... ({size} bytes)"


def _hidden_if_long(found: re.Match[str]) -> str:
    """Hide a text that is long enough for a token, unless it is the key of something; keep its quotes."""
    if found["text"] is None:
        return HIDDEN
    is_short = len(found["text"].removeprefix('"')) < _LONG
    return found[0] if found["key"] or is_short else f'"{HIDDEN}{found["end"]}'


def _spellings(text: str) -> set[str]:
    """Return a secret as servers echo it: itself, in base64 or hex, percent-encoded or escaped as in JSON or HTML.

    Letters are compared without their case.
    """
    raw = text.encode("utf-8", "surrogateescape")
    return {spelt for one in (text, raw.hex(), *_in_base64(raw)) for spelt in _escapes(one)}


def _in_base64(raw: bytes) -> set[str]:
    """Return bytes in base64, by themselves and as far as they can be told within others, at any place of a triple."""
    found = {base64.b64encode(raw).decode().rstrip("=")}
    for place in range(3):
        whole = base64.b64encode(b"\0" * place + raw).decode()
        within = whole[-(-place * 8 // 6) : (place + len(raw)) * 8 // 6]
        if len(within) >= _SHORTEST_BASE64:
            found.add(within)
    return found | {one.replace("+", "-").replace("/", "_") for one in found}


def _escapes(text: str) -> set[str]:
    raw = text.encode("utf-8", "surrogateescape")
    quoted = {quote(raw, safe=""), quote(raw), quote_plus(raw), quote_plus(raw, safe="/")}
    escaped = {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    escaped |= {json.dumps(one)[1:-1] for one in escaped}  # JSON within a text of JSON
    solidus = {one.replace("/", "\\/") for one in escaped}
    return {text, *quoted, *escaped, *solidus, html.escape(text), html.escape(text, quote=False)}


def _correlation(request: Request) -> str:
    return next((str(value) for name, value in request.headers if name == "CorrelationId"), "")


def _form(request: Request) -> str:
    return "&".join(
        f"{name}={HIDDEN if isinstance(value, Secret) else quote_plus(value)}" for name, value in request.form or ()
    )
