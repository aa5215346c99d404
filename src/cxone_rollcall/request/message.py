"""Reads an HTTP message or an address, as Postman's code shows them."""

from __future__ import annotations

import re

from cxone_rollcall.model.struct import replace
from cxone_rollcall.request.pasted import Pasted, pasted, refused

_FIRST_LINE = re.compile(r"([A-Z]{3,10})[ \t]+(\S.*?)(?:[ \t]+HTTP/[0-9](?:\.[0-9])?)?[ \t]*")
_REQUEST_LINE = re.compile(r"^[A-Z]{3,10}[ \t]+\S+[ \t]+HTTP/[0-9]", re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+|[\w.-]+\.[a-z]{2,}(?::[0-9]+)?/\S*|localhost(?::[0-9]+)?/\S*", re.IGNORECASE)
_QUOTES = "\"'`<>"


def begins(text: str) -> bool:
    """Whether a text begins with the first line of a request."""
    return _FIRST_LINE.fullmatch(text.partition("\n")[0].rstrip("\r")) is not None


def read(text: str) -> Pasted:
    """Read one HTTP message; raises `SettingError`."""
    head, _, body = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n\n")
    if len(_REQUEST_LINE.findall(text)) > 1:
        raise refused("it has two requests: keep the one to explain")
    first, *lines = head.split("\n")
    found = _FIRST_LINE.fullmatch(first)
    if found is None:
        raise refused("it is no HTTP message")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if not line.strip() or line.startswith(":"):  # HTTP/2's own, as some browsers list them
            continue
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise refused("a line after the first one is no header (name: value): copy the whole message")
        headers.append((name, value))
    method, target = found.groups()
    remarks = ("its body was left out: a GET request has none",) if body.strip() and method == "GET" else ()
    if target.startswith("/"):
        host = next((value.strip() for name, value in headers if name.lower() == "host"), "")
        if not host:
            raise refused("it names no host: copy its line Host: too")
        target = host + target
    return pasted(method, target, headers, form="HTTP message", remarks=remarks, body=body)


def is_address(text: str) -> bool:
    """Whether a text is one or more addresses, a line for each."""
    lines = [line.strip().strip(_QUOTES) for line in text.splitlines() if line.strip()]
    return bool(lines) and all(_ADDRESS.fullmatch(line) for line in lines)


def read_address(text: str) -> Pasted:
    """Read one bare address; raises `SettingError`."""
    lines = text.split()
    if len(lines) != 1:
        raise refused("it has several addresses: keep one")
    return replace(pasted("GET", lines[0].strip(_QUOTES), (), form="address"), token_left_out=True)
