"""Which hosts are the tenant's own. Its token goes to no other, and a request to a stranger is asked about."""

from __future__ import annotations

import pytest
from tests.roll.lists import BASE, CREDENTIALS, ListTenant, people

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.request import is_known_host, read
from cxone_rollcall.request.background import hosts_of


def client_at(home: str) -> Client:
    """Return a client with this instance. Its tenant's API is at `BASE`."""
    return Client(Incontact(home), ListTenant(people(1)), CREDENTIALS, base_url=home)


@pytest.mark.parametrize(
    ("home", "known", "unknown"),
    [
        ("https://api.acme.co.uk", "https://login.acme.co.uk", "https://acme2.co.uk"),
        ("https://api.acme.co.uk", "https://api-na1.niceincontact.com", "https://niceincontact.com.example.org"),
        ("http://127.0.0.1:1", "http://localhost:2", "https://example.org"),
        ("https://10.0.0.7", "https://10.0.0.7", "https://10.0.0.8"),
    ],
)
def test_hosts_of_the_owner_are_known(home: str, known: str, unknown: str) -> None:
    """Known are the instance, hosts of its owner, and NICE's."""
    for host, is_known in ((known, True), (unknown, False)):
        assert is_known_host(client_at(home), read(f"curl '{host}/api/v2/agents'".encode())) is is_known


async def test_the_host_that_discovery_names_comes_first() -> None:
    """After discovery the API's host is the tenant's own, too."""
    home = "https://na1.niceincontact.com"
    client = client_at(home)
    assert hosts_of(client) == (home,)
    await client.token()
    assert hosts_of(client) == (BASE, home)
