"""Texts of requests, as shells, browsers and Postman write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

Form = Callable[[str, Mapping[str, str]], str]
"""Writes a request for an address with headers."""


def curl(address: str, headers: Mapping[str, str]) -> str:
    """A browser's "Copy as cURL (bash)"."""
    lines = [f"curl '{address}'", *(f"-H '{name}: {value}'" for name, value in headers.items()), "--compressed"]
    return " \\\n  ".join(lines)


def curl_cmd(address: str, headers: Mapping[str, str]) -> str:
    """A browser's "Copy as cURL (cmd)", with a caret before each quote."""
    escaped = address.replace("%", "^%^").replace("&", "^&")
    lines = [f'curl ^"{escaped}^"', *(f'-H ^"{name}: {value}^"' for name, value in headers.items())]
    return " ^\r\n  ".join(lines)


def powershell(address: str, headers: Mapping[str, str]) -> str:
    """A browser's "Copy as PowerShell"."""
    table = "\n".join(f'"{name}"="{value}"' for name, value in headers.items())
    return f'Invoke-WebRequest -UseBasicParsing -Uri "{address}" `\n-Headers @{{\n"method"="GET"\n  {table}\n}}'


def postman(address: str, headers: Mapping[str, str]) -> str:
    """Postman's code for cURL."""
    lines = [f"curl --location '{address}'", *(f"--header '{name}: {value}'" for name, value in headers.items())]
    return " \\\n".join(lines)


def message(address: str, headers: Mapping[str, str]) -> str:
    """Postman's code for HTTP. Without https it names the whole address, since a loopback host is meant."""
    lines = [f"GET {address} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\n".join(lines) + "\n\n"


def har(address: str, headers: Mapping[str, str]) -> str:
    """A browser's HAR file: this request between a picture and a form."""
    named = [{"name": name, "value": value} for name, value in headers.items()]
    asked = [
        {"method": "GET", "url": "https://cxone.niceincontact.com/logo.png", "headers": named},
        {"method": "GET", "url": address, "headers": [{"name": ":authority", "value": "x"}, *named]},
        {"method": "POST", "url": address, "headers": named},
    ]
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": one} for one in asked]}})


def bare(address: str, headers: Mapping[str, str]) -> str:
    """The address alone."""
    return f"{address}\n"


FORMS: dict[str, Form] = {
    "curl": curl,
    "curl-cmd": curl_cmd,
    "powershell": powershell,
    "postman": postman,
    "message": message,
    "har": har,
    "address": bare,
}
