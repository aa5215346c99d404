"""Whose domain a host is in: what its owner registered, and nothing that many share."""

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
    """The domain of an owner has one label more than a suffix that many share; an address has none."""
    assert own_domain(host) == domain


def test_below_a_domain() -> None:
    """A host is in a domain if it is the domain or ends with a dot and the domain."""
    assert is_in("example.com", "example.com")
    assert is_in("a.example.com", "example.com")
    assert not is_in("anexample.com", "example.com")
