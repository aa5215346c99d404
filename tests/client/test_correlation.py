"""Each request on incontact carries a CorrelationId, by which support finds it."""

from __future__ import annotations

import uuid

import pytest
from tests.client.hosts import LOGIN, Host, Store, kept
from tests.contracts.incontact.letting import REFRESH, who
from tests.contracts.playing import said, shown
from tests.support.scripted_client import failure_of, incontact, v2

from cxone_rollcall.model.exchange import Request


def ids(requests: list[Request]) -> list[str]:
    """Return the CorrelationId of each request, "" for none."""
    return [shown(request.headers).get("CorrelationId", "") for request in requests]


async def test_on_each_request() -> None:
    """Discovery, token, lists and details each carry an id, recorded."""
    host = Host()
    client = host.client()
    request, _ = await incontact(client).first_agents(100)
    await incontact(client).agents(request)
    await incontact(client).first_states(100)
    await incontact(client).state_of("1001")
    await incontact(client).detail("server-time")
    await incontact(client).roster_status("33")
    sent = ids(host.sent)
    assert len(set(sent)) == len(sent) == 9
    assert all(str(uuid.UUID(one)) == one for one in sent)
    assert [exchange.correlation for exchange in client.log.exchanges] == sent


async def test_on_each_try() -> None:
    """A repeated request has a correlation id of its own."""
    answers = iter([said(500), said(500)])
    host = Host(says=lambda request: next(answers, None) if request.target.startswith("/incontactapi/") else None)
    await incontact(host.client()).first_agents(100)
    assert len(set(ids(host.sent))) == len(host.sent) == 6


async def test_on_a_login() -> None:
    """A code and a stored login are redeemed with an id, too."""
    host = Host()
    client = host.client(credentials=LOGIN, logins=Store(kept(REFRESH)))
    await client.token()
    await client.redeem("code", redirect_uri="http://127.0.0.1:8765/callback", verifier="v" * 43)
    assert len(set(ids(host.sent))) == len(host.sent) == 4
    assert all(ids(host.sent))


async def test_no_id_on_v2() -> None:
    """Requests of `v2` have no correlation id: it knows no such header."""
    host = Host(frozenset({"v2"}))
    client = host.client("v2", credentials=who(grant_type="client_credentials"))
    await v2(client).roster_page(1, 100)
    await v2(client).states(["1001"])
    assert set(ids(host.sent)) == {""}
    assert {exchange.correlation for exchange in client.log.exchanges} == {""}


@pytest.mark.parametrize("order", [("v2", "incontact"), ("incontact", "v2")])
async def test_while_both_contracts_are_tried(order: tuple[str, str]) -> None:
    """While both contracts are tried, only requests of `incontact` have an id."""
    host = Host(frozenset())
    await failure_of(host.client(*order).token())
    assert {request.target == "/oauth/token" for request in host.sent} == {True, False}
    for request, correlation in zip(host.sent, ids(host.sent), strict=True):
        assert bool(correlation) == (request.target != "/oauth/token")
