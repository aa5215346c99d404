"""A host's answers show which contract it supports. A refusal is an answer, too."""

from __future__ import annotations

import pytest
from tests.client.hosts import CLIENT, HOST, KEY, Host
from tests.contracts.incontact.letting import STRANGER, Letting, who
from tests.contracts.playing import NOTHING, said
from tests.support.scripted_client import failure_of, incontact, v2

from cxone_rollcall.client import Client, IncontactApi, V2Api
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.transport.base import TransportFault

ORDERS = [("v2", "incontact"), ("incontact", "v2")]
UNREACHED = TransportFault(FailureKind.CERTIFICATE, "forged")


def ways(request: Request) -> str:
    """Return the contract that a request is of."""
    return "v2" if request.target.startswith(("/oauth/", "/api/v2/")) else "incontact"


def names(client: Client) -> tuple[str, str]:
    """Return the contract in use, and why."""
    return client.contract.name, client.chosen


@pytest.mark.parametrize("order", ORDERS)
async def test_the_first_is_supported(order: tuple[str, str]) -> None:
    """If the first contract is supported, the other one is not tried."""
    for spoken in (frozenset({order[0]}), frozenset(order)):
        host = Host(spoken)
        client = host.client(*order)
        await client.token()
        assert names(client) == (order[0], "auto: told by a test")
        assert {ways(request) for request in host.sent} == {order[0]}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("absence", [NOTHING, said(405), said(200, b"<html>Welcome"), said(302, location="/login")])
async def test_the_second_is_supported(order: tuple[str, str], absence: Response) -> None:
    """If the first contract is not supported, the second is used. It stays in use, and `chosen` says so."""
    host = Host(frozenset(order), says=lambda request: absence if ways(request) == order[0] else None)
    client = host.client(*order)
    await client.token()
    assert names(client) == (order[1], f"auto: {order[0]} is not supported here")
    before = len(host.sent)
    host.time += 7200
    await client.token()
    assert {ways(request) for request in host.sent[before:]} == {order[1]}


@pytest.mark.parametrize("order", ORDERS)
async def test_neither_is_supported(order: tuple[str, str]) -> None:
    """If neither is supported, the preferred contract's failure is raised. That contract stays in use."""
    host = Host(frozenset())
    client = host.client(*order)
    raised = await failure_of(client.token())
    stage = Stage.TOKEN if order[0] == "v2" else Stage.DISCOVERY
    assert (raised.failure.kind, raised.failure.stage) == (FailureKind.NOT_FOUND, stage)
    assert ways(host.sent[raised.failure.exchange - 1]) == order[0]
    assert {ways(request) for request in host.sent} == set(order)
    assert names(client) == (order[0], "auto: told by a test")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("refused", [said(401, {"error": "invalid_client"}), said(400, {"error": "invalid_grant"})])
async def test_a_refusal_is_an_answer(order: tuple[str, str], refused: Response) -> None:
    """A contract that refuses us is supported. No secret is sent in the other one."""
    host = Host(frozenset(order), says=lambda request: refused if request.form is not None else None)
    client = host.client(*order)
    raised = await failure_of(client.token())
    assert raised.failure.error in ("invalid_client", "invalid_grant")
    assert {ways(request) for request in host.sent} == {order[0]}
    assert not await client.switch_contract()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("trouble", [UNREACHED, said(500), said(429, **{"retry-after": "31536000"})])
async def test_a_5xx_leaves_the_contract_open(order: tuple[str, str], trouble: Response | TransportFault) -> None:
    """A 5xx is raised, as it shows no supported contract. No secret is sent in the other one."""
    host = Host(frozenset(order), says=lambda request: trouble)
    raised = await failure_of(host.client(*order).token())
    assert raised.failure.kind in {FailureKind.CERTIFICATE, FailureKind.SERVER_TROUBLE, FailureKind.RATE_LIMITED}
    assert {ways(request) for request in host.sent} == {order[0]}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("trouble", [UNREACHED, said(500)])
async def test_a_5xx_of_the_second(order: tuple[str, str], trouble: Response | TransportFault) -> None:
    """If the second fails with 5xx, the first one's failure is raised. The first contract is not supported."""
    host = Host(frozenset(order), says=lambda request: NOTHING if ways(request) == order[0] else trouble)
    client = host.client(*order)
    raised = await failure_of(client.token())
    assert (raised.failure.kind, names(client)[0]) == (FailureKind.NOT_FOUND, order[0])


