"""Records exchanges: numbered from 1, redacted and shortened."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from urllib.parse import quote_plus

from cxone_rollcall.model.exchange import Exchange, Request, Response
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.redaction.secrets import HIDDEN, LONGEST_SECRET, MOST_COOKIES, Secrets
from cxone_rollcall.transport.base import TransportFault

LOG = logging.getLogger("cxone_rollcall.exchanges")

LONGEST_BODY = 20_000
"""Characters of a body that `-vv` shows."""
LONGEST_KEPT = 250_000
"""Characters of a body that are kept for a case. A page of 100 agents has some 30,000."""
LONGEST_REDACTED = LONGEST_KEPT + LONGEST_SECRET
"""Characters of a body to search for secrets. With the worst escapes, this takes a second."""
MOST_KEPT = 200_000_000
"""Bytes of all bodies that are kept."""


class Recorder:
    """Keeps each exchange of one run, redacted. With `bodies`, headers and bodies too.

    `secrets` outlives the run: a server may echo the token of an earlier one. `home` is the base URL of the instance; a
    request that goes there is shown by its path alone. `watcher` is called with each exchange as it is recorded, with
    bodies no longer than a screen can show.
    """

    def __init__(
        self,
        *,
        bodies: bool = False,
        watcher: Callable[[Exchange], None] | None = None,
        home: str = "",
        secrets: Secrets | None = None,
    ) -> None:
        self.secrets = secrets if secrets is not None else Secrets()
        self.exchanges: list[Exchange] = []
        self.home = home
        self._bodies = bodies
        self._watcher = watcher
        self._first_began = 0.0
        self._kept = 0
        self._cookies = 0

    def for_next_run(self) -> Recorder:
        """Return an empty recorder with the same options and secrets."""
        return Recorder(bodies=self._bodies, watcher=self._watcher, home=self.home, secrets=self.secrets)

    def record(
        self, request: Request, outcome: Response | TransportFault, *, seconds: float, began: float = 0.0
    ) -> int:
        """Record an exchange and return its number, counted from 1. `began` is when it was sent, on any clock."""
        if not self.exchanges:
            self._first_began = began
        for _, value in (*(request.form or ()), *request.headers):
            if isinstance(value, Secret):
                self.secrets.learn(value)
        answer = outcome if isinstance(outcome, Response) else None
        granted = answer is not None and request.form is not None and 200 <= answer.status < 300
        if answer is not None and granted:
            self.secrets.learn_signed_tokens(answer.body.decode("ascii", "replace"))
        if answer is not None and self._bodies and (cookies := answer.headers.get("set-cookie")):
            # No more than that in a run: a server that sets another cookie each time must not slow it down.
            for cookie in cookies.split("\n", MOST_COOKIES)[: MOST_COOKIES - self._cookies]:
                self._cookies += self.secrets.learn_cookie(cookie)
        body, is_cut = self._body(answer.body, granted=granted) if self._bodies and answer else ("", False)
        size = len(answer.body) if answer else 0
        room, unread = self._room_for(body), answer.unread if answer and self._bodies else ""
        base = "" if request.base in ("", self.home) else request.base
        exchange = Exchange(
            number=len(self.exchanges) + 1,
            method=request.method,
            target=self.secrets.redact(base + request.target),
            purpose=request.purpose,
            status=answer.status if answer else None,
            fault="" if answer else self.secrets.redact(str(outcome)),
            milliseconds=seconds * 1000,
            request_headers=self._headers(request.headers) if self._bodies else (),
            request_body=_form(request) if self._bodies else "",
            response_headers=self._headers(answer.headers.items(), granted=granted) if self._bodies and answer else (),
            response_body=_shortened(body, LONGEST_KEPT, size, is_cut=is_cut) if room else "",
            correlation=_correlation(request),
            began=began - self._first_began,
            left_out=unread if room else f"left out: {MOST_KEPT:,} bytes of other bodies are kept already",
        )
        self.exchanges.append(exchange)
        LOG.debug(
            "#%d %s %s: %s, %.0f ms (%s)",
            exchange.number,
            exchange.method,
            exchange.target,
            ascii(exchange.fault) if exchange.status is None else exchange.status,
            exchange.milliseconds,
            exchange.purpose,
        )
        if self._watcher is not None:
            self._watcher(
                replace(exchange, response_body=_shortened(body, LONGEST_BODY, size, is_cut=is_cut), left_out="")
            )
        return exchange.number

    def _headers(
        self, headers: Iterable[tuple[str, str | Secret]], *, granted: bool = False
    ) -> tuple[tuple[str, str], ...]:
        return tuple((name, self.secrets.redact_header(name, value, granted=granted)) for name, value in headers)

    def _body(self, body: bytes, *, granted: bool) -> tuple[str, bool]:
        """Return a body without secrets, and whether that is only its beginning."""
        part = body[: 4 * LONGEST_REDACTED]  # a character has up to four bytes
        text = part.decode("utf-8", "replace").replace("\0", "")  # without its zeros UTF-16 is readable
        is_cut = len(text) >= LONGEST_REDACTED or len(part) < len(body)
        redact = self.secrets.redact_grant if granted else self.secrets.redact
        text = redact(text[:LONGEST_REDACTED])
        return (text[:-LONGEST_SECRET] if is_cut else text), is_cut

    def _room_for(self, body: str) -> bool:
        """Whether a body still fits beside the others; counts it if so."""
        kept = body[:LONGEST_KEPT]
        size = len(kept) if kept.isascii() else len(kept.encode("utf-8", "replace"))
        if self._kept + size > MOST_KEPT:
            return False
        self._kept += size
        return True


def _shortened(body: str, most: int, size: int, *, is_cut: bool) -> str:
    return body if len(body) <= most and not is_cut else f"{body[:most]}... ({size} bytes)"


def _correlation(request: Request) -> str:
    return next((str(value) for name, value in request.headers if name == "CorrelationId"), "")


def _form(request: Request) -> str:
    return "&".join(
        f"{name}={HIDDEN if isinstance(value, Secret) else quote_plus(value)}" for name, value in request.form or ()
    )
