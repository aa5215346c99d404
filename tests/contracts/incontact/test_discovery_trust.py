"""A forged discovery cannot lead secrets away.

It leads only to the host itself, to NICE over https, or from loopback to loopback.
"""

from __future__ import annotations

import pytest
from tests.contracts.playing import NOTHING, Played, play, said
from tests.support.many_values import together

from cxone_rollcall.contracts.incontact.discovery import ISSUER, Endpoints, discover
from cxone_rollcall.contracts.incontact.trust import domain_name, is_nices
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind

REGION = "https://au1.nice-incontact.com"
STRANGER = "https://gateway.example.net"
HERE = "http://127.0.0.1:8080"

EVIL = [
    "https://evil.example.com",
    "https://evilnice-incontact.com",
    "https://nice-incontact.com.evil.example",
    "https://nice-incontact.com.",
    "https://nice-incontact.com@evil.example.com",
    "https://user:pass@au1.nice-incontact.com",
    "https://au1.nice-incontact.com:pass@evil.example.com",
    "https://evil.example.com/au1.nice-incontact.com",
    "https://evil.example.com?.nice-incontact.com",
    "https://evil.example.com#.nice-incontact.com",
    "https://au1.nice-incontact.com/#fragment",
    "https://evil.example.com\\@au1.nice-incontact.com",
    "http://au1.nice-incontact.com",
    "ftp://au1.nice-incontact.com",
    "javascript://au1.nice-incontact.com/%0aalert(1)",
    "//au1.nice-incontact.com",
    "au1.nice-incontact.com",
    "/auth/token",
    "https://",
    "https://[::1",
    "https://au1.nice-incontact.com:port",
    "https://au1.nice-incontact.com:99999999",
    "https://au1.nice-incontact.com/a b",
    "https://au1.nice-incontact.com/\u0430",
    "https://\u0430u1.nice-incontact.com",
    "https://nice\u2024incontact.com",
    "https://au1.nice-incontact.com\r\nHost: evil.example.com",
    "http://127.0.0.1:8080",
    "http://localhost:9",
]


def led(instance: str, name: str, url: str) -> Played[Endpoints]:
    """Find endpoints if discovery names this one, and the issuer fails."""
    openid, cxone = {"token_endpoint": f"{instance}/auth/token"}, {"api_endpoint": instance}
    if name == "auth_endpoint":
        openid = {}
    (openid if name in ("token_endpoint", "authorization_endpoint") else cxone)[name] = url

    def server(request: Request) -> Response:
        if request.base != instance:
            return NOTHING
        told = openid if "openid" in request.target else cxone
        return said(200, told) if told else NOTHING

    return play(discover(instance, None), server)


def place(name: str, found: Endpoints) -> str | None:
    """Return the URL that was found for an endpoint."""
    of = {"api_endpoint": found.api, "token_endpoint": found.token, "authorization_endpoint": found.authorize}
    return of[name] if name in of else found.token.removesuffix("/auth/token")


def assert_not_followed(played: Played[Endpoints], instance: str) -> None:
    """Assert that discovery failed, or all endpoints are at the instance."""
    assert {request.base for request in played.asked} <= {instance, ISSUER}
    if played.kind is None:
        of = played.came_to
        assert (of.token, of.authorize) == (f"{instance}/auth/token", f"{instance}/auth/authorize")
        assert of.api in (None, instance)
    else:
        assert played.kind in {FailureKind.NOT_THE_API, FailureKind.NOT_FOUND}


@pytest.mark.parametrize("url", EVIL)
def test_an_untrusted_userinfo_is_left_out(url: str) -> None:
    """An untrusted userinfo endpoint is not used, and ends nothing."""
    for instance in (REGION, STRANGER):
        openid = {"token_endpoint": f"{instance}/auth/token", "userinfo_endpoint": url}

        def server(request: Request, openid: dict[str, str] = openid, instance: str = instance) -> Response:
            return said(200, openid if "openid" in request.target else {"api_endpoint": instance})

        found = play(discover(instance, None), server).came_to
        assert (found.userinfo, found.token) == (None, f"{instance}/auth/token")


ENDPOINTS = ["api_endpoint", "auth_endpoint", "token_endpoint", "authorization_endpoint"]
each_endpoint = together("name", {name: name for name in ENDPOINTS})


@each_endpoint
@pytest.mark.parametrize("url", EVIL)
def test_an_untrusted_host(name: str, url: str) -> None:
    """An untrusted endpoint, without TLS or only like NICE's, is not followed."""
    for instance in (REGION, STRANGER):
        assert_not_followed(led(instance, name, url), instance)


@each_endpoint
@pytest.mark.parametrize(
    "url",
    [
        "https://cxone.niceincontact.com",
        "https://api-au1.niceincontact.com",
        "https://AU1.NICE-inContact.com",
        "https://nice-incontact.com",
        "https://incontact.com/path",
        "https://api.au1.nice-incontact.com:8443/path",
    ],
)
def test_a_host_of_nice(name: str, url: str) -> None:
    """Any host of NICE over https is followed."""
    for instance in (REGION, STRANGER):
        assert place(name, led(instance, name, url).came_to) == url


