"""What a client knows of its tenant. It has settings, a token and lists."""

from __future__ import annotations

from typing import Any

import pytest
from tests.client.hosts import HOST, Host
from tests.contracts.incontact.letting import CLIENT, KEY, Letting, who
from tests.contracts.playing import said
from tests.contracts.test_token import jwt
from tests.support.scripted_client import incontact

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.identity import TenantIdentity
from cxone_rollcall.model.struct import replace

NAME = "tenant.example"


def client_of(host: Host, credentials: Credentials | None = None, **said: Any) -> Client:
    """A client of this host, which people know as NAME."""
    return Client(Incontact(HOST), host, credentials or who(), base_url=HOST, instance=NAME, **said)


async def test_the_claims_of_the_token() -> None:
    """The token's claims count before the id token's and the settings. A list adds the unit's number."""
    claims = {"access_token": jwt({"tenantId": "T-1"}), "id_token": jwt({"tenantId": "T-2", "icBUId": 460})}
    for told, tenant_id, unit in ((claims, "t-1", "460"), ({}, "t-0", "7")):
        listed = said(200, {"agents": [{"agentId": 1}], "businessUnitId": 7})
        says = lambda request, listed=listed: listed if "/agents?" in request.target else None  # noqa: E731
        client = client_of(Host(letting=Letting(told=told), says=says), tenant_id="T-0")
        known = TenantIdentity(tenant_id="t-0", account=f"{NAME} {CLIENT[0]}")
        assert (client.identity, client.token_number, client.token_expires_at) == (known, 0, None)
        token = await client.token()
        assert (client.token_number, client.token_expires_at) == (1, token.expires_at)
        await incontact(client).first_agents(100)
        assert client.identity == replace(known, tenant_id=tenant_id, business_unit=unit)


@pytest.mark.parametrize(
    ("credentials", "account", "has_client"),
    [
        (who(), f"{NAME} {CLIENT[0]}", True),
        (who(None), f"{NAME} {KEY[0]}", False),
        (who(CLIENT, None), f"{NAME} {CLIENT[0]}", True),
    ],
)
def test_the_account(credentials: Credentials, account: str, has_client: bool) -> None:
    """The account is the host with the client. Without a client it has the key."""
    client = client_of(Host(), credentials)
    assert (client.identity, client.has_client) == (TenantIdentity(account=account), has_client)
    assert client.grant_type == credentials.grant_type
    assert Client(V2(HOST), Host(), credentials, base_url=HOST).instance == HOST.partition("//")[2]


async def test_why_a_contract_is_used() -> None:
    """A client tells why it uses its contract. It tells nothing if the settings name it."""
    host = Host(frozenset({"v2"}))
    client = host.client("incontact", "v2", credentials=who(grant_type="client_credentials"))
    assert (client.chosen, client.contract.name) == ("auto: told by a test", "incontact")
    await client.token()
    assert (client.chosen, client.contract.name) == ("auto: incontact is not supported here", "v2")
    assert host.client("v2").chosen == client_of(host).chosen == ""
