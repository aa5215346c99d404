"""The published contract lets in whom it should: discovery, tokens of both forms, the authorize page, renewals."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from rollcall.emulator import Emulator

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields

BACK = "http://127.0.0.1:5555/callback"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    """Return a part of a JWT as bytes."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified(token: str, keys: Any) -> dict[str, Any]:
    """Return what a token claims, its signature checked by arithmetic that is not the emulator's."""
    header, claims, signature = token.split(".")
    said = json.loads(decoded(header))
    (key,) = (key for key in keys["keys"] if key["kid"] == said["kid"])
    assert (said["alg"], key["kty"], key["alg"]) == ("RS256", "RSA", "RS256")
    modulus, exponent = (int.from_bytes(decoded(key[name])) for name in ("n", "e"))
    opened = pow(int.from_bytes(decoded(signature)), exponent, modulus).to_bytes(256)
    digest = hashlib.sha256(f"{header}.{claims}".encode()).digest()
    der = bytes.fromhex("3031300d060960864801650304020105000420")
    assert opened == b"\x00\x01" + b"\xff" * (256 - 3 - len(der) - 32) + b"\x00" + der + digest
    found: dict[str, Any] = json.loads(decoded(claims))
    return found


def authorize(visitor: Visitor, **changes: str) -> str:
    """Return the target of the authorize page; what is not given is right."""
    whole = {
        "response_type": "code",
        "client_id": visitor.emulator.credentials.client_id,
        "redirect_uri": BACK,
        "scope": "openid",
        "state": "s&t=1",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "tenantId": visitor.emulator.tenant.tenant_id,
    }
    return f"/auth/authorize?{urlencode({**whole, **changes})}"


async def code_of(visitor: Visitor) -> str:
    """Log in on the authorize page; return the code."""
    reply = await visitor.ask("POST", authorize(visitor), data={"decision": "allow"}, token="")
    code: str = dict(parse_qsl(urlsplit(reply.headers["location"]).query))["code"]
    return code


async def renew(visitor: Visitor, token: str) -> Any:
    """Renew a token of form A, without a client's secret."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    form["client_id"] = visitor.emulator.credentials.client_id
    return await visitor.ask("POST", "/auth/token", data=form, token="")


async def redeem(visitor: Visitor, code: str, **changes: str) -> Any:
    """Ask for a token with a code, without a client's secret."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    form["client_id"] = visitor.emulator.credentials.client_id
    return await visitor.ask("POST", "/auth/token", data={**form, **changes}, token="")


async def test_discovery(published: Visit) -> None:
    """The issuer names its endpoints, and the tenant's configuration its API: all of them are the emulator itself."""
    async with published(log_in=False) as visitor:
        openid = (await visitor.ask("GET", "/.well-known/openid-configuration")).json
        assert openid["issuer"] == visitor.url
        assert openid["token_endpoint"] == f"{visitor.url}/auth/token"
        assert openid["authorization_endpoint"] == f"{visitor.url}/auth/authorize"
        tenant_id = visitor.emulator.tenant.tenant_id
        for query in ("", f"?tenantId={tenant_id}", f"?tenantId={tenant_id.upper()}"):
            said = (await visitor.ask("GET", f"/.well-known/cxone-configuration{query}")).json
            assert (said["api_endpoint"], said["tenantId"]) == (visitor.url, tenant_id)
            assert {"auth_endpoint", "area", "cluster", "domain", "acdDomain", "uhDomain"} < set(said)


async def test_discovery_names_the_host_that_was_asked(published: Visit) -> None:
    """Asked under another name, as through a proxy, the emulator names that one; what is no host is not echoed."""
    async with published(log_in=False) as visitor:
        for host, named in (("cxone.niceincontact.com", "cxone.niceincontact.com"), ('"><b>', "localhost")):
            reply = await visitor.ask("GET", "/.well-known/openid-configuration", headers={"Host": host})
            assert reply.json["issuer"] == f"http://{named}"