@each_endpoint
@pytest.mark.parametrize(
    ("instance", "url"),
    [
        (STRANGER, STRANGER),
        (STRANGER, f"{STRANGER}/some/path"),
        (STRANGER, "https://GATEWAY.example.net"),
        (STRANGER, f"{STRANGER}:443"),
        (f"{STRANGER}:443", STRANGER),
        (f"{STRANGER}:8443", f"{STRANGER}:8443"),
    ],
)
def test_the_own_host(name: str, instance: str, url: str) -> None:
    """The instance may name itself, on its own port."""
    assert place(name, led(instance, name, url).came_to) == url


@each_endpoint
@pytest.mark.parametrize(
    ("instance", "url"),
    [
        (STRANGER, f"{STRANGER}:8443"),
        (f"{STRANGER}:8443", STRANGER),
        (f"{STRANGER}:8443", f"{STRANGER}:9443"),
        (STRANGER, "http://gateway.example.net"),
        (STRANGER, "http://other.example.net"),
        ("http://gateway.example.net", f"{STRANGER}:80"),
    ],
)
def test_another_port_or_scheme(name: str, instance: str, url: str) -> None:
    """Another port of the instance is not trusted. Neither is a host of its domain without TLS."""
    assert_not_followed(led(instance, name, url), instance)


@each_endpoint
@pytest.mark.parametrize(
    ("instance", "url"),
    [
        ("https://cxone.example.net", "https://api-x2.cxone.example.net"),
        ("https://nicecxone-sov2.au", "https://api-au2.nicecxone-sov2.au"),
        ("https://api-au2.nicecxone-sov2.au", "https://nicecxone-sov2.au"),
        ("https://a.cxone.example.co.uk", "https://b.example.co.uk"),
        (REGION, "https://api-au2.nicecxone-sov1.au"),
    ],
)
def test_hosts_of_a_registered_domain(name: str, instance: str, url: str) -> None:
    """A host of the instance's registered domain is the tenant's. This holds in clouds that no list has."""
    assert place(name, led(instance, name, url).came_to) == url


@each_endpoint
@pytest.mark.parametrize(
    ("instance", "url"),
    [
        ("https://tenant.co.uk", "https://evil.co.uk"),
        ("https://cxone.tenant.com.au", "https://evil.com.au"),
        ("https://tenant.azure-api.net", "https://evil.azure-api.net"),
        ("https://gw.eu-west-1.amazonaws.com", "https://evil.eu-west-1.amazonaws.com"),
        ("https://10.0.0.1", "https://10.1.0.1"),
        ("https://gateway", "https://evil"),
        ("https://gateway", "https://evil.gateway"),
        ("https://nicecxone-sov2.au", "https://evil.nicecxone-sov2.eu"),
        ("https://nicecxone-sov2.au", "https://evilnicecxone-sov2.au"),
        ("https://api.nicecxone-sov2.au", "https://nicecxone-sov2.au:8443"),
        ("https://api.nicecxone-sov2.au", "https://user@nicecxone-sov2.au"),
    ],
)
def test_a_neighbour_is_not_followed(name: str, instance: str, url: str) -> None:
    """A host below a shared suffix or hosting domain is a stranger. So is a host beside an address."""
    assert_not_followed(led(instance, name, url), instance)


@each_endpoint
@pytest.mark.parametrize("url", [HERE, "http://localhost:9", "http://[::1]:9", "http://127.9.9.9"])
def test_this_machine_leads_to_itself(name: str, url: str) -> None:
    """From this machine the discovery leads to this machine, whatever the port."""
    assert place(name, led(HERE, name, url).came_to) == url


@each_endpoint
@pytest.mark.parametrize("url", [REGION, "https://cxone.niceincontact.com", "http://10.0.0.1", "http://localhost.evil"])
def test_this_machine_leads_nowhere_else(name: str, url: str) -> None:
    """From loopback, discovery leads only to loopback. An emulated key stays on this machine."""
    assert_not_followed(led(HERE, name, url), HERE)


def test_whose_a_host_is() -> None:
    """NICE's hosts are those of its domains over https, and no look-alikes."""
    assert is_nices("https://au1.nice-incontact.com")
    assert is_nices("https://NiceInContact.com/path")
    for domain in ("incontact.com", "nicecxone-gov.com", *(f"nicecxone-sov1.{one}" for one in ("au", "eu", "uk"))):
        assert is_nices(f"https://api-x1.{domain}"), domain
    for url in ("http://au1.nice-incontact.com", "https://evilincontact.com", "https://incontact.com.evil.example", ""):
        assert not is_nices(url)


def test_a_domain_is_a_host_name() -> None:
    """A text with a colon or a blank names no domain."""
    assert domain_name("NA1.nice-incontact.com") == "na1.nice-incontact.com"
    assert [domain_name(odd) for odd in ("x.com:e", "ab:cd", "x y", "", None)] == [""] * 5
