"""Each member of a HAR file's entry, compared as a whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.casefile.runs import ran

from cxone_rollcall.casefile.har import har
from cxone_rollcall.casefile.reader import read
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.struct import replace

FORM = Exchange(
    number=4,
    method="POST",
    target="/auth/token?a=1&b=&c=\u00e4%20x",
    purpose="token",
    status=302,
    fault="",
    milliseconds=12.34567,
    request_headers=(("CONTENT-TYPE", "application/json"), ("X-A", "1"), ("X-A", "2")),
    request_body='{"a": "\u00e4"}',
    response_headers=(("Content-Type", "text/html"), ("LOCATION", "/elsewhere")),
    response_body="<p>\u00e4</p>",
    correlation="c",
    began=61.5,
    left_out="",
)
FAILED = Exchange(
    number=5,
    method="GET",
    target="https://other.example/x",
    purpose="a page",
    status=None,
    fault="no answer",
    milliseconds=0.0,
    request_body="a=b",
    left_out="too large",
)


async def entries_of(*exchanges: Exchange) -> list[dict[str, Any]]:
    """Return the entries of a HAR file with these exchanges."""
    kept = read((await ran(agents=3)).file(), "case.json").kept
    kept = replace(
        kept,
        exchanges=exchanges,
        started_at=datetime(2026, 3, 2, 10, 0, 0, 250_000, tzinfo=UTC),
        tenant=replace(kept.tenant, instance="GB api.example.com:444"),
    )
    written = har(kept)
    assert written.startswith(b'{\n  "log": {\n    "version": "1.2"')
    assert written.endswith(b"}\n")
    entries: list[dict[str, Any]] = json.loads(written)["log"]["entries"]
    return entries


async def test_an_entry_with_everything() -> None:
    """An entry has its exchange's times, request and response."""
    assert await entries_of(FORM) == [
        {
            "startedDateTime": "2026-03-02T10:01:01.750+00:00",
            "time": 12.346,
            "request": {
                "method": "POST",
                "url": "https://api.example.com:444/auth/token?a=1&b=&c=\u00e4%20x",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [
                    {"name": "CONTENT-TYPE", "value": "application/json"},
                    {"name": "X-A", "value": "1"},
                    {"name": "X-A", "value": "2"},
                ],
                "queryString": [
                    {"name": "a", "value": "1"},
                    {"name": "b", "value": ""},
                    {"name": "c", "value": "\u00e4 x"},
                ],
                "headersSize": -1,
                "bodySize": 11,
                "postData": {"mimeType": "application/json", "text": '{"a": "\u00e4"}'},
            },
            "response": {
                "status": 302,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [
                    {"name": "Content-Type", "value": "text/html"},
                    {"name": "LOCATION", "value": "/elsewhere"},
                ],
                "content": {"size": 9, "mimeType": "text/html", "text": "<p>\u00e4</p>"},
                "redirectURL": "/elsewhere",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 12.346, "receive": 0},
            "comment": "#4 token",
        }
    ]


async def test_an_entry_without_a_response() -> None:
    """A failed request has its error, and why a body is missing. A form has its type."""
    (entry,) = await entries_of(FAILED)
    assert entry["_error"] == "no answer"
    assert entry["request"]["url"] == "https://other.example/x"
    assert entry["request"]["postData"] == {"mimeType": "application/x-www-form-urlencoded", "text": "a=b"}
    assert entry["response"] == {
        "status": 0,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "", "text": "", "comment": "too large"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
