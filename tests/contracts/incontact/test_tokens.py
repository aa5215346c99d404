"""Access key, login and client fetch tokens in their forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.contracts.incontact.letting import CLIENT, HOST, KEY, REFRESH, STRANGER, Letting, now, who
from tests.contracts.playing import Played, Server, at, play, said, shown

from cxone_rollcall.contracts.incontact.tokens import IncontactTokens
from cxone_rollcall.contracts.protocol import Callback
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token

TOKEN, HUB, RENEWAL = f"{HOST}/auth/token", f"{HOST}/authentication/v1/token/access-key", f"{HOST}/public/user/refresh"
TENANT = "00000000-0000-4000-8000-00000000000a"
JWT = "e30.eyJ0ZW5hbnRJZCI6IjAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwYSJ9.c2ln"
BACK = "http://127.0.0.1:8765/callback"


def signed_in(credentials: Credentials, server: Server, identity: IncontactTokens | None = None) -> Played[Token]:
    """Ask for a token."""
    return play((identity or IncontactTokens(HOST, None)).sign_in(credentials, now=now), server)


def tokens(played: Played[Any]) -> list[Request]:
    """Return the requests for a token."""
    return [request for request in played.asked if request.method == "POST"]


def where(request: Request) -> str:
    """Return the place of the client's secret in a request."""
    in_header, in_body = "Authorization" in shown(request.headers), "client_secret" in shown(request.form)
    assert not (in_header and in_body)
    return "header" if in_header else "body" if in_body else "nowhere"


def error_of(played: Played[Any]) -> tuple[int | None, str]:
    """Return the status and the error that the steps failed with."""
    assert isinstance(played.error, RequestFailed)
    return played.error.failure.status, played.error.failure.error


def test_the_header_first() -> None:
    """The client is sent in a Basic header first. If that is accepted, nothing else is tried."""
    played = signed_in(who(), Letting())
    assert played.came_to.access_token == Secret("granted-token")
    assert (played.came_to.exchange, played.came_to.expires_at) == (3, 4600.0)
    (request,) = tokens(played)
    assert (request.base + request.target, where(request), request.as_json) == (TOKEN, "header", False)
    assert shown(request.form) == {"grant_type": "password", "username": KEY[0], "password": KEY[1]}


def test_then_the_body() -> None:
    """A server that wants the client in the body gets it there."""
    identity = IncontactTokens(HOST, None)
    played = signed_in(who(), Letting(client_at="body"), identity)
    assert [where(request) for request in tokens(played)] == ["header", "body"]
    assert shown(tokens(played)[1].form) == {
        "grant_type": "password",
        "username": KEY[0],
        "password": KEY[1],
        "client_id": CLIENT[0],
        "client_secret": CLIENT[1],
    }
    again = signed_in(who(), Letting(client_at="body"), identity)
    assert [where(request) for request in again.asked] == ["body"]


def test_a_server_that_changes_its_mind() -> None:
    """If an accepted place is refused later, the other one is tried."""
    identity = IncontactTokens(HOST, None)
    signed_in(who(), Letting(client_at="body"), identity)
    assert [where(one) for one in signed_in(who(), Letting(client_at="header"), identity).asked] == ["body", "header"]


@pytest.mark.parametrize("status", [400, 403])
def test_a_refused_key(status: int) -> None:
    """A refused key is not sent again with the client elsewhere."""
    played = signed_in(who(key=STRANGER), Letting(statuses=(401, status)))
    assert error_of(played) == (status, "invalid_grant")
    assert len(tokens(played)) == 1


@pytest.mark.parametrize("error", ["unsupported_grant_type", "invalid_scope"])
def test_another_refusal(error: str) -> None:
    """A refusal of something else than the client is final."""
    letting = Letting()
    played = signed_in(who(), lambda request: said(400, {"error": error}) if request.form else letting(request))
    assert (error_of(played), len(tokens(played))) == ((400, error), 1)


