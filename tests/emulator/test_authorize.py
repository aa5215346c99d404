"""A user logs in with a browser, by code and PKCE. Renewals keep the user logged in, on either contract."""

import base64
from typing import Any

import pytest
from tests.emulator.logins import BACK, INCONTACT, LOGINS, V2, Login, claims, returned

from cxone_rollcall.emulator import Readings

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import

EITHER = pytest.mark.parametrize("login", LOGINS, ids=[login.contract for login in LOGINS])


@EITHER
async def test_the_form_redirects_with_state_and_code(visit: Visit, login: Login) -> None:
    """The page's form redirects with state and a one-time code."""
    async with visit(contracts=(login.contract,), log_in=False) as visitor:
        page = await visitor.ask("GET", login.target(visitor))
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert f'<form method="post" action="{login.page}?'.encode() in page.body
        sent = await login.press(visitor)
        assert sent.headers["location"].partition("?")[0] == BACK
        assert returned(sent)["state"] == "s&t=1"
        said = await login.redeem(visitor, returned(sent)["code"])
        assert (said.status, said.headers["cache-control"]) == (200, "no-store")
        assert {"access_token", "token_type", "expires_in", "refresh_token"} <= set(said.json)
        assert await login.opens(visitor, said.json["access_token"]) == 200
        assert (await login.redeem(visitor, returned(sent)["code"])).json["error"] == "invalid_grant"


async def test_the_id_token_has_the_nonce(visit: Visit) -> None:
    """The id token (incontact) has the nonce of the request."""
    async with visit(contracts=("incontact",), log_in=False) as visitor:
        said = await INCONTACT.redeem(visitor, await INCONTACT.code(visitor))
        assert claims(said.json["id_token"])["nonce"] == "n-1"


@EITHER
@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 50},
        {"redirect_uri": BACK + "/"},
        {"code_verifier": ""},
        {"client_id": "somebody"},
        {"client_secret": "wrong"},
    ],
)
async def test_wrong_proof(visit: Visit, login: Login, changes: dict[str, str]) -> None:
    """A code needs the proof and address that it was given for. It also needs the right client and secret."""
    async with visit(contracts=(login.contract,), log_in=False) as visitor:
        refused = await login.redeem(visitor, await login.code(visitor), **changes)
        of_client = {"client_id", "client_secret"} & set(changes)
        assert refused.json["error"] == ("invalid_client" if of_client else "invalid_grant")
        assert (await login.redeem(visitor, "made-up")).json["error"] == "invalid_grant"


@EITHER
async def test_a_client_secret_is_optional(visit: Visit, login: Login) -> None:
    """A login needs no client secret, and accepts a correct one."""
    async with visit(contracts=(login.contract,), log_in=False) as visitor:
        secret = visitor.emulator.credentials.client_secret
        said = await login.redeem(visitor, await login.code(visitor), client_secret=secret)
        assert said.status == 200
        assert (await login.renew(visitor, said.json["refresh_token"], client_secret=secret)).status == 200
        assert (await login.renew(visitor, said.json["refresh_token"], client_secret="wrong")).status == 401
        pair = base64.b64encode(f"emulated-client:{secret}".encode()).decode()
        form = {"grant_type": "refresh_token", "refresh_token": said.json["refresh_token"]}
        headers = {"Authorization": f"Basic {pair}"}
        assert (await visitor.ask("POST", login.token, data=form, headers=headers)).status == 200


@EITHER
async def test_a_code_expires(visit: Visit, login: Login) -> None:
    """A code is good for a minute."""
    time = [1000.0]
    async with visit(contracts=(login.contract,), log_in=False, now=lambda: time[0]) as visitor:
        code = await login.code(visitor)
        time[0] += 60
        assert (await login.redeem(visitor, code)).status == 400


@EITHER
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
    ],
)
async def test_client_errors_are_redirected(visit: Visit, login: Login, changes: dict[str, str], error: str) -> None:
    """The client's errors, and a user's refusal, are redirected to the client."""
    async with visit(contracts=(login.contract,), log_in=False) as visitor:
        for reply, said in (
            (await login.press(visitor, **changes), error),
            (await login.press(visitor, "deny"), "access_denied"),
        ):
            back = returned(reply)
            assert (back["error"], back["state"]) == (said, "s&t=1")
            assert "code" not in back


