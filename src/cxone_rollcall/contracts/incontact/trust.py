"""Decides which hosts named by a discovery may get our secrets.

A forged discovery must not lead secrets away. They go to the instance's origin, to hosts of its own domain and of NICE
over https, and from loopback to loopback.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from cxone_rollcall.contracts.decoding import text
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.host import NICE_DOMAINS, host_of, is_in, is_loopback, own_domain

UNTRUSTED_HOST = "led-elsewhere"
"""The error of a discovery that names an untrusted host."""
_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:]+")
_PORTS = {"https": 443, "http": 80}


def trusted_url(value: object, instance: str) -> str:
    """Return a URL without a trailing slash, or "". Raises if its host must not get our secrets."""
    if not isinstance(value, str) or not value.strip():
        return ""
    url = value.strip().rstrip("/")
    try:
        parts, there, here = urlsplit(url), _origin(url), _origin(instance)
    except ValueError:
        raise _untrusted_host(f"discovery leads to {url}, which is no address") from None
    plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc and not parts.fragment
    both_loopback = is_loopback(there.host) and is_loopback(here.host) and parts.scheme in ("http", here.scheme)
    to_nice = is_nices(url) and not is_loopback(here.host)
    to_own = there.host != here.host and is_of_owner(url, instance)
    if not (plain and _HOST.fullmatch(there.host) and (there == here or both_loopback or to_nice or to_own)):
        where = parts.netloc or url
        raise _untrusted_host(f"discovery leads to {where}, neither NICE's nor in the domain of CXONE_INSTANCE")
    return url


def domain_name(value: object) -> str:
    """The domain that a discovery names, in lower case.

    "" if the value is not a host name (`x.com:e`): the discovery then counts as one that names no domain.
    """
    domain = (text(value) or "").lower()
    return domain if _HOST.fullmatch(domain) and ":" not in domain else ""


def is_of_owner(url: str, instance: str) -> bool:
    """Whether a URL is in the registered domain of the instance. Both must use https."""
    parts, own = urlsplit(url), urlsplit(instance)
    domain = own_domain(host_of(instance))
    https = parts.scheme == own.scheme == "https" and parts.port in (None, 443, own.port)
    return domain is not None and https and is_in(host_of(url), domain)


def is_nices(url: str) -> bool:
    """Whether a URL is on a known host of NICE, over https."""
    host = host_of(url)
    plain = _HOST.fullmatch(host) is not None
    return plain and urlsplit(url).scheme == "https" and any(is_in(host, one) for one in NICE_DOMAINS)


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int | None


def _origin(url: str) -> _Origin:
    parts = urlsplit(url)
    return _Origin(parts.scheme, host_of(url), parts.port or _PORTS.get(parts.scheme))


def _untrusted_host(words: str) -> UnusableAnswer:
    return UnusableAnswer(FailureKind.NOT_THE_API, words, error=UNTRUSTED_HOST)
