"""The tenant's API host. What people paste is accepted if it is safe."""

from __future__ import annotations

import ipaddress
import re

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.host import is_loopback
from cxone_rollcall.model.pasted_text import cleaned, first_unprintable
from cxone_rollcall.model.struct import Value

_EXAMPLE = "api-us-01.nice-incontact.com"
# Also `https:host`, `https:/host` and `https//host`: no host is called "https".
_HTTP = re.compile(r"(https?)(?::[/\\]*|//+)", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"[<>{}$]|\.\.\.|\bcxone_instance\b|\byour[-_ ](?:cxone[-_ ])?(?:instance|host|tenant|domain|server|area|region)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# Resolvers read such a last label as an IPv4 address: `127.1`, `2130706433`, `0x7f000001`.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class Instance(Value, frozen=True):
    """Where the API is: scheme, host and port.

    `scheme` is http or https, `host` lower-case ASCII, `port` None if it is the default. Instances from `parse` are
    equal exactly if requests go to the same place.
    """

    scheme: str
    host: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str, *, named: str = "CXONE_INSTANCE", line: str = "CXONE_INSTANCE={}") -> Instance:
        """Read a host, host:port or URL. Without a scheme it is https, or http for loopback.

        SettingError says what is wrong with what it calls `named`, and never repeats the text; `line` with an address
        in it is its example.
        """
        try:
            return _parse(text)
        except _UnusableError as unusable:
            raise SettingError(f"{named} {unusable.why}", example=line.format(unusable.example)) from None

    @property
    def url(self) -> str:
        """The URL without a trailing slash: `https://api-us-01.nice-incontact.com`, `http://[::1]:8080`."""
        return f"{self.scheme}://{self}"

    @property
    def is_loopback(self) -> bool:
        """True for 127.0.0.0/8, ::1 and localhost: requests do not leave this machine."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


class _UnusableError(Exception):
    """Why a text is no instance.

    `why` follows the setting's name in a sentence. It never quotes the text, which may be a secret.
    """

    def __init__(self, why: str, example: str = _EXAMPLE) -> None:
        self.why = why
        self.example = example


def _parse(text: str) -> Instance:
    text = cleaned(text)
    if "@" in text or "%40" in text:
        raise _UnusableError("holds a user or a password (there is an @ in it): give the host alone")
    scheme, rest = _split_scheme(text)
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0].strip()
    if not authority:
        raise _UnusableError("names no host")
    if _PLACEHOLDER.search(authority):
        raise _UnusableError("looks like placeholder text: put your tenant's API host there")
    if " " in authority:
        raise _UnusableError("has a blank inside")
    if (character := first_unprintable(text)) is not None:
        raise _UnusableError(f"has the invisible character U+{ord(character):04X} inside")
    host, port_text = _split_port(authority)
    port = _port(port_text)
    loopback = is_loopback(host)
    scheme = scheme or ("http" if loopback else "https")
    instance = Instance(scheme, host, None if port == _DEFAULT_PORTS[scheme] else port)
    if scheme == "http" and not loopback:
        raise _UnusableError(
            f"is plain http, and the secret would travel in clear to {instance}: use https"
            " (http is for this machine alone)",
            example=f"https://{instance}",
        )
    return instance


def _split_scheme(text: str) -> tuple[str | None, str]:
    scheme = None
    rest = text.lstrip("/\\ ")
    # A URL pasted after a scheme has two; the last one counts.
    while found := _HTTP.match(rest):
        scheme = found[1].lower()
        rest = rest[found.end() :].lstrip("/\\ ")
    if _OTHER_SCHEME.match(rest):
        raise _UnusableError("has a scheme that is neither https nor http")
    return scheme, rest


def _split_port(authority: str) -> tuple[str, str | None]:
    bracketed = re.fullmatch(r"\[([^\[\]]*)\](?::(.*))?", authority)
    if bracketed:
        return _ipv6(bracketed[1]), bracketed[2]
    if authority.count(":") > 1:
        return _ipv6(authority), None
    host, colon, port = authority.partition(":")
    return _host(host), port if colon else None


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise _UnusableError("has a port that is no number from 1 to 65535")
    return int(text)


def _ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise _UnusableError("is no IPv6 address with an optional port, such as [::1]:8080") from None
    if address.scope_id is not None:
        raise _UnusableError("has an IPv6 zone, which a URL cannot carry")
    return str(address)


def _host(text: str) -> str:
    host = text.rstrip(".").lower()
    if not host:
        raise _UnusableError("names no host")
    if host in _DEFAULT_PORTS:
        raise _UnusableError("names a scheme and no host")
    if len(host) > 253:
        raise _UnusableError("is longer than a host name can be")
    if not host.isascii():
        host = _idna(host)
    labels = host.split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        raise _UnusableError("is no host name: letters, digits, hyphens and dots only")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise _UnusableError("is no IPv4 address of four numbers, such as 127.0.0.1") from None
    return host


def _idna(host: str) -> str:
    """The ASCII form of a host. Refused if it does not decode to the same text: then it may be another host."""
    why = "has letters that no host name has: write it in its ASCII form (xn--...)"
    try:
        encoded = host.encode("idna")
        back = encoded.decode("idna")
    except UnicodeError:
        raise _UnusableError(why) from None
    if back != host:
        raise _UnusableError(why)
    return encoded.decode("ascii")
