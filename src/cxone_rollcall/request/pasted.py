"""A program's request as a text shows it, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.host import host_of, is_loopback
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import HiddenRepr

EXAMPLE = "rollcall request my-request.txt"
LONGEST_ADDRESS = 100_000
"""Characters. A request for a thousand UUIDs has 40,000."""

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|[0-9a-f:.]+")
_METHOD = re.compile(r"[A-Za-z]{1,12}")
_HEADER = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
VARIABLE = re.compile(
    r"\$\{?[A-Za-z_]|\{\{|%(?:[A-Z]+_[A-Z_0-9]*|TOKEN|KEY|IDS?)%"  # of a shell, of Postman, of cmd
    r"|<[^<>]*>|\b[Yy][Oo][Uu][Rr][-_ ]\w|\*{3}|\bREDACTED\b|\.\.\.|\u2026"  # left out
)
"""What stands for a value that the text does not have."""
TOKEN_LEFT_OUT = "its token is a variable: rollcall's own token is sent"  # noqa: S105  a remark
_NOT_SENT = frozenset(
    {
        *("host", "content-length", "connection", "proxy-connection", "keep-alive", "te", "upgrade", "expect"),
        *("transfer-encoding", "content-type", "accept-encoding"),  # our client decodes other bodies than a browser
        *("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"),
        *("method", "path", "scheme", "authority"),  # Chrome's PowerShell has them among the headers
    }
)
"""Headers of a connection or a browser's cache. They do not change what is requested."""


class Pasted(HiddenRepr, frozen=True, kw_only=True):
    """A GET request: its host (`https://host[:port]`), path, query and headers.

    `query` has names and values as they are written, percent-encoded. `form` is what the text was ("curl command").
    `remarks` say what was left out; `unsent` are its texts, each after the name of its header, "" if it is none. Each
    header's value is a `Secret`: a token may stand under any name. `token_left_out` is True if the text shows no token,
    only its place: rollcall's own is sent then.
    """

    hidden = ("path", "query", "headers", "unsent")

    base: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, Secret], ...] = ()
    form: str
    remarks: tuple[str, ...] = ()
    unsent: tuple[tuple[str, Secret], ...] = ()
    token_left_out: bool = False

    @property
    def host(self) -> str:
        """The host without its port."""
        return host_of(self.base)


def refused(why: str, *, example: str = EXAMPLE) -> SettingError:
    """The error for a text that is not accepted. `why` quotes no content."""
    return SettingError(f"{why}. Nothing was requested", example=example)


def pasted(
    method: str,
    address: str,
    headers: Iterable[tuple[str, str]],
    *,
    form: str,
    remarks: Iterable[str] = (),
    body: str = "",
) -> Pasted:
    """The request of a text, without its `body`. Raises `SettingError` unless it is a GET of a usable address."""
    if method.upper() != "GET":
        named = f"a {method.upper()} request" if _METHOD.fullmatch(method) else "no GET request"
        raise refused(f"it is {named}: rollcall sends only GET requests, which change nothing")
    base, path, query = _parts(address.strip())
    headers = tuple(headers)
    kept, left_out = _headers(headers)
    others = [(name.strip(), value.strip()) for name, value in headers if name.strip().lower() not in _NOT_SENT]
    unsent = {(name, Secret(text)) for name, text in (("", address.partition("#")[2]), ("", body), *others)}
    return Pasted(
        base=base,
        path=path,
        query=query,
        headers=kept,
        form=form,
        remarks=(*remarks, *left_out),
        unsent=tuple(unsent.difference(kept)),
        token_left_out=TOKEN_LEFT_OUT in left_out,
    )


def _parts(address: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return host, path and query of an address."""
    if not address:
        raise refused("it has no address")
    if len(address) > LONGEST_ADDRESS:
        raise refused(f"its address is longer than {LONGEST_ADDRESS:,} characters")
    if any(ord(one) < 0x20 or ord(one) == 0x7F for one in address):
        raise refused("its address has a line break or another control character inside: write it in one line")
    if VARIABLE.search(address):
        raise refused("its address holds a variable or a gap instead of a value: write the value there")
    scheme, rest = (found[1].lower(), address[found.end() :]) if (found := _SCHEME.match(address)) else ("", address)
    try:
        parts = urlsplit(f"https://{rest}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise refused("its address is no URL") from None
    if "@" in parts.netloc:
        raise refused("its address holds a user or a password (there is an @ before the path): leave them out")
    if not _HOST.fullmatch(host):
        raise refused("its address names no host")
    scheme = scheme or ("http" if is_loopback(host) else "https")
    if scheme not in ("http", "https"):
        raise refused("its address is neither https nor http")
    if scheme == "http" and not is_loopback(host):
        raise refused("its address is plain http, and the token would travel in clear text: write https")
    shown = f"[{host}]" if ":" in host else host
    base = f"{scheme}://{shown}" + (f":{port}" if port not in (None, {"https": 443, "http": 80}[scheme]) else "")
    fields = tuple((name, value) for name, _, value in (one.partition("=") for one in parts.query.split("&")) if name)
    return base, _encoded(parts.path) or "/", tuple((_encoded(name), _encoded(value)) for name, value in fields)


def _encoded(text: str) -> str:
    """A part of an address in ASCII. What is encoded already stays."""
    return quote(text, safe="%/:?@!$&'()*+,;=-._~[]|")


def _headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[tuple[str, Secret], ...], list[str]]:
    """The headers to send, and remarks about those left out. The last of each name counts."""
    kept: dict[str, tuple[str, Secret]] = {}
    remarks: list[str] = []
    for name, value in ((name.strip(), value.strip()) for name, value in headers):
        if not _HEADER.fullmatch(name):
            if not name.startswith(":"):  # HTTP/2's own, as some browsers list them
                remarks.append("a header was left out: its name has other characters than letters, digits and hyphens")
        elif name.lower() in _NOT_SENT:
            continue
        elif VARIABLE.search(value) and name.lower() != "user-agent":
            kept.pop(name.lower(), None)
            if name.lower() == "authorization":
                remarks.append(TOKEN_LEFT_OUT)
            else:
                remarks.append(f"the header {name} holds a variable: left out")
        elif any(ord(one) < 0x20 or ord(one) == 0x7F for one in value):
            remarks.append(f"the header {name} has a control character inside: left out")
        else:
            kept[name.lower()] = name, Secret(value)
    return tuple(kept.values()), remarks
