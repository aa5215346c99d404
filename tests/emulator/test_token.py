"""The token endpoint follows RFC 6749, token checks RFC 6750."""

import base64
import json
from typing import Any
from urllib.parse import quote_plus

import pytest

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import


def claims(token: str) -> dict[str, Any]:
    """Return what a token claims."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


async def test_a_right_client_gets_a_token(visit: Visit) -> None:
    """A right client gets a bearer token for an hour. Its claims say the same as the response."""
    async with visit(log_in=False, now=lambda: 1_000_000.7) as visitor:
        reply = await visitor.ask_token()
        said = reply.json
        assert (reply.status, said["token_type"], said["expires_in"]) == (200, "Bearer", 3600)
        assert said["scope"] == "agent:read presence:read"
        claimed = claims(said["access_token"])
        assert (claimed["iat"], claimed["exp"], claimed["scope"]) == (1_000_000, 1_003_600, said["scope"])
        assert {"sub", "iss", "tenantId"} <= set(claimed)
        assert reply.headers["cache-control"] == "no-store"


async def test_an_access_key_as_user_name_and_password(visit: Visit) -> None:
    """An access key is user name and password. A wrong one is an invalid grant."""
    async with visit(log_in=False, access_key_secret="k=y%+ é") as visitor:
        key = {"grant_type": "password", "username": "emulated-key", "password": "k=y%+ é"}
        assert (await visitor.ask_token(**key)).status == 200
        refused = await visitor.ask_token(**{**key, "password": "k"})
        assert (refused.status, refused.json["error"]) == (400, "invalid_grant")
        assert refused.json["error_description"]


async def test_a_basic_header(visit: Visit) -> None:
    """Client id and secret are read from a form-encoded Basic header."""
    async with visit(log_in=False, client_id="a:b", client_secret="s é+") as visitor:
        for secret, status in (("s é+", 200), ("s é", 401)):
            pair = base64.b64encode(f"{quote_plus('a:b')}:{quote_plus(secret)}".encode()).decode()
            form = {"grant_type": "client_credentials"}
            reply = await visitor.ask("POST", "/oauth/token", data=form, headers={"Authorization": f"Basic {pair}"})
            assert reply.status == status


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"client_id": "somebody"}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": "ünïcode"}, 401, "invalid_client"),
        ({"scope": "agent:write"}, 400, "invalid_scope"),
    ],
)
async def test_wrong_token_requests(visit: Visit, form: dict[str, str], status: int, error: str) -> None:
    """A wrong token request gets its OAuth error."""
    async with visit(log_in=False) as visitor:
        reply = await visitor.ask_token(**form)
        assert (reply.status, reply.json["error"]) == (status, error)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"grant_type", "application/x-www-form-urlencoded"),
        (b"grant_type=\xff", "application/x-www-form-urlencoded"),
        (b"grant_type=%FF", "application/x-www-form-urlencoded"),
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        (b"client_id=a", "application/x-www-form-urlencoded"),
    ],
)
async def test_an_incomplete_form(visit: Visit, body: bytes, content_type: str) -> None:
    """A payload that is no complete form is an invalid request."""
    async with visit(log_in=False) as visitor:
        reply = await visitor.ask("POST", "/oauth/token", data=body, headers={"Content-Type": content_type})
        assert (reply.status, reply.json["error"]) == (400, "invalid_request")


async def test_fewer_scopes(visit: Visit) -> None:
    """A token may have fewer scopes than the client, and opens less."""
    async with visit(log_in=False) as visitor:
        reply = await visitor.ask_token(scope="agent:read")
        assert reply.json["scope"] == "agent:read"
        visitor.token = reply.json["access_token"]
        assert (await visitor.agents()).status == 200
        assert (await visitor.states(["30000000001"])).status == 403


@pytest.mark.parametrize("token", ["", "unknown", "a.b.c"])
async def test_no_known_token(visit: Visit, token: str) -> None:
    """Without a known token there is a JSON 401 with the scheme."""
    async with visit(log_in=False) as visitor:
        visitor.token = token
        for reply in (await visitor.agents(), await visitor.states(["30000000001"])):
            assert (reply.status, reply.json["status"]) == (401, 401)
            assert reply.json["message"]
            assert reply.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_expires(visit: Visit) -> None:
    """A token works until it expires by the server's clock."""
    time = [1000.0]
    async with visit(token_life=60, now=lambda: time[0]) as visitor:
        time[0] += 59
        assert (await visitor.agents()).status == 200
        time[0] += 1
        assert (await visitor.agents()).status == 401
        assert (await (await visitor.log_in()).agents()).status == 200


async def test_token_of_another_server(visit: Visit) -> None:
    """A token of one tenant is unknown to another."""
    async with visit(seed=1) as one, visit(seed=2) as other:
        other.token = one.token
        assert (await other.agents()).status == 401
