"""Facts about host names: NICE's domains, registered domains, loopback."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

COMMERCIAL_DOMAINS = ("nice-incontact.com", "niceincontact.com", "incontact.com")
NICE_DOMAINS = (
    *COMMERCIAL_DOMAINS,
    "nicecxone-gov.com",
    "nicecxone-sov1.au",
    "nicecxone-sov1.eu",
    "nicecxone-sov1.uk",
)
"""Known domains of NICE, including sovereign clouds. The list is incomplete: a host outside it may still be NICE's."""
_SHARED_HOSTING = ("amazonaws.com", "azurecontainerapps.io", "cloudapp.azure.com")
"""Domains below which anybody may have a host. publicsuffix.org lacks them, or lists only parts of them."""


def host_of(url: str) -> str:
    """The host of a URL, in lower case and without a port.

    "" for a URL without a host; ValueError for an invalid one.
    """
    return urlsplit(url).hostname or ""


def own_domain(host: str) -> str | None:
    """The registered domain of a host. None for an address, a lone name or a shared domain.

    `api-au2.nicecxone-sov1.au` is in `nicecxone-sov1.au`, `cxone.example.co.uk` in `example.co.uk`. Below a shared
    domain two hosts need not have the same owner. Source: publicsuffix.org.
    """
    name = host.lower().rstrip(".")
    if ":" in name or name.rpartition(".")[2].isdecimal() or any(is_in(name, one) for one in _SHARED_HOSTING):
        return None
    return _suffixes().privatesuffix(name)


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # read when it is needed: that takes some 20 ms

    return PublicSuffixList()


def is_in(host: str, domain: str) -> bool:
    """Whether a host is a domain itself or below it."""
    return host == domain or host.endswith(f".{domain}")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine. A name or an IP address, without brackets."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # IPv4-mapped addresses (::ffff:127.0.0.1) do not count: Python releases differ on whether they are loopback.
    return address.is_loopback and (address.version == 4 or host == "::1")
