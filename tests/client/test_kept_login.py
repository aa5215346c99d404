"""A stored login is renewed under its lock. It is stored again if the server gave another refresh token."""

from __future__ import annotations

import asyncio

import pytest
from tests.client.hosts import LOGIN, Host, Store, kept
from tests.contracts.incontact.letting import CLIENT, REFRESH, Letting
from tests.contracts.playing import said, shown
from tests.support.scripted_client import failure_of, incontact

from cxone_rollcall.errors import AccessRefused
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.token import Token
from cxone_rollcall.transport.base import TransportFault

NEXT = Secret("next-refresh-s3cret")


async def test_no_login_is_stored() -> None:
    """Without a stored login a login is required, and nothing is sent."""
    for logins in (Store(), None):
        host = Host()
        client = host.client("incontact", "v2", credentials=LOGIN, logins=logins)
        raised = await failure_of(client.token())
        assert type(raised) is AccessRefused
        failure = raised.failure
        assert (failure.kind, failure.stage, failure.exchange) == (FailureKind.LOGIN_REQUIRED, Stage.TOKEN, 0)
        assert (host.sent, client.log.exchanges) == ([], [])


async def test_renewed_and_kept() -> None:
    """A new refresh token is stored, with the login's other fields."""
    store, host = Store(kept(REFRESH)), Host()
    token = await host.client(credentials=LOGIN, logins=store).token()
    assert token.access_token == Secret("granted-token")
    assert store.login == replace(kept(REFRESH), refresh_token=NEXT)
    assert store.log == ["lock", "load", "save", "let go"]
    assert host.grants == ["refresh_token"]
    assert shown(host.sent[-1].form)["client_id"] == CLIENT[0]


@pytest.mark.parametrize("told", [REFRESH, None, "", "not to be sent: é"])
async def test_no_new_refresh_token(told: str | None) -> None:
    """Without a new refresh token, the stored one stays. Nothing is written."""
    store = Store(kept(REFRESH))
    await Host(letting=Letting(told={"refresh_token": told})).client(credentials=LOGIN, logins=store).token()
    assert store.log == ["lock", "load", "let go"]
    assert store.login == kept(REFRESH)


async def test_locked_meanwhile() -> None:
    """While one process renews a login, no other can."""
    store, locked = Store(kept(REFRESH)), []

    def says(request: Request) -> Response | None:
        locked.append(store.locked)
        return None

    await Host(says=says).client(credentials=LOGIN, logins=store).token()
    assert locked == [True, True, True]
    assert not store.locked


async def test_renewed_by_another_process() -> None:
    """Each renewal loads the login again. So it uses what another process has stored meanwhile."""
    store = Store(kept("stale"))
    host = Host(letting=Letting(told={"refresh_token": REFRESH}))
    client = host.client(credentials=LOGIN, logins=store)
    store.login = kept(REFRESH)
    await client.token()
    host.time += 3541
    await client.token()
    assert [shown(one.form)["refresh_token"] for one in host.sent if one.form is not None] == [REFRESH, REFRESH]
    assert store.log.count("load") == 2


async def test_a_refused_login() -> None:
    """A refused refresh token ends the login, as the failure says. Nothing else is sent, and nothing is stored."""
    store, host = Store(kept("stolen")), Host()
    raised = await failure_of(host.client(credentials=LOGIN, logins=store).token())
    assert (raised.failure.error, raised.failure.status) == ("invalid_grant", 400)
    assert (host.grants, store.log) == (["refresh_token"], ["lock", "load", "let go"])
    assert store.login == kept("stolen")


@pytest.mark.parametrize("answer", [said(500), said(200, b"{"), TransportFault(FailureKind.CERTIFICATE, "forged")])
async def test_a_failure_during_a_renewal(answer: Response | TransportFault) -> None:
    """A failure during a renewal keeps the login, and releases the lock."""
    store = Store(kept(REFRESH))
    host = Host(says=lambda request: answer if request.form is not None else None)
    await failure_of(host.client(credentials=LOGIN, logins=store).token())
    assert (store.login, store.locked) == (kept(REFRESH), False)


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_the_contract_of_the_login(contract: str) -> None:
    """A login is renewed with its own contract, whichever is preferred."""
    for order in (("v2", "incontact"), ("incontact", "v2")):
        store, host = Store(kept(REFRESH, contract)), Host(frozenset({"v2", "incontact"}))
        client = host.client(*order, credentials=LOGIN, logins=store)
        await client.token()
        assert client.contract.name == contract
        assert ("/oauth/token" in host.targets) == (contract == "v2")
        assert ("/auth/token" in host.targets) == (contract == "incontact")


async def test_many_requests_at_once() -> None:
    """Many requests at once renew the login once."""
    store, host = Store(kept(REFRESH)), Host()
    client = host.client(credentials=LOGIN, logins=store)
    await asyncio.gather(*(incontact(client).first_agents(100) for _ in range(10)))
    assert (host.grants, store.log.count("load")) == (["refresh_token"], 1)


async def test_a_run_that_is_cut_short() -> None:
    """An interrupted renewal still stores the server's new refresh token."""
    store, host = Store(kept(REFRESH)), Host(held=asyncio.Event())
    client = host.client(credentials=LOGIN, logins=store)
    asking = asyncio.create_task(client.token())
    await host.waiting.wait()
    asking.cancel()
    assert store.login == kept(REFRESH)
    assert host.held is not None
    host.held.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert store.login == replace(kept(REFRESH), refresh_token=NEXT)
    assert store.log == ["lock", "load", "save", "let go"]


async def test_a_run_that_is_cut_short_again_and_again() -> None:
    """However often a renewal is interrupted, the new refresh token is stored."""
    store, host = Store(kept(REFRESH)), Host(held=asyncio.Event())
    asking = asyncio.create_task(host.client(credentials=LOGIN, logins=store).token())
    await host.waiting.wait()
    for _ in range(3):
        asking.cancel()
        await asyncio.sleep(0)
    assert host.held is not None
    host.held.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert store.login == replace(kept(REFRESH), refresh_token=NEXT)
    assert store.log == ["lock", "load", "save", "let go"]


async def cut_off(host: Host, store: Store, *, run_limit: float | None, after: float) -> asyncio.Task[Token]:
    """Begin a renewal and interrupt it `after` this many seconds."""
    client = host.client(credentials=LOGIN, logins=store, run_limit=run_limit)
    asking = asyncio.create_task(client.token())
    await host.waiting.wait()
    host.time += after
    asking.cancel()
    return asking


async def test_an_answer_just_after_the_time_limit() -> None:
    """A refresh token is stored if it arrives just after the limit."""
    store, host = Store(kept(REFRESH)), Host(held=asyncio.Event())
    asking = await cut_off(host, store, run_limit=60, after=60.0)
    assert host.held is not None
    host.held.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert store.login == replace(kept(REFRESH), refresh_token=NEXT)


@pytest.mark.parametrize(
    ("run_limit", "left", "begins"), [(60, 2.5, True), (60, 1.9, False), (3, 1.6, True), (3, 1.4, False)]
)
async def test_no_renewal_begins_too_late(run_limit: float, left: float, begins: bool) -> None:
    """A renewal that would be cut off is not sent. The login stays."""
    store, host = Store(kept(REFRESH)), Host()
    client = host.client(credentials=LOGIN, logins=store, run_limit=run_limit)
    host.time += run_limit - left
    asking = asyncio.create_task(client.token())
    if begins:
        await asking
    for _ in range(20):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert bool(host.sent) is begins
    assert store.log == (["lock", "load", "save", "let go"] if begins else [])
