"""The domain of a host: its owner's, never one that many share."""

import pytest

from cxone_rollcall.model.host import host_of, is_in, own_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("nicecxone-sov1.au", "nicecxone-sov1.au"),
        ("api-au2.nicecxone-sov1.au", "nicecxone-sov1.au"),
        ("API.Example.com.", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("example.com.au", "example.com.au"),
        ("co.uk", None),
        ("com", None),
        ("localhost", None),
        ("127.0.0.1", None),
        ("::1", None),
        ("fe80::1%a.example.com", None),
        ("", None),
        ("a..b", None),
        ("azurewebsites.net", None),
        ("a.mine.azurewebsites.net", "mine.azurewebsites.net"),
        ("x.cloudapp.azure.com", None),
        ("cloudapp.azure.com", None),
        ("mine.execute-api.amazonaws.com", None),
        ("mine.azurecontainerapps.io", None),
        ("azure.com", "azure.com"),
        ("govt.nz", None),
        ("cxone.agency.govt.nz", "agency.govt.nz"),
        ("mine.pages.dev", "mine.pages.dev"),
        ("api.corp", "api.corp"),
        ("co.example", "co.example"),
    ],
)
def test_own_domain(host: str, domain: str | None) -> None:
    """An owner's domain has one label more than a shared suffix. An address has none."""
    assert own_domain(host) == domain


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://API-na1.example.com:8443/path", "api-na1.example.com"), ("http://[::1]:80", "::1"), ("no url", "")],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    """The host is in lower case, without port and brackets."""
    assert host_of(url) == host


def test_a_url_that_cannot_be_read_has_no_host() -> None:
    """An invalid URL is an error, not an empty host."""
    with pytest.raises(ValueError, match="Invalid"):
        host_of("https://[::1")


def test_below_a_domain() -> None:
    """A host is in a domain that it is or ends with. Before the domain is a dot."""
    assert is_in("example.com", "example.com")
    assert is_in("a.example.com", "example.com")
    assert not is_in("anexample.com", "example.com")