@pytest.mark.parametrize("order", ORDERS)
async def test_a_refusal_by_the_second(order: tuple[str, str]) -> None:
    """If the second contract refuses us, that refusal is raised. The first one is not supported."""
    refused = said(401, {"error": "invalid_client"})

    def says(request: Request) -> Response | None:
        if ways(request) == order[0]:
            return NOTHING
        return refused if request.form is not None else None

    host = Host(frozenset(order), says=says)
    client = host.client(*order)
    raised = await failure_of(client.token())
    assert (raised.failure.error, names(client)[0]) == ("invalid_client", order[1])


async def test_a_host_that_names_a_stranger() -> None:
    """A discovery that names a foreign host is an answer. The other contract is not tried, and no secret is sent."""
    elsewhere = said(200, {"token_endpoint": "https://login.example.org/token"})
    host = Host(frozenset(ORDERS[0]), says=lambda request: elsewhere if "openid" in request.target else None)
    raised = await failure_of(host.client("incontact", "v2").token())
    assert (raised.failure.kind, "example.org" in str(raised)) == (FailureKind.NOT_THE_API, True)
    assert {ways(request) for request in host.sent} == {"incontact"}
    assert all(request.form is None for request in host.sent)


@pytest.mark.parametrize("order", ORDERS)
async def test_a_token_and_no_roster(order: tuple[str, str]) -> None:
    """A token does not prove that the API is supported. If the other contract's is, it is used with its own token."""
    paths = {"v2": "/api/v2/", "incontact": "/incontactapi/"}
    host = Host(frozenset(order), says=lambda request: NOTHING if request.target.startswith(paths[order[0]]) else None)
    client = host.client(*order)
    await failure_of(first_page(client))
    assert await client.switch_contract()
    assert names(client) == (order[1], f"auto: {order[0]} is not supported here")
    before = len(host.sent)
    await first_page(client)
    assert {ways(request) for request in host.sent[before:]} == {order[1]}
    assert host.sent[before].method == ("POST" if order[1] == "v2" else "GET")
    assert not await client.switch_contract()


async def test_a_refusal_counts_for_its_contract_alone() -> None:
    """After a switch, requests are repeated as at first. Refusals of the contract before do not count."""
    refused = iter([said(403)] * 3)

    def says(request: Request) -> Response | None:
        return next(refused, None) if "Authorization" in dict(request.headers) else None

    client = Host(frozenset(ORDERS[1]), says=says).client("incontact", "v2", credentials=who(None))
    await failure_of(first_page(client))
    assert await client.switch_contract()
    await first_page(client)


async def first_page(client: Client) -> object:
    """Request the first page of the roster, in the contract in use."""
    if client.contract.name == "v2":
        return await v2(client).roster_page(1, 100)
    return await incontact(client).first_agents(100)


@pytest.mark.parametrize("answer", [NOTHING, said(403), said(302), said(500), said(200, b""), UNREACHED])
async def test_no_other_contract_answers(answer: Response | TransportFault) -> None:
    """Another contract is used only if its probe gets 200 or 401."""
    host = Host(says=lambda request: answer if ways(request) == "v2" else None)
    client = host.client("incontact", "v2")
    token = await client.token()
    spoken = isinstance(answer, Response) and answer.status == 200
    assert await client.switch_contract() == spoken
    assert client.contract.name == ("v2" if spoken else "incontact")
    assert spoken or await client.token() is token


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_a_contract_that_was_named(contract: str) -> None:
    """If the settings name a contract, no other is tried. `chosen` is empty."""
    host = Host(frozenset({"v2", "incontact"} - {contract}))
    client = host.client(contract)
    await failure_of(client.token())
    assert not await client.switch_contract()
    assert {ways(request) for request in host.sent} == {contract}
    assert names(client) == (contract, "")


async def test_calls_of_the_contract_in_use() -> None:
    """The calls are those of the contract in use, also after switching."""
    host = Host(contracts=frozenset({"v2"}))
    client = host.client("incontact", "v2")
    assert isinstance(client.api, IncontactApi)
    await client.token()
    assert isinstance(client.api, V2Api)


async def test_roles_that_were_found() -> None:
    """The contract in use knows the roles found for refused credentials."""
    host = Host(letting=Letting())
    client = host.client("incontact", "v2", credentials=who(KEY, CLIENT))
    await failure_of(client.token())
    assert client.contract.tokens.roles.client_is_key
    client = host.client("incontact", "v2", credentials=who(STRANGER, STRANGER))
    await failure_of(client.token())
    assert (client.contract.tokens.roles.client_is_key, client.instance) == (False, HOST.removeprefix("https://"))
