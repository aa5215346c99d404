"""Refused credentials are tried a few times with roles exchanged."""

from __future__ import annotations

import itertools
from typing import Literal

import pytest
from tests.contracts.incontact.letting import CLIENT, HOST, KEY, REFRESH, STRANGER, Letting, now, who
from tests.contracts.playing import Played, Server, play, said

from cxone_rollcall.contracts.incontact.tokens import IncontactTokens
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.access import RolesTried
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token

MOST_TOKENS = 5
"""Most requests for a token.

The client in two places, as a key, and the key as a client, beside one that cannot exist.
"""
SECRETS = (CLIENT[1], KEY[1], STRANGER[1], REFRESH)


def tried(credentials: Credentials, server: Server) -> tuple[RolesTried, Played[Token]]:
    """Fetch a token; return the roles found, and the requests."""
    identity = IncontactTokens(HOST, None)
    played = play(identity.sign_in(credentials, now=now), server)
    return identity.roles, played


def counted(played: Played[Token]) -> int:
    """Return how many requests for a token there were."""
    return sum(request.method == "POST" for request in played.asked)


def test_no_roles_are_tried_after_success() -> None:
    """If the credentials are accepted, no roles are tried."""
    assert tried(who(), Letting())[0] == RolesTried()


def test_exchanged_client_and_key() -> None:
    """Client and access key in exchanged roles are found."""
    roles, played = tried(who(KEY, CLIENT), Letting())
    assert (roles.client_is_key, roles.exchange) == (True, len(played.asked))


def test_a_key_set_as_the_client() -> None:
    """An access key that is set as the client is found. It is tried with the client's own grant."""
    roles, _ = tried(who(KEY, None, grant_type="client_credentials"), Letting())
    assert (roles.client_is_key, roles.key_is_client) == (True, False)


@pytest.mark.parametrize("client_at", ["any", "header"])
def test_a_client_set_as_the_key(client_at: Literal["any", "header"]) -> None:
    """A client that is set as the access key is found. There may be a wrong client or none beside it."""
    for client in (STRANGER, None):
        roles, _ = tried(who(client, CLIENT), Letting(client_at=client_at))
        assert (roles.client_is_key, roles.key_is_client) == (False, True)


def test_unknown_credentials() -> None:
    """Unknown credentials have no role, and both were tried."""
    roles, played = tried(who(STRANGER, STRANGER), Letting())
    assert (roles.client_is_key, roles.key_is_client) == (False, False)
    assert roles.exchange == len(played.asked)


def test_a_wrong_key_with_a_right_client() -> None:
    """A refused key with an accepted client tests no roles."""
    assert tried(who(key=STRANGER), Letting())[0] == RolesTried()


PAIRS = {"client": CLIENT, "key": KEY, "stranger": STRANGER, "none": None}


@pytest.mark.parametrize("key_first", [False, True])
@pytest.mark.parametrize("client_at", ["any", "header", "body"])
@pytest.mark.parametrize("statuses", [(401, 400), (400, 400), (401, 401), (403, 403)])
def test_no_wrong_role_is_reported(
    client_at: Literal["any", "header", "body"], statuses: tuple[int, int], key_first: bool
) -> None:
    """No wrong role is reported, whatever the server checks first. All combinations are tried."""
    for (_, client), (_, key), grant_type in itertools.product(
        PAIRS.items(), PAIRS.items(), ("password", "client_credentials")
    ):
        letting = Letting(client_at=client_at, key_first=key_first, statuses=statuses)
        if (key if grant_type == "password" else client) is None:
            continue  # which the settings refuse
        roles, played = tried(who(client, key, grant_type=grant_type), letting)
        assert not roles.client_is_key or client == KEY
        assert not roles.key_is_client or key == CLIENT
        assert counted(played) <= MOST_TOKENS
        assert not any(secret in repr(played.asked) for secret in SECRETS)
        assert (played.kind is None) == (client == CLIENT and (key == KEY or grant_type == "client_credentials")) or (
            client is None and key == KEY
        )


@pytest.mark.parametrize("error", ["invalid_client", "invalid_grant", "invalid_request", "unauthorized_client", ""])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_server_of_one_answer(error: str, status: int) -> None:
    """A server that refuses everything alike shows nothing about roles."""
    letting = Letting()
    refused = said(status, {"error": error} if error else None)
    for client in (CLIENT, None):
        roles, played = tried(who(client), lambda request: refused if request.method == "POST" else letting(request))
        assert (roles.client_is_key, roles.key_is_client) == (False, False)
        assert counted(played) <= MOST_TOKENS


@pytest.mark.parametrize("trouble", [said(500), said(429), said(302), FailureKind.UNREACHABLE])
@pytest.mark.parametrize("answered", range(1, MOST_TOKENS))
def test_trouble_while_trying(trouble: Response | FailureKind, answered: int) -> None:
    """Trouble during the test shows nothing; the refusal is raised."""
    letting, asked = Letting(), 0

    def server(request: Request) -> Response | FailureKind:
        nonlocal asked
        asked += request.method == "POST"
        return trouble if asked > answered else letting(request)

    roles, played = tried(who(STRANGER, CLIENT), server)
    assert not roles.client_is_key
    assert played.kind is FailureKind.UNAUTHORIZED or answered == 1
    assert counted(played) <= MOST_TOKENS


def test_requests_are_described_without_secrets() -> None:
    """No purpose, target or repr of a request contains a secret."""
    identity = IncontactTokens(HOST, None)
    played = play(identity.sign_in(who(STRANGER, CLIENT), now=now), Letting(client_at="body"))
    renewed = play(identity.renew(Secret(REFRESH), who(), now=now), Letting())
    redeemed = play(
        identity.redeem(Secret("code-s3cret"), Secret("proof-s3cret"), "http://127.0.0.1/", who(), now=now), Letting()
    )
    asked = [*played.asked, *renewed.asked, *redeemed.asked]
    assert len(asked) > MOST_TOKENS
    for request in asked:
        text = f"{request!r} {request} {request.purpose} {request.target} {request.base}"
        assert not any(secret in text for secret in (*SECRETS, "s3cret"))