async def test_unknown_tenant(published: Visit) -> None:
    """A tenant id that nobody has is a 404, and one that is needed and missing a 400."""
    async with published(log_in=False, readings={"tenant_needed": True}) as visitor:
        path = "/.well-known/cxone-configuration"
        assert (await visitor.ask("GET", f"{path}?tenantId=nobody")).status == 404
        assert (await visitor.ask("GET", path)).status == 400


@pytest.mark.parametrize("client_at", ["any", "header", "body"])
async def test_client_in_header_or_body(published: Visit, client_at: str) -> None:
    """Client id and secret are taken from a Basic header, encoded or not, and from the body, or from one alone."""
    secret = "s+ é=%"
    async with published(log_in=False, client_secret=secret, readings={"client_at": client_at}) as visitor:
        key = {"grant_type": "password", "username": "emulated-key", "password": "emulated-key-secret"}
        for written in (secret, quote(secret, safe="")):
            pair = base64.b64encode(f"emulated-client:{written}".encode()).decode()
            headers = {"Authorization": f"Basic {pair}"}
            reply = await visitor.ask("POST", "/auth/token", data=key, headers=headers)
            assert (reply.status == 200) == (client_at != "body")
        reply = await visitor.ask_token()
        assert (reply.status == 200) == (client_at != "header")


async def test_password_grant(published: Visit) -> None:
    """An access key gives tokens signed by the published key, whose claims name the user, the tenant and no scope."""
    async with published(log_in=False, now=lambda: 1_000_000.7) as visitor:
        said = (await visitor.ask_token()).json
        assert (said["token_type"], said["expires_in"], "scope" in said) == ("Bearer", 3600, False)
        keys = (await visitor.ask("GET", "/auth/jwks")).json
        for name in ("access_token", "id_token"):
            claims = verified(said[name], keys)
            assert (claims["iss"], claims["iat"], claims["exp"]) == (visitor.url, 1_000_000, 1_003_600)
            assert claims["tenantId"] == visitor.emulator.tenant.tenant_id
            assert isinstance(claims["icAgentId"], str)
            assert isinstance(claims["icBUId"], int)
            assert {"sub", "aud", "userId", "tenant", "name", "icClusterId", "area"} < set(claims)
            assert "scope" not in claims


async def test_seed_decides_the_key(published: Visit) -> None:
    """The same seed has the same key, so that a token outlives a restart of the tests."""
    async with published() as one, published() as same:
        keys = [(await visitor.ask("GET", "/auth/jwks")).json for visitor in (one, same)]
        assert keys[0] == keys[1]
        verified(one.token, keys[1])


async def test_equals_sign(published: Visit) -> None:
    """An equals sign in a key is read when it is sent as %3D, and ends the value when it is not."""
    async with published(log_in=False, access_key_secret="abc==") as visitor:
        form = "grant_type=password&username=emulated-key&client_id=emulated-client&client_secret=emulated-secret"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for password, status in (("abc%3D%3D", 200), ("abc==", 400)):
            data = f"{form}&password={password}".encode()
            assert (await visitor.ask("POST", "/auth/token", data=data, headers=headers)).status == status


@pytest.mark.parametrize("spelling", ["error_description", "errorDescription", "error_Description"])
async def test_refusals(published: Visit, spelling: str) -> None:
    """A wrong client and a wrong key are told apart, under each name that errors are described by."""
    async with published(log_in=False, readings={"spelling": spelling}) as visitor:
        for form, status, error in (
            ({"client_secret": "wrong"}, 401, "invalid_client"),
            ({"password": "wrong"}, 400, "invalid_grant"),
            ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ):
            reply = await visitor.ask_token(**form)
            assert (reply.status, reply.json["error"], set(reply.json)) == (status, error, {"error", spelling})


