"""The exchanges of a saved run as HAR 1.2, for browsers' tools.

The format is http://www.softwareishard.com/blog/har-12-spec/. Secrets are replaced, as they are in the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import msgspec

from cxone_rollcall.casefile.document import CaseFile
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.instance import Instance

_UNKNOWN = -1
"""HAR's value for an unknown size or time."""


def har(kept: CaseFile) -> bytes:
    """The HAR file of a case: indented JSON, newline at its end."""
    base = Instance.parse(kept.tenant.instance.split()[-1]).url
    entries = [_entry(exchange, kept, base) for exchange in kept.exchanges]
    log = {"version": "1.2", "creator": {"name": "rollcall", "version": kept.rollcall}, "entries": entries}
    return msgspec.json.format(msgspec.json.encode({"log": log})) + b"\n"


def _entry(exchange: Exchange, kept: CaseFile, base: str) -> dict[str, object]:
    entry: dict[str, object] = {
        "startedDateTime": (kept.started_at + timedelta(seconds=exchange.began)).isoformat(timespec="milliseconds"),
        "time": round(exchange.milliseconds, 3),
        "request": _request(exchange, base),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": round(exchange.milliseconds, 3), "receive": 0},
        "comment": f"#{exchange.number} {exchange.purpose}",
    }
    return entry if exchange.status is not None else entry | {"_error": exchange.fault}


def _request(exchange: Exchange, base: str) -> dict[str, object]:
    url = exchange.target if "://" in exchange.target else base + exchange.target
    request: dict[str, object] = {
        "method": exchange.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.request_headers),
        "queryString": _pairs(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        "headersSize": _UNKNOWN,
        "bodySize": len(exchange.request_body.encode()),
    }
    if not exchange.request_body:
        return request
    kind = _header(exchange.request_headers, "content-type") or "application/x-www-form-urlencoded"
    return request | {"postData": {"mimeType": kind, "text": exchange.request_body}}


def _response(exchange: Exchange) -> dict[str, object]:
    """The response; without one the status is 0, as browsers write it."""
    status = exchange.status or 0
    body = exchange.response_body
    content: dict[str, object] = {
        "size": len(body.encode()),
        "mimeType": _header(exchange.response_headers, "content-type"),
        "text": body,
    }
    return {
        "status": status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.response_headers),
        "content": content | ({"comment": exchange.left_out} if exchange.left_out else {}),
        "redirectURL": _header(exchange.response_headers, "location"),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _header(headers: Iterable[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")
