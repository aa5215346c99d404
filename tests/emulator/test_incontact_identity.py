"""Discovery and both token forms of incontact."""

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from cxone_rollcall.emulator import Emulator

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import


def decoded(part: str) -> bytes:
    """Return a part of a JWT as bytes."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified(token: str, keys: Any) -> dict[str, Any]:
    """Return what a token claims, once OpenSSL has verified its signature."""
    signed, _, signature = token.rpartition(".")
    header, claims = (json.loads(decoded(part)) for part in signed.split("."))
    (key,) = (key for key in keys["keys"] if key["kid"] == header["kid"])
    assert (header["alg"], key["kty"], key["alg"]) == ("RS256", "RSA", "RS256")
    modulus, exponent = (int.from_bytes(decoded(key[name])) for name in ("n", "e"))
    assert modulus.bit_length() == 2048
    public_key = RSAPublicNumbers(exponent, modulus).public_key()
    public_key.verify(decoded(signature), signed.encode(), PKCS1v15(), SHA256())
    found: dict[str, Any] = claims
    return found


async def test_discovery_names_the_emulator(published: Visit) -> None:
    """The issuer names its endpoints, the configuration its API. All of them are the emulator itself."""
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
            assert {"private", "ui_endpoint", "globaldomain"} < set(said)
        assert {"display_values_supported", "end_session_endpoint"} < set(openid)


async def test_discovery_names_the_requested_host(published: Visit) -> None:
    """Discovery names the host that was requested, as through a proxy. An invalid host is not echoed."""
    async with published(log_in=False) as visitor:
        for host, named in (("cxone.niceincontact.com", "cxone.niceincontact.com"), ('"><b>', "localhost")):
            reply = await visitor.ask("GET", "/.well-known/openid-configuration", headers={"Host": host})
            assert reply.json["issuer"] == f"http://{named}"


async def test_unknown_tenant(published: Visit) -> None:
    """An unknown tenant id is a 404, a missing one a 400."""
    async with published(log_in=False, readings={"tenant_needed": True}) as visitor:
        path = "/.well-known/cxone-configuration"
        assert (await visitor.ask("GET", f"{path}?tenantId=nobody")).status == 404
        assert (await visitor.ask("GET", path)).status == 400


@pytest.mark.parametrize("client_at", ["any", "header", "body"])
async def test_client_in_header_or_body(published: Visit, client_at: str) -> None:
    """The client is read from a Basic header or the body.

    Its secret may be encoded; a tenant may read one place only.
    """
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
    """An access key gets signed tokens. Their claims name the user, the tenant and no scope."""
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


async def test_every_tenant_has_the_same_key(published: Visit) -> None:
    """Every emulator signs with the same key. So a token outlives a restart."""
    async with published() as one, published(seed=2) as other:
        keys = [(await visitor.ask("GET", "/auth/jwks")).json for visitor in (one, other)]
        assert keys[0] == keys[1]
        verified(one.token, keys[1])


async def test_an_equals_sign_in_a_key(published: Visit) -> None:
    """An equals sign in a key must be sent as %3D. Otherwise it ends the value."""
    async with published(log_in=False, access_key_secret="abc==") as visitor:
        form = "grant_type=password&username=emulated-key&client_id=emulated-client&client_secret=emulated-secret"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for password, status in (("abc%3D%3D", 200), ("abc==", 400)):
            data = f"{form}&password={password}".encode()
            assert (await visitor.ask("POST", "/auth/token", data=data, headers=headers)).status == status


@pytest.mark.parametrize("spelling", ["error_description", "errorDescription", "error_Description"])
async def test_a_wrong_client_and_a_wrong_key(published: Visit, spelling: str) -> None:
    """A wrong client and a wrong key differ, in each error spelling."""
    async with published(log_in=False, readings={"spelling": spelling}) as visitor:
        for form, status, error in (
            ({"client_secret": "wrong"}, 401, "invalid_client"),
            ({"password": "wrong"}, 400, "invalid_grant"),
            ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ):
            reply = await visitor.ask_token(**form)
            assert (reply.status, reply.json["error"], set(reply.json)) == (status, error, {"error", spelling})


@pytest.mark.parametrize("status", [400, 401])
async def test_the_status_of_a_refusal(published: Visit, status: int) -> None:
    """All refusals may have one and the same status."""
    async with published(log_in=False, readings={"refused": str(status)}) as visitor:
        for form in ({"client_secret": "wrong"}, {"password": "wrong"}):
            assert (await visitor.ask_token(**form)).status == status


async def test_client_credentials(published: Visit) -> None:
    """The client's own grant may give a token without a user. It opens nothing of the API."""
    async with published(log_in=False, readings={"client_credentials": True}) as visitor:
        token = (await visitor.ask_token(grant_type="client_credentials")).json["access_token"]
        assert "icAgentId" not in json.loads(decoded(token.split(".")[1]))
        assert (await visitor.get("agents", token=token)).status == 403


async def test_user_hub(published: Visit) -> None:
    """The user hub accepts the access key as JSON. Renewals have other names."""
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


KEY_FORM = {"grant_type": "password", "username": "emulated-key", "password": "emulated-key-secret="}
CLIENT = {"client_id": "emulated-client", "client_secret": "emulated-secret"}