@pytest.mark.parametrize("status", [400, 401])
async def test_refused_status(published: Visit, status: int) -> None:
    """Whatever is refused may have one and the same status."""
    async with published(log_in=False, readings={"refused": str(status)}) as visitor:
        for form in ({"client_secret": "wrong"}, {"password": "wrong"}):
            assert (await visitor.ask_token(**form)).status == status


async def test_client_credentials(published: Visit) -> None:
    """Where that grant gives a token, it is one without a user, and opens nothing of the API."""
    async with published(log_in=False, readings={"client_credentials": True}) as visitor:
        token = (await visitor.ask_token(grant_type="client_credentials")).json["access_token"]
        assert "icAgentId" not in json.loads(decoded(token.split(".")[1]))
        assert (await visitor.get("agents", token=token)).status == 403


async def test_renewal(published: Visit) -> None:
    """A refresh token gives a new token until its own life is over, and again and again where it does not rotate."""
    time = [1000.0]
    async with published(log_in=False, now=lambda: time[0], readings={"refresh_life": 100}) as visitor:
        first = (await visitor.ask_token()).json["refresh_token"]
        for _ in range(2):
            renewed = await renew(visitor, first)
            assert (renewed.status, renewed.json["refresh_token"]) == (200, first)
            assert (await visitor.get("agents", token=renewed.json["access_token"])).status == 200
        time[0] += 100
        assert (await renew(visitor, first)).json["error"] == "invalid_grant"


async def test_rotation(published: Visit) -> None:
    """Where refresh tokens rotate, a used one is refused and the next one is good."""
    async with published(log_in=False, readings={"refresh_rotates": True}) as visitor:
        first = (await visitor.ask_token()).json["refresh_token"]
        second = (await renew(visitor, first)).json["refresh_token"]
        assert (await renew(visitor, first)).status == 400
        assert (await renew(visitor, second)).status == 200


async def test_user_hub(published: Visit) -> None:
    """The user hub takes the access key alone, as JSON, and renews with other names."""
    async with published(log_in=False) as visitor:
        path, key = "/authentication/v1/token/access-key", {"accessKeyId": "emulated-key"}
        said = await visitor.ask("POST", path, json={**key, "accessKeySecret": "emulated-key-secret"})
        assert (await visitor.get("agents", token=said.json["access_token"])).status == 200
        renewed = await visitor.ask("POST", "/public/user/refresh", json={"token": said.json["refresh_token"]})
        assert set(renewed.json) == {
            "token",
            "tokenExpirationTimeSec",
            "refreshToken",
            "refreshTokenExpirationTimeSec",
        }
        assert (await visitor.get("agents", token=renewed.json["token"])).status == 200
        for body in ({**key, "accessKeySecret": "wrong"}, key, {"accessKeyId": 1, "accessKeySecret": None}):
            assert (await visitor.ask("POST", path, json=body)).json["error"] == "invalid_grant"
        assert (await visitor.ask("POST", "/public/user/refresh", json={"token": "wrong"})).status == 401
        assert (await visitor.ask("POST", path, data=b"[")).json["error"] == "invalid_request"


async def test_authorize(published: Visit) -> None:
    """The page has a form, which leads back with state and a code that is good once; the id token has the nonce."""
    async with published(log_in=False) as visitor:
        page = await visitor.ask("GET", authorize(visitor))
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert b'<form method="post" action="/auth/authorize?' in page.body
        sent = await visitor.ask("POST", authorize(visitor), data={"username": "me", "decision": "allow"})
        assert (sent.status, sent.headers["location"].partition("?")[0]) == (302, BACK)
        back = dict(parse_qsl(urlsplit(sent.headers["location"]).query))
        assert back["state"] == "s&t=1"
        said = await redeem(visitor, back["code"])
        assert said.status == 200
        assert json.loads(decoded(said.json["id_token"].split(".")[1]))["nonce"] == "n-1"
        assert (await visitor.get("agents", token=said.json["access_token"])).status == 200
        assert (await redeem(visitor, back["code"])).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "w" * 50}, {"redirect_uri": BACK + "/"}, {"code_verifier": ""}, {"client_id": "somebody"}],
)
async def test_wrong_proof(published: Visit, changes: dict[str, str]) -> None:
    """A code is no good without the proof and the address that it was given for."""
    async with published(log_in=False) as visitor:
        refused = await redeem(visitor, await code_of(visitor), **changes)
        assert refused.json["error"] == ("invalid_client" if "client_id" in changes else "invalid_grant")
        assert (await redeem(visitor, "made-up")).json["error"] == "invalid_grant"


