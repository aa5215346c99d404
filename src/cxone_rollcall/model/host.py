"""Facts about host names: NICE's domains, registered domains, loopback."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

COMMERCIAL_DOMAINS = ("nice-incontact.com", "niceincontact.com", "incontact.com")
NICE_DOMAINS = (
    *COMMERCIAL_DOMAINS,
    "nicecxone-gov.com",
    "nicecxone-sov1.au",
    "nicecxone-sov1.eu",
    "nicecxone-sov1.uk",
)
"""Known domains of NICE, including sovereign clouds. The list is incomplete: a host outside it may still be NICE's."""
_SHARED_SECOND_LEVELS = ("ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "ltd", "ne", "net", "or", "org", "plc")
"""Second-level labels that countries share among registrants: `co.uk`, `com.au`, `or.jp` (publicsuffix.org,
shortened)."""
_SHARED_HOSTING = (
    "amazonaws.com",
    "appspot.com",
    "azure-api.net",
    "azurefd.net",
    "azurewebsites.net",
    "cloudapp.azure.com",
    "cloudfront.net",
    "fly.dev",
    "github.io",
    "herokuapp.com",
    "ngrok.app",
    "ngrok.io",
    "onrender.com",
    "run.app",
    "trycloudflare.com",
    "vercel.app",
    "workers.dev",
)
"""Domains below which anybody may have a host. Two hosts there need not have the same owner."""


def host_of(url: str) -> str:
    """The host of a URL, in lower case and without a port.

    "" for a URL without a host; ValueError for an invalid one.
    """
    return urlsplit(url).hostname or ""


def own_domain(host: str) -> str | None:
    """The registered domain of a host. None for an address, a lone name or a shared domain.

    `api-au2.nicecxone-sov1.au` is in `nicecxone-sov1.au`, `cxone.example.co.uk` in `example.co.uk`.
    """
    labels = host.lower().rstrip(".").split(".")
    if len(labels) < 2 or not all(labels) or ":" in host or labels[-1].isdecimal():
        return None
    of_country = len(labels[-1]) == 2 and labels[-2] in _SHARED_SECOND_LEVELS
    kept = 3 if of_country else 2
    domain = ".".join(labels[-kept:])
    shared = any(is_in(domain, one) or is_in(host, one) for one in _SHARED_HOSTING)
    return None if len(labels) < kept or shared else domain


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