@pytest.mark.parametrize(("reading", "status"), [("any", 200), ("form", 400)])
async def test_a_form_with_another_label(published: Visit, reading: str, status: int) -> None:
    """A form labelled as JSON, or true JSON, gets a token."""
    settings = {"access_key_secret": KEY_FORM["password"], "readings": {"grant_body": reading}}
    async with published(log_in=False, **settings) as visitor:
        headers = {"Content-Type": "application/json"}
        form = urlencode({**KEY_FORM, **CLIENT}).encode()
        assert (await visitor.ask("POST", "/auth/token", data=form, headers=headers)).status == status
        assert (await visitor.ask("POST", "/auth/token", json={**KEY_FORM, **CLIENT})).status == status
        pair = {"Authorization": f"Basic {base64.b64encode(':'.join(CLIENT.values()).encode()).decode()}"}
        assert (await visitor.ask("POST", "/auth/token", json=KEY_FORM, headers=pair)).status == status


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}",
        b'{"grant_type": 7}',
        b'{"grant_type": "refresh_token", "refresh_token": "\\ud800"}',
        b'{"grant_type": "password", "client_id": "\\ud800"}',
    ],
)
async def test_json_that_asks_for_no_token(published: Visit, body: bytes) -> None:
    """JSON without a readable grant, client or key is refused."""
    async with published(log_in=False) as visitor:
        assert (await visitor.ask("POST", "/auth/token", data=body)).status in {400, 401}


@pytest.mark.parametrize(("reading", "status"), [("optional", 200), ("needed", 401)])
async def test_a_renewal_without_a_client(published: Visit, reading: str, status: int) -> None:
    """A renewal may have to name the client. A wrong client is refused in any case."""
    async with published(log_in=False, readings={"refresh_client": reading}) as visitor:
        renewal = {"grant_type": "refresh_token", "refresh_token": (await visitor.ask_token()).json["refresh_token"]}
        assert (await visitor.ask("POST", "/auth/token", data=renewal)).status == status
        for client_id, expected in (("emulated-client", 200), ("other", 401)):
            reply = await visitor.ask("POST", "/auth/token", data={**renewal, "client_id": client_id})
            assert reply.status == expected


async def test_regional_tokens(published: Visit) -> None:
    """The regional endpoint gives tokens under other names, and renews them."""
    async with published(log_in=False) as visitor:
        base, key = "/public/authentication/v1/", {"accessKeyId": "emulated-key"}
        said = await visitor.ask("POST", f"{base}token", json={**key, "accessKeySecret": "emulated-key-secret"})
        again = await visitor.ask("POST", f"{base}refresh", json={"token": said.json["refreshToken"]})
        for reply in (said, again):
            assert set(reply.json) == {"accessToken", "accessTokenExpiry", "refreshToken"}
            assert (await visitor.get("agents", token=reply.json["accessToken"])).status == 200
        assert (await visitor.ask("POST", f"{base}token", json=key)).status == 401


async def test_whoami(published: Visit) -> None:
    """Whoami names the user of a token and where the API is."""
    async with published() as visitor:
        path = "/incontactauthorizationserver/token/whoami"
        said = (await visitor.ask("POST", path, json={"token": visitor.token})).json
        claims = json.loads(decoded(visitor.token.split(".")[1]))
        assert (str(said["agent_id"]), said["bus_no"]) == (claims["icAgentId"], claims["icBUId"])
        assert (said["iss"], said["sub"], claims["role"]["legacyId"]) == (visitor.url, claims["sub"], "Administrator")
        base = said["resource_server_base_uri"].removeprefix(visitor.url)
        assert (await visitor.ask("GET", f"{base}services/v34.0/agents")).status == 200
        for body in ({"token": "unknown"}, {"token": 7}, {}):
            assert (await visitor.ask("POST", path, json=body)).status == 401
        assert (await visitor.ask("POST", path, data=b"[]")).status == 400


@pytest.mark.parametrize(("contract", "other"), [("v2", "incontact"), ("incontact", "v2")])
async def test_a_contract_that_is_not_served(visit: Visit, contract: str, other: str) -> None:
    """A contract that is not served has no endpoint, not even tokens."""
    paths = {
        "v2": ("/oauth/token", "/api/v2/agents", "/api/v2/agents/states"),
        "incontact": ("/auth/token", "/.well-known/openid-configuration", "/incontactapi/services/v34.0/agents"),
    }
    async with visit(contracts=(contract,), log_in=False) as visitor:
        assert {(await visitor.ask("GET", path)).status for path in paths[other]} == {404}
        assert 404 not in {(await visitor.ask("GET", path)).status for path in paths[contract]}


async def test_both_contracts(visit: Visit, published: Visit) -> None:
    """Side by side, both contracts have the same agents. Neither accepts the other's tokens."""
    both = ("v2", "incontact")
    async with visit(contracts=both) as old, published(contracts=both, log_in=False) as visitor:
        visitor.emulator, visitor.url = old.emulator, old.url
        await visitor.log_in()
        rows = await visitor.follow("agents?top=100", "agents")
        assert [str(row["agentId"]) for row in rows] == await old.roster()
        assert (await visitor.get("agents", token=old.token)).status == 401
        assert (await old.ask("GET", "/api/v2/agents", token=visitor.token)).status == 401


def test_credentials_are_the_same() -> None:
    """Both contracts accept the same client and key."""
    assert Emulator().credentials.access_key_id == "emulated-key"