async def test_old_code(published: Visit) -> None:
    """A code is good for a minute."""
    time = [1000.0]
    async with published(log_in=False, now=lambda: time[0]) as visitor:
        code = await code_of(visitor)
        time[0] += 60
        assert (await redeem(visitor, code)).status == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
    ],
)
async def test_authorize_tells_the_client(published: Visit, changes: dict[str, str], error: str) -> None:
    """What the client did wrong is told to the client, and so is a user who says no."""
    async with published(log_in=False) as visitor:
        for target, form, said in (
            (authorize(visitor, **changes), {"decision": "allow"}, error),
            (authorize(visitor), {"decision": "deny"}, "access_denied"),
        ):
            reply = await visitor.ask("POST", target, data=form)
            back = dict(parse_qsl(urlsplit(reply.headers["location"]).query))
            assert (reply.status, back["error"], back["state"]) == (302, said, "s&t=1")


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
async def test_authorize_sends_nobody_elsewhere(published: Visit, changes: dict[str, str]) -> None:
    """An unknown client, or one that is not on this machine, gets nobody sent to it."""
    async with published(log_in=False) as visitor:
        for method in ("GET", "POST"):
            reply = await visitor.ask(method, authorize(visitor, **changes))
            assert (reply.status, "location" in reply.headers) == (400, False)


async def test_authorize_escapes(published: Visit) -> None:
    """What stands in the question does not become a part of the page, nor of the answer's head."""
    async with published(log_in=False) as visitor:
        page = await visitor.ask("GET", authorize(visitor, state='"><script>'))
        assert b"<script>" not in page.body
        target = authorize(visitor, redirect_uri=f"{BACK}\r\nX-Injected: 1")
        reply = await visitor.ask("POST", target, data={"decision": "allow"})
        assert "x-injected" not in reply.headers


@pytest.mark.parametrize(("contract", "other"), [("v2", "incontact"), ("incontact", "v2")])
async def test_one_contract_alone(visit: Visit, contract: str, other: str) -> None:
    """What is not among the contracts is not there, its token endpoint no more than its API."""
    paths = {
        "v2": ("/oauth/token", "/api/v2/agents", "/api/v2/agents/states"),
        "incontact": ("/auth/token", "/.well-known/openid-configuration", "/incontactapi/services/v34.0/agents"),
    }
    async with visit(contracts=(contract,), log_in=False) as visitor:
        assert {(await visitor.ask("GET", path)).status for path in paths[other]} == {404}
        assert 404 not in {(await visitor.ask("GET", path)).status for path in paths[contract]}


async def test_both_contracts(visit: Visit, published: Visit) -> None:
    """Side by side the two contracts tell of the same agents, and neither honours the other's tokens."""
    both = ("v2", "incontact")
    async with visit(contracts=both) as old, published(contracts=both, log_in=False) as visitor:
        visitor.emulator, visitor.url = old.emulator, old.url
        await visitor.log_in()
        rows = await visitor.follow("agents?top=100", "agents")
        assert [str(row["agentId"]) for row in rows] == await old.roster()
        assert (await visitor.get("agents", token=old.token)).status == 401
        assert (await old.ask("GET", "/api/v2/agents", token=visitor.token)).status == 401


def test_credentials_are_the_same() -> None:
    """Whatever contract is spoken, the same client and the same key are let in."""
    assert Emulator().credentials.access_key_id == "emulated-key"
