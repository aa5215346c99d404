"""Reads Invoke-WebRequest and Invoke-RestMethod, as browsers and Postman copy them."""

from __future__ import annotations

import re

from cxone_rollcall.request.pasted import Pasted, pasted, refused
from cxone_rollcall.request.shells import POWERSHELL_STRING, powershell_text

_COMMAND = re.compile(r"\b(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b", re.IGNORECASE)
_TOKENS = re.compile(
    rf"""(?P<blank>[ \t\r\n]+|`\r?\n|\#[^\n]*)
    |{POWERSHELL_STRING}
    |(?P<option>-[A-Za-z]+:?)
    |(?P<name>\$?[A-Za-z_][\w.-]*)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_STRINGS = ("double", "single")
_TAKEN = ("uri", "method", "headers", "websession", "useragent")
_HARMLESS = ("usebasicparsing", "contenttype", "timeoutsec", "maximumredirection", "skipcertificatecheck")
_BODY = ("body", "infile", "form")

Token = tuple[str, str]
"""The kind of a token (a group of `_TOKENS`) and its text."""


def begins(text: str) -> bool:
    """Whether a text is a command of PowerShell that requests something."""
    return _COMMAND.search(re.sub(POWERSHELL_STRING, "", text)) is not None


def read(text: str) -> Pasted:
    """Read one command, with the session and headers before it. Raises `SettingError`."""
    kinds = ((found.lastgroup, found[0]) for found in _TOKENS.finditer(text))
    tokens = [(kind, part) for kind, part in kinds if kind and kind != "blank"]
    commands = [place for place, (kind, part) in enumerate(tokens) if kind == "name" and _COMMAND.fullmatch(part)]
    if len(commands) != 1:
        raise refused("it has two requests: keep the one to explain" if commands else "it has no request")
    before, after = tokens[: commands[0]], tokens[commands[0] + 1 :]
    return _request(after, [*_cookies(before), *_session_agent(before), *_added(before), *_pairs(before)])


def _request(tokens: list[Token], headers: list[tuple[str, str]]) -> Pasted:
    address, method, place = "", "GET", 0
    while place < len(tokens):
        kind, part = tokens[place]
        place += 1
        if kind in _STRINGS:
            address = address or powershell_text(part)
        elif kind == "option":
            name = part[1:].rstrip(":").lower()
            value = tokens[place] if place < len(tokens) else (kind, part)
            if name in _BODY:
                raise refused("it sends a body: rollcall sends only GET requests, which change nothing")
            if name == "headers" and value[1] == "@":
                end = next((at for at in range(place, len(tokens)) if tokens[at][1] == "}"), len(tokens))
                headers += _pairs(tokens[place:end])
                place = end + 1
            elif name in _TAKEN:
                if value[0] == "option":
                    raise refused("one of its options has no value: copy the whole command")
                text = powershell_text(value[1]) if value[0] in _STRINGS else value[1]
                address = text if name == "uri" else address
                method = text if name == "method" else method
                headers += [("User-Agent", text)] if name == "useragent" else []
                place += 1
            elif name not in _HARMLESS:
                raise refused("it has an option that rollcall does not know: keep -Uri, -Method and -Headers")
            elif value[0] != "option" and name != "usebasicparsing":
                place += 1
        elif kind == "mark" and part in ";|":
            break
        elif kind == "mark" and part not in "(){}":
            raise refused("its quotes do not end where they should: copy the whole command")
    if address.startswith("$"):
        raise refused("its address is a variable: write the value there")
    return pasted(method, address, headers, form="PowerShell command")


def _pairs(tokens: list[Token]) -> list[tuple[str, str]]:
    """Headers of a table: `"name" = "value"`, the name perhaps without quotes."""
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return [
        (_plain(name), powershell_text(value[1]))
        for name, mark, value in triples
        if mark[1] == "="
        and value[0] in _STRINGS
        and (name[0] in _STRINGS or (name[0] == "name" and "$" not in name[1]))
    ]


def _added(tokens: list[Token]) -> list[tuple[str, str]]:
    """Headers added one by one: `$headers.Add("name", "value")`."""
    return [
        (_plain(key), powershell_text(value[1]))
        for name, key, mark, value in _calls(tokens)
        if name[0] == "name" and name[1].lower().endswith(".add") and mark[1] == ","
    ]


def _cookies(tokens: list[Token]) -> list[tuple[str, str]]:
    """The cookies of a session, `New-Object System.Net.Cookie("name", "value", ...)`, as one header."""
    cookies = [
        f"{_plain(key)}={powershell_text(value[1])}"
        for name, key, _, value in _calls(tokens)
        if name[0] == "name" and name[1].lower() == "system.net.cookie"
    ]
    return [("Cookie", "; ".join(cookies))] if cookies else []


def _calls(tokens: list[Token]) -> list[tuple[Token, Token, Token, Token]]:
    """Calls with two strings. Each is the name, a string, the mark after it and the other string."""
    fours = zip(tokens, tokens[2:], tokens[3:], tokens[4:], strict=False)
    return [four for four in fours if four[1][0] in _STRINGS and four[3][0] in _STRINGS]


def _session_agent(tokens: list[Token]) -> list[tuple[str, str]]:
    return [
        ("User-Agent", powershell_text(value[1]))
        for name, mark, value in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if name[1].lower().endswith(".useragent") and mark[1] == "=" and value[0] in _STRINGS
    ]


def _plain(token: Token) -> str:
    return powershell_text(token[1]) if token[0] in _STRINGS else token[1]
