"""Facts about host names: NICE's domains, and which hosts are this machine."""

from __future__ import annotations

import ipaddress

NICE_DOMAINS = ("nice-incontact.com", "niceincontact.com", "incontact.com")


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
