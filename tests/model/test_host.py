"""The domain of a host: its owner's, never one that many share."""

import pytest

from cxone_rollcall.model.host import is_in, own_domain


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


def test_below_a_domain() -> None:
    """A host is in a domain that it is or ends with. Before the domain is a dot."""
    assert is_in("example.com", "example.com")
    assert is_in("a.example.com", "example.com")
    assert not is_in("anexample.com", "example.com")
