"""Regressions: where secrets and requests go, and how unusual answers are read."""

from __future__ import annotations

import base64

import pytest
from tests.client.hosts import CLIENT, HOST, KEY, Host, shown_of
from tests.client.test_auto import ORDERS, first_page
from tests.client.test_renewal import is_renewal
from tests.contracts.incontact.letting import REFRESH, STRANGER, Letting, now, who
from tests.contracts.playing import NOTHING, Played, play, said, shown
from tests.support.scripted_client import failure_of, incontact

from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.incontact.discovery import Endpoints, discover
from cxone_rollcall.contracts.incontact.rows import read_states
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.exchange import Request, Response

REGION, HERE = "https://au1.nice-incontact.com", "http://127.0.0.1:8080"


def discovered(instance: str, openid: dict[str, str] | None = None, **cxone: str) -> Played[Endpoints]:
    """Look for the endpoints of a tenant whose discovery says this."""
    endpoints = {"token_endpoint": f"{instance}/auth/token", **(openid or {})}
    return play(discover(instance, None), lambda one: said(200, endpoints if "openid" in one.target else cxone))


@pytest.mark.parametrize("area", ["evil.example.com/", "evil.example.com#", "evil.example.com:443?"])
def test_area_leads_the_token_away(area: str) -> None:
    """An area that is no label of a host name leads nowhere."""
    played = discovered(HOST, area=area, domain="niceincontact.com")
    assert played.kind or played.came_to.api is None


def test_area_leads_the_key_away() -> None:
    """An area that is no host label makes no user hub."""
    played = discovered(REGION, api_endpoint=REGION, area="evil.example.com/")
    assert played.kind or "evil" not in played.came_to.user_hub


def test_area_leads_from_this_machine_to_nice() -> None:
    """From this machine, area and domain do not lead to NICE."""
    played = discovered(HERE, area="na1", domain="niceincontact.com")
    assert played.kind or played.came_to.api in (None, HERE)


@pytest.mark.parametrize("url", ["https://evil.example.com\\.nice-incontact.com", "https://evil%2f.nice-incontact.com"])
def test_backslash_in_a_host(url: str) -> None:
    """A browser reads a backslash as the end of the host."""
    played = discovered(HOST, {"authorization_endpoint": url}, api_endpoint=HOST)
    assert played.kind or "evil" not in played.came_to.authorize


async def test_a_page_is_no_grant() -> None:
    """A page at the user hub does not prove an access key."""
    host = Host(says=lambda one: said(200, b"<html>") if one.target.startswith("/authentication") else None)
    client = host.client(credentials=who(STRANGER, STRANGER))
    await failure_of(client.token())
    assert not client.contract.tokens.roles.client_is_key


@pytest.mark.parametrize("order", ORDERS)
async def test_a_refresh_token_of_the_other_contract(order: tuple[str, str]) -> None:
    """The refresh token of one contract is not shown in the other."""
    paths = {"v2": "/api/v2/", "incontact": "/incontactapi/"}
    host = Host(frozenset(order), says=lambda one: NOTHING if one.target.startswith(paths[order[0]]) else None)
    client = host.client(*order)
    await failure_of(first_page(client))
    assert await client.switch_contract()
    before = len(host.sent)
    await first_page(client)
    assert not any(map(is_renewal, host.sent[before:]))


async def test_roles_at_a_renewal() -> None:
    """A refused refresh token does not lead to a test of roles."""
    refused = said(401, {"error": "invalid_grant"})
    host = Host(letting=Letting(told={"refresh_token": REFRESH}), says=lambda one: refused if is_renewal(one) else None)
    client = host.client()
    await client.token()
    host.time += 3541
    await client.token()
    assert host.grants == ["password", "refresh_token", "password"]


async def test_roles_at_a_code() -> None:
    """A refused code does not lead to a test of roles either."""
    refused = said(401, {"error": "invalid_grant"})
    host = Host(says=lambda one: refused if one.form is not None else None)
    client = host.client(credentials=who(CLIENT, None, grant_type="authorization_code"))
    await failure_of(client.redeem("c", redirect_uri="http://127.0.0.1/", verifier="v"))
    assert host.grants == ["authorization_code"]


async def test_basic_header_of_the_roles() -> None:
    """An access key's Basic header is redacted if echoed without its scheme."""

    def says(one: Request) -> Response | None:
        basic = shown(one.headers).get("Authorization", "").removeprefix("Basic ")
        return said(401, {"error": "invalid_client", "error_description": f"unknown {basic}"}) if one.form else None

    client = Host(says=says).client(credentials=who(STRANGER, KEY))
    await failure_of(client.token())
    assert base64.b64encode(f"{KEY[0]}:{KEY[1]}".encode()).decode() not in shown_of(client)


@pytest.mark.parametrize("code", ["--5", "-", "5-", "\u0665", "1e3", " "])
def test_code_of_two_dashes(code: str) -> None:
    """A state code that is no number names no known state. If it is refused, a message says so."""
    try:
        read = read_states(said(200, {"agentStates": [{"agentId": 1, "agentStateId": code}]}))
    except UnusableAnswer as unusable:
        assert str(unusable)
        return
    assert not {row.state for row in read.rows} & {"Available", "Unavailable", "InboundContact", "OutboundContact"}


@pytest.mark.parametrize("typed", ["\udcff", "\ud800"])
def test_ids_that_are_no_utf8(typed: str) -> None:
    """An id with invalid UTF-8 from the command line can be requested."""
    assert Incontact(HOST).state_request(typed).target.isascii()
    play(discover(HOST, typed), Letting())


@pytest.mark.parametrize("link", ["?skip=1", "/gateway/incontactapi/services/v34.0/agents?skip=1"])
def test_an_api_below_a_path(link: str) -> None:
    """A link is followed below the path that the API has."""
    contract, api = Incontact(HOST), f"{HOST}/gateway"
    play(contract.tokens.sign_in(who(), now=now), Letting(configuration={"api_endpoint": api}))
    onward = contract.next_request(link, contract.roster_request(0, 1))
    assert onward and onward.base + onward.target == f"{api}/incontactapi/services/v34.0/agents?skip=1"


async def test_after_every_version() -> None:
    """If no version is served, later requests use the newest one again."""
    host = Host(served=frozenset())
    client = host.client()
    await failure_of(incontact(client).first_agents(100))
    assert "/v34.0/" in incontact(client).contract.detail_request("server-time").target


async def test_correlation_of_a_contract_probe() -> None:
    """Only a probe for `incontact` has a correlation id."""
    for order, wanted in ((("v2", "incontact"), True), (("incontact", "v2"), False)):
        host = Host(frozenset({order[0]}))
        client = host.client(*order)
        await client.token()
        await client.switch_contract()
        assert ("CorrelationId" in dict(host.sent[-1].headers)) == wanted


@pytest.mark.parametrize("name", ["api_endpoint", "token_endpoint"])
def test_an_untrusted_host_is_a_failure(name: str) -> None:
    """A discovery that leads to an untrusted host fails as untrusted. It is not called a missing discovery."""
    evil = "https://evil.example.net"
    played = discovered(HOST, {name: evil}) if name == "token_endpoint" else discovered(HOST, api_endpoint=evil)
    assert played.kind is not None
    assert "leads to" in str(played.error)
