"""Timestamps, dates, Retry-After, token claims, page links and redirects of a server."""

from __future__ import annotations

import math
from collections.abc import Iterator
from urllib.parse import urlsplit

from yarl import URL

from cxone_rollcall.contracts.decoding import jwt_claims
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.transport.http import _onward
from cxone_rollcall.transport.pace.backoff import (
    read_http_date,
    read_retry_after,
    wait_before_retry,
    wait_when_throttled,
)
from quality.fuzz.samples import samples
from quality.fuzz.target import Target, must

NOW = 1_800_000_000.0
API = "https://api-na1.niceincontact.com"
BASES = (API, "https://gateway.example/cxone", "http://127.0.0.1:8080")


def feed_times(data: bytes) -> None:
    """Parse a text as each kind of time."""
    text = data.decode("utf-8", "surrogateescape")
    _of_seconds(parse_timestamp(text))
    _of_seconds(read_http_date(text))
    first, _, second = text.partition("\n")
    wait = read_retry_after({"retry-after": first, "date": second}, now=NOW)
    _of_seconds(wait)
    must(wait is None or wait >= 0, "a wait is not negative", wait)
    for waited in (
        wait_when_throttled(wait, 1, random=lambda: 0.5),
        wait_before_retry(FailureKind.SERVER_TROUBLE, 1, random=lambda: 0.5, retry_after=wait),
    ):
        must(waited is None or 0 <= waited <= 120, "a wait is limited", waited)
    must(isinstance(jwt_claims(text), dict), "claims are an object")


def _of_seconds(seconds: float | None) -> None:
    must(seconds is None or math.isfinite(seconds), "a time is a number", seconds)


def feed_links(data: bytes) -> None:
    """Follow a link and a redirect of a server."""
    text = data[1:].decode("utf-8", "surrogateescape")
    base = BASES[(data[:1] or b"\0")[0] % len(BASES)]
    contract = Incontact(API)
    asked = contract.roster_request(0, 100)
    following = contract.next_request(text, asked)
    if following is not None:
        must(following.base == API, "a link leads to the API's own host", following.base)
        must(following.target.partition("?")[0] == asked.target.partition("?")[0], "a link stays in its list")
        must(
            URL(following.base + following.target, encoded=True).host == urlsplit(API).hostname,
            "a link leads to the API's own host when sent",
        )
        skip = contract.skip_of(following)
        must(skip is None or skip >= 0, "skip is not negative", skip)
        again = contract.with_skip(following, 300, top=50)
        must(contract.skip_of(again) in (300, None), "skip is set to the rows", again.target)
    request = Request(method="GET", target="/api/v2/agents?page=1&pageSize=100", purpose="a page")
    onward = _onward(base, request, 302, text)
    if onward is not None:
        must(onward.startswith("/") and not onward.startswith("//"), "a redirect stays on the host", onward)
        try:
            led = URL(base + onward, encoded=True)
        except ValueError:
            return  # the transport reports it as a failure
        must((led.scheme, led.host, led.port) == _place(base), "a redirect stays on the host when sent", onward)


def _place(base: str) -> tuple[str, str | None, int | None]:
    url = URL(base)
    return url.scheme, url.host, url.port


def _times() -> Iterator[bytes]:
    yield from (b"120", b"0", b"Wed, 21 Oct 2026 07:28:00 GMT\nWed, 21 Oct 2026 07:27:00 GMT", b"-1", b"1e9")
    yield from (b"2026-11-22T08:01:11.043Z", b"2026-11-22 08:01+0530", b"Sunday, 06-Nov-94 08:49:37 GMT", b"9" * 40)
    yield from (one.body for one in samples() if one.asks == "token" and one.status == 200)
    yield b"eyJhbGciOiJub25lIn0.eyJleHAiOjE4MDAwMDAwMDAsInNjb3BlIjoiYWdlbnQ6cmVhZCJ9.c2ln"


def _links() -> Iterator[bytes]:
    for index, base in enumerate(BASES):
        for link in (
            f"{API}/incontactapi/services/v34.0/agents?top=100&skip=100",
            "/incontactapi/services/v34.0/agents?Skip=100&Top=100",
            "?top=100&skip=100",
            "//elsewhere.test/incontactapi/services/v34.0/agents?skip=1",
            f"{base}/api/v3/agents?page=1&pageSize=100",
            "/api/v3/agents?page=1&pageSize=100",
        ):
            yield bytes((index,)) + link.encode()


TIMES = Target(
    name="times",
    about="timestamps, HTTP dates, Retry-After and token claims",
    feed=feed_times,
    seeds=_times,
    words=(b"GMT", b"Wed, ", b"T", b"Z", b"+00:00", b" Oct ", b"2026", b"."),
)
LINKS = Target(
    name="links",
    about="links to the next page, and redirects",
    feed=feed_links,
    seeds=_links,
    words=(b"//", b"/", b"?", b"skip=", b"top=", b"\\", b"@", b":", b"#", b"%2F", b"page=1&pageSize=100"),
)
TARGETS = (TIMES, LINKS)