def test_which_refusal_counts() -> None:
    """The refusal raised is that of the place that the server reads. There it looks for the client."""
    assert error_of(signed_in(who(key=STRANGER), Letting(client_at="body"))) == (400, "invalid_grant")
    letting = Letting(client_at="header", clients=())

    def header_only(request: Request) -> Response:
        return said(400, {"error": "invalid_request"}) if where(request) == "body" else letting(request)

    assert error_of(signed_in(who(), header_only)) == (401, "invalid_client")


@pytest.mark.parametrize("trouble", [said(500), said(429), said(200, b"{"), said(302), FailureKind.TIMED_OUT])
def test_a_5xx_is_no_refusal(trouble: Response | FailureKind) -> None:
    """A failing server refuses nothing. Neither another place nor another role is tried."""
    letting = Letting()
    identity = IncontactTokens(HOST, None)
    played = signed_in(who(), lambda request: trouble if request.form else letting(request), identity)
    assert len(tokens(played)) == 1
    assert identity.roles.exchange == 0
    assert played.error is not None


def test_a_client_without_a_secret() -> None:
    """A client without a secret is sent in the body, once."""
    letting = Letting(clients=((CLIENT[0], ""),))
    (request,) = tokens(signed_in(who((CLIENT[0], "")), letting))
    assert (where(request), shown(request.form)["client_id"]) == ("nowhere", CLIENT[0])


def test_a_key_without_a_client() -> None:
    """A key without a client goes to the user hub, also renewals."""
    identity = IncontactTokens(HOST, None)
    played = signed_in(who(None), Letting(), identity)
    (request,) = tokens(played)
    assert (request.base + request.target, request.as_json, request.headers) == (HUB, True, ())
    assert shown(request.form) == {"accessKeyId": KEY[0], "accessKeySecret": KEY[1]}
    renewed = play(identity.renew(Secret(REFRESH), who(None), now=now), Letting())
    assert (renewed.addresses, renewed.asked[0].as_json) == ([RENEWAL], True)
    assert shown(renewed.asked[0].form) == {"token": REFRESH}
    token = renewed.came_to
    assert (token.access_token, token.refresh_token, token.expires_at) == (
        *(Secret("hub-token"), Secret("hub-s3cret")),
        1060.0,
    )


def test_renewal_by_form_a() -> None:
    """A refresh token has its client id in the body. The secret, if any, is in the header."""
    for client, place in ((CLIENT, "header"), ((CLIENT[0], ""), "nowhere")):
        played = play(IncontactTokens(HOST, None).renew(Secret(REFRESH), who(client, None), now=now), Letting())
        assert played.came_to.refresh_token == Secret("next-refresh-s3cret")
        (request,) = tokens(played)
        assert where(request) == place
        expected = {"grant_type": "refresh_token", "refresh_token": REFRESH, "client_id": CLIENT[0]}
        assert shown(request.form) == expected


def test_a_code() -> None:
    """A code is redeemed with its proof and its redirect address."""
    steps = IncontactTokens(HOST, None).redeem(
        Secret("c=1"), Secret("proof"), BACK, who((CLIENT[0], ""), None), now=now
    )
    (request,) = tokens(play(steps, Letting()))
    assert shown(request.form) == {
        "grant_type": "authorization_code",
        "code": "c=1",
        "redirect_uri": BACK,
        "code_verifier": "proof",
        "client_id": CLIENT[0],
    }


def test_a_client_without_a_key() -> None:
    """A client without a key uses its own grant."""
    (request,) = tokens(signed_in(who(grant_type="client_credentials"), Letting()))
    assert (shown(request.form), where(request)) == ({"grant_type": "client_credentials"}, "header")


@pytest.mark.parametrize("configuration", [{"api_endpoint": HOST, "tenantId": TENANT}, {"api_endpoint": HOST}])
@pytest.mark.parametrize("tenant_id", [None, "another tenant/id"])
def test_where_a_user_logs_in(configuration: dict[str, object], tenant_id: str | None) -> None:
    """The authorize address has all that the page needs. It has the tenant if one is set or found."""
    callback = Callback(redirect_uri=BACK, state="s&t", nonce="n", challenge="c")
    steps = IncontactTokens(HOST, tenant_id).authorize_url(who(), callback)
    url = urlsplit(play(steps, Letting(configuration=configuration)).came_to)
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{HOST}/auth/authorize"
    tenant = tenant_id or configuration.get("tenantId")
    assert parse_qs(url.query) == {
        "response_type": ["code"],
        "client_id": [CLIENT[0]],
        "redirect_uri": [BACK],
        "scope": ["openid"],
        "state": ["s&t"],
        "nonce": ["n"],
        "code_challenge": ["c"],
        "code_challenge_method": ["S256"],
        **({"tenantId": [tenant]} if tenant else {}),
    }