@EITHER
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"tenantId": "nobody"},
        {"redirect_uri": "https://example.com/"},
        {"redirect_uri": "http://127.0.0.1.example.com/"},
        {"redirect_uri": "http://[::1"},
        {"redirect_uri": ""},
    ],
)
async def test_no_user_is_redirected_elsewhere(visit: Visit, login: Login, changes: dict[str, str]) -> None:
    """Unknown clients and foreign hosts get no redirect."""
    async with visit(contracts=(login.contract,), log_in=False) as visitor:
        for method in ("GET", "POST"):
            reply = await visitor.ask(method, login.target(visitor, **changes))
            assert (reply.status, "location" in reply.headers) == (400, False)


@EITHER
async def test_page_escapes(visit: Visit, login: Login) -> None:
    """Parameters are escaped in the page and in headers."""
    async with visit(contracts=(login.contract,), log_in=False) as visitor:
        page = await visitor.ask("GET", login.target(visitor, state='"><script>'))
        assert b"<script>" not in page.body
        reply = await login.press(visitor, redirect_uri=f"{BACK}\r\nX-Injected: 1")
        assert "x-injected" not in reply.headers


@EITHER
async def test_a_refresh_token_works_repeatedly(visit: Visit, login: Login) -> None:
    """A refresh token works until it expires, repeatedly unless it rotates."""
    time, readings = [1000.0], Readings(refresh_life=100)
    settings = {"contracts": (login.contract,), "now": lambda: time[0], "readings": readings}
    async with visit(log_in=False, **settings) as visitor:
        first = (await login.redeem(visitor, await login.code(visitor))).json["refresh_token"]
        for _ in range(2):
            renewed = await login.renew(visitor, first)
            assert (renewed.status, renewed.json["refresh_token"]) == (200, first)
            assert await login.opens(visitor, renewed.json["access_token"]) == 200
        assert (await login.renew(visitor, "made-up")).json["error"] == "invalid_grant"
        time[0] += 100
        assert (await login.renew(visitor, first)).json["error"] == "invalid_grant"


@EITHER
async def test_a_refresh_token_that_rotates(visit: Visit, login: Login) -> None:
    """With rotation, a used refresh token is refused, the next works."""
    settings = {"contracts": (login.contract,), "readings": Readings(refresh_rotates=True)}
    async with visit(log_in=False, **settings) as visitor:
        first = (await login.redeem(visitor, await login.code(visitor))).json["refresh_token"]
        second = (await login.renew(visitor, first)).json["refresh_token"]
        assert (await login.renew(visitor, first)).status == 400
        assert (await login.renew(visitor, second)).status == 200


async def test_scopes_of_a_login(visit: Visit) -> None:
    """On v2 a login gets the requested scopes, all by default. A renewal gets no more than these."""
    async with visit(log_in=False) as visitor:
        said = (await V2.redeem(visitor, await V2.code(visitor, scope="agent:read"))).json
        assert said["scope"] == claims(said["access_token"])["scope"] == "agent:read"
        assert (await V2.renew(visitor, said["refresh_token"])).json["scope"] == "agent:read"
        wider = await V2.renew(visitor, said["refresh_token"], scope="presence:read")
        assert (wider.status, wider.json["error"]) == (400, "invalid_scope")
        said = (await V2.redeem(visitor, await V2.code(visitor))).json
        assert said["scope"] == "agent:read presence:read"
        assert claims(said["access_token"])["sub"] == "key.owner@example.com"


async def test_no_login_no_renewal(visit: Visit) -> None:
    """On v2 only a login gives a refresh token."""
    async with visit(log_in=False) as visitor:
        key = {"grant_type": "password", "username": "emulated-key", "password": "emulated-key-secret"}
        for form in ({}, key):
            assert "refresh_token" not in (await visitor.ask_token(**form)).json


async def test_contracts_keep_apart(visit: Visit) -> None:
    """Side by side, neither contract takes the other's codes or refresh tokens."""
    async with visit(contracts=("v2", "incontact"), log_in=False) as visitor:
        for one, other in ((V2, INCONTACT), (INCONTACT, V2)):
            code = await one.code(visitor)
            assert (await other.redeem(visitor, code)).status == 400
            said = (await one.redeem(visitor, code)).json
            assert (await other.renew(visitor, said["refresh_token"])).status == 400
            assert await other.opens(visitor, said["access_token"]) == 401


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@EITHER
async def test_other_methods(visit: Visit, login: Login, method: str) -> None:
    """The page takes only GET and POST."""
    async with visit(contracts=(login.contract,), log_in=False) as visitor:
        reply = await visitor.ask(method, login.target(visitor))
        assert (reply.status, reply.headers["allow"]) == (405, "GET, POST")
