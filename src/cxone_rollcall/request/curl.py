"""Reads a curl command, as shells, browsers and Postman have it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from cxone_rollcall.model.struct import Record, field
from cxone_rollcall.request.pasted import Pasted, pasted, refused
from cxone_rollcall.request.shells import Word, bash, cmd

_SHORT = {
    "H": "header",
    "X": "request",
    "b": "cookie",
    "A": "user-agent",
    "e": "referer",
    "u": "user",
    "d": "data",
    "o": "output",
    "w": "write-out",
    "m": "max-time",
    "x": "proxy",
    "r": "range",
    "c": "cookie-jar",
    "D": "dump-header",
    "E": "cert",
    "G": "get",
    "I": "head",
    "F": "form",
    "T": "upload-file",
    "K": "config",
    "k": "insecure",
    ":": "next",
}
_WITH_VALUE = frozenset(
    {
        *("header", "request", "cookie", "user-agent", "referer", "user", "url", "oauth2-bearer"),
        *("data", "data-raw", "data-ascii", "data-binary", "data-urlencode", "json", "form"),
        *("form-string", "upload-file", "config"),
    }
)
_IGNORED_WITH_VALUE = frozenset(
    {
        *("output", "write-out", "max-time", "connect-timeout", "proxy", "cookie-jar", "dump-header"),
        *("retry", "resolve", "cacert", "capath", "cert", "key", "pass", "ciphers", "tls-max"),
        *("retry-delay", "retry-max-time", "proxy-user", "interface", "limit-rate", "max-redirs"),
        *("noproxy", "range", "stderr", "trace-ascii", "trace", "keepalive-time", "dns-servers"),
        *("proto", "proto-default", "connect-to", "speed-limit", "speed-time"),
    }
)
_IGNORED = frozenset(
    {
        *("silent", "show-error", "include", "insecure", "location", "location-trusted", "compressed"),
        *("fail", "verbose", "globoff", "http1.0", "http1.1", "http2", "http2-prior-knowledge"),
        *("http3", "no-buffer", "ipv4", "ipv6", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3"),
        *("ssl-no-revoke", "no-progress-meter", "progress-bar", "fail-with-body", "no-keepalive"),
        *("disable", "remote-name", "path-as-is", "raw"),
    }
)
_IGNORED_LETTERS = frozenset("sSiLfvgN046#jqO12")
_DATA = frozenset({"data", "data-raw", "data-ascii", "data-binary"})
UNKNOWN_OPTION = "it has an option of curl that rollcall does not know: keep address and headers only"
_COMMANDS = ("curl", "curl.exe")


class _Command(Record):
    """What the options of one command say."""

    method: str = ""
    addresses: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    in_query: bool = False
    remarks: list[str] = field(default_factory=list)


_BEGINS = re.compile(r"(?:[$>#%]\s*)?(?:[A-Za-z]:\\[\w\\]*\\)?(?:/[\w/]*/)?curl(?:\.exe)?(?=[\s^])", re.IGNORECASE)


def begins(text: str) -> bool:
    """Whether a text begins with a curl command, perhaps after a prompt."""
    return _BEGINS.match(text) is not None


def read(text: str) -> Pasted:
    """Read the text of one curl command; raises `SettingError`."""
    is_cmd = '^"' in text or re.search(r"\^\s*\n", text) is not None
    words = _one_command(cmd(text) if is_cmd else bash(text))
    command = _Command()
    _options(words, command)
    if len(command.addresses) != 1:
        raise refused("it requests several addresses: keep one" if command.addresses else "it has no address")
    address = command.addresses[0]
    if command.in_query:
        address += ("&" if "?" in address else "?") + "&".join(command.data)
    elif command.data and command.method.upper() != "GET":
        raise refused("it is a POST request (it sends data): rollcall sends only GET requests, which change nothing")
    elif command.data:
        command.remarks.append("its body was left out: a GET request has none")
    return pasted(
        command.method or "GET",
        address,
        command.headers,
        form="curl command",
        body="" if command.in_query else " ".join(command.data),
        remarks=tuple(dict.fromkeys(command.remarks)),
    )


def _one_command(words: Iterable[Word]) -> list[str]:
    """The words of the one command, up to a pipe or redirection."""
    found: list[str] = []
    rest: list[Word] = []
    for word in words:
        if rest or (word.operator and found):
            rest.append(word)
        elif not word.operator and (found or word.text not in ("$", ">", "#", "%")):
            found.append(word.text)
    texts = [word.text for word in rest if not word.operator]
    if any(re.split(r"[/\\]", text)[-1].lower() in _COMMANDS for text in texts) or "--next" in found:
        raise refused("it has two requests: keep the one to explain")
    ends = [word.text.strip() for word in rest if word.operator]
    if texts and ends[0] == "&":
        raise refused("an & outside of quotes ends the command there: put the whole address in quotes")
    if texts and not re.fullmatch(r"\|[|&]?|[<>]+&?", ends[0]):
        raise refused("it has more than one command: keep only the curl command")
    return found


def _options(words: list[str], command: _Command) -> None:
    """Read the words after `curl`."""
    given: Iterator[str] = iter(words[1:])
    only_addresses = False
    for word in given:
        if only_addresses or not word.startswith("-") or word == "-":
            command.addresses.append(word)
        elif word == "--":
            only_addresses = True
        elif word.startswith("--"):
            name, has_value, value = word[2:].partition("=")
            _long(name.lower(), value if has_value else None, given, command)
        else:
            _letters(word[1:], given, command)


def _letters(letters: str, given: Iterator[str], command: _Command) -> None:
    for place, letter in enumerate(letters):
        name = _SHORT.get(letter)
        if name is None:
            if letter not in _IGNORED_LETTERS:
                raise refused(UNKNOWN_OPTION)
        elif name in _WITH_VALUE or name in _IGNORED_WITH_VALUE:
            _long(name, letters[place + 1 :] or None, given, command)
            return
        else:
            _long(name, None, given, command)


def _long(name: str, value: str | None, given: Iterator[str], command: _Command) -> None:
    """Read one option. Its value is the next word if it needs one."""
    if name in _WITH_VALUE or name in _IGNORED_WITH_VALUE:
        value = next(given, None) if value is None else value
        if value is None:
            raise refused(f"its option --{name} has no value: copy the whole command")
        if name in _WITH_VALUE:
            _take(name, value, command)
        elif name == "proxy":
            command.remarks.append("its proxy was left out: rollcall uses the one of the environment")
    elif name == "get":
        command.in_query = True
    elif name == "head":
        command.method = "HEAD"
    elif name == "next":
        raise refused("it has two requests: keep the one to explain")
    elif name in _IGNORED:
        if name == "insecure":
            command.remarks.append("--insecure was left out: rollcall always checks the certificate")
    else:
        raise refused(UNKNOWN_OPTION)


def _take(name: str, value: str, command: _Command) -> None:
    if name in ("header", "data", "data-binary", "data-ascii", "json") and value.startswith("@"):
        raise refused(f"its option --{name} reads a file: put the file's text there instead")
    match name:
        case "request":
            command.method = value
        case "url":
            command.addresses.append(value)
        case "header":
            header, colon, text = value.partition(":")
            if colon:
                command.headers.append((header, text))
        case "cookie":
            if "=" not in value:
                raise refused("its option --cookie reads a file: put the cookies there instead")
            command.headers.append(("Cookie", value))
        case "user-agent":
            command.headers.append(("User-Agent", value))
        case "referer":
            command.headers.append(("Referer", value))
        case "user":
            pair = base64.b64encode(value.encode()).decode()
            command.headers.append(("Authorization", f"Basic {pair}"))
        case "oauth2-bearer":
            command.headers.append(("Authorization", f"Bearer {value}"))
        case "data-urlencode":
            field_name, equals, text = value.partition("=")
            encoded = quote(text if equals else value, safe="")
            command.data.append(f"{field_name}={encoded}" if equals and field_name else encoded)
        case _ if name in _DATA:
            command.data.append(value)
        case "config":
            raise refused("it reads its options from a file: put them into the command")
        case _:
            command.method = command.method or "POST"