@pytest.mark.parametrize("told", [{"access_token": JWT}, {"id_token": JWT}])
def test_the_tenant_that_the_token_names(told: dict[str, object]) -> None:
    """If discovery leaves the API open, the token's tenant leads to it."""
    letting, api = Letting(told=told), "https://api-na1.niceincontact.com"

    def server(request: Request) -> Response:
        if request.target == f"/.well-known/cxone-configuration?tenantId={TENANT}":
            return said(200, {"api_endpoint": api})
        return said(404) if "cxone" in request.target else letting(request)

    identity = IncontactTokens(HOST, None)
    assert identity.api == HOST
    played = signed_in(who(), server, identity)
    assert played.came_to.access_token
    assert identity.api == api
    assert [request.target for request in played.asked[-1:]] == [f"/.well-known/cxone-configuration?tenantId={TENANT}"]


def test_a_tenant_that_is_not_named() -> None:
    """Without a tenant in the token the instance is the API. Without an instance no API is found."""
    letting = Letting(configuration={})
    identity = IncontactTokens(HOST, None)
    assert signed_in(who(), letting, identity).came_to.access_token
    assert identity.api == HOST
    issuer = "https://cxone.niceincontact.com"

    def nice(request: Request) -> Response:
        endpoints = said(200, {"token_endpoint": f"{issuer}/auth/token"})
        return endpoints if "openid" in request.target else letting(request)

    assert signed_in(who(), nice, IncontactTokens("", "no such tenant")).kind is FailureKind.NOT_FOUND


KEY_ALONE = who(client=None)


@pytest.mark.parametrize(
    "answer",
    [said(401), said(401, {"details": "no"}), said(403, b"<html><title>Blocked</title>"), said(400, {"message": "no"})],
)
def test_no_code_is_invented(answer: Response) -> None:
    """A refusal of a key that names no error has none."""
    letting = Letting()
    played = signed_in(KEY_ALONE, lambda request: answer if request.form else letting(request))
    assert error_of(played) == (answer.status, "")


@pytest.mark.parametrize("answer", [said(403), said(403, b"<html>"), said(401, b"<html>")])
def test_an_edge_is_shown_credentials_once(answer: Response) -> None:
    """A page or empty 403 as answer refuses no client. Neither another place nor a role is tried."""
    letting, identity = Letting(), IncontactTokens(HOST, None)
    played = signed_in(who(), lambda request: answer if request.form else letting(request), identity)
    assert (len(tokens(played)), identity.roles.exchange) == (1, 0)


@pytest.mark.parametrize("area", ["", "na1"])
def test_a_hub_that_nothing_names(area: str) -> None:
    """A refusal by a guessed hub is marked as a guess. The issuer was asked, because nothing named the hub."""
    issuer, hub = "https://cxone.niceincontact.com", "https://na1.nice-incontact.com"
    configuration = said(200, {"area": area, "api_endpoint": "https://api-na1.niceincontact.com"})
    server = at(
        {
            f"{issuer}/.well-known/openid-configuration": said(200, {"token_endpoint": f"{issuer}/auth/token"}),
            f"{issuer}/.well-known/cxone-configuration": configuration if area else said(400),
            f"{hub if area else issuer}/authentication/v1/token/access-key": said(401, {"message": "no"}),
        }
    )
    played = signed_in(KEY_ALONE, server, IncontactTokens("", None))
    assert isinstance(played.error, RequestFailed)
    failure = played.error.failure
    assert (failure.status, failure.detail, failure.guessed) == (401, "no", not area)
