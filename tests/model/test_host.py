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
        ("mine.azurewebsites.net", None),
        ("x.cloudapp.azure.com", None),
        ("azure.com", "azure.com"),
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


CLOUDS = (
    "amazonaws.com appspot.com azure-api.net azurefd.net azurewebsites.net cloudapp.azure.com cloudfront.net fly.dev "
    "github.io herokuapp.com ngrok.app ngrok.io onrender.com run.app trycloudflare.com vercel.app workers.dev"
)
LEVELS = "ac co com edu go gob gouv gov ltd ne net or org plc"


@pytest.mark.parametrize("domain", CLOUDS.split())
def test_hosts_of_a_cloud_have_no_common_owner(domain: str) -> None:
    """Anybody may have a host below a cloud's domain. Such hosts share no owner."""
    assert own_domain(f"mine.{domain}") is own_domain(domain) is None
    assert own_domain(f"mine-{domain}") is not None


@pytest.mark.parametrize("level", LEVELS.split())
def test_a_level_that_a_country_shares_is_no_owner(level: str) -> None:
    """Below `co.uk` each owner has a label more. Elsewhere `co` is an owner."""
    assert own_domain(f"a.mine.{level}.uk") == f"mine.{level}.uk"
    assert own_domain(f"{level}.uk") is None
    assert own_domain(f"mine.{level}.example") == f"{level}.example"
