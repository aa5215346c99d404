"""Token faults affect both forms of `incontact`, logins and renewals."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from tests.emulator.logins import INCONTACT, claims

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields

HUB, HUB_RENEWAL = "/authentication/v1/token/access-key", "/public/user/refresh"


async def by_code(visitor: Visitor) -> Any:
    """Log in; redeem the code."""
    return await INCONTACT.redeem(visitor, await INCONTACT.code(visitor))


async def by_hub(visitor: Visitor) -> Any:
    """Ask the user hub."""
    of = visitor.emulator.credentials
    key = {"accessKeyId": of.access_key_id, "accessKeySecret": of.access_key_secret}
    return await visitor.ask("POST", HUB, json=key, token="")


async def outcomes(visitor: Visitor, fault: str) -> Mapping[str, Any]:
    """Return the result of each way to a token under a fault. Renewed tokens were granted before."""
    form_a, hub = (await visitor.ask_token()).json, (await by_hub(visitor)).json
    ways: Mapping[str, Callable[[], Awaitable[Any]]] = {
        "key": visitor.ask_token,
        "code": lambda: by_code(visitor),
        "renewal": lambda: INCONTACT.renew(visitor, form_a["refresh_token"]),
        "hub": lambda: by_hub(visitor),
        "hub-renewal": lambda: visitor.ask("POST", HUB_RENEWAL, json={"token": hub["refresh_token"]}, token=""),
    }
    await visitor.ask("PUT", "/_emulator/faults", json={"faults": [fault]})
    return {name: await way() for name, way in ways.items()}


def token_of(reply: Any) -> str:
    """Return the access token of an answer, under either name."""
    assert reply.status == 200
    said = reply.json
    token: str = said.get("token") or said["access_token"]
    return token


@pytest.mark.parametrize("refused", ["usual", "400", "401"])
@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ("client-refused", 401, "invalid_client"),
        ("grant-refused", 400, "unsupported_grant_type"),
        ("grant-refused=invalid_scope", 400, "invalid_scope"),
        ("key-refused", 400, "invalid_grant"),
    ],
)
async def test_every_way_to_a_token_is_refused(
    published: Visit, fault: str, status: int, error: str, refused: str
) -> None:
    """Each way to a token is refused, with its reason. It has the status and the spelling of this tenant."""
    readings = {"refused": refused, "spelling": "errorDescription"}
    async with published(log_in=False, readings=readings) as visitor:
        for reply in (await outcomes(visitor, fault)).values():
            assert reply.status == (status if refused == "usual" else int(refused))
            assert (reply.json["error"], set(reply.json)) == (error, {"error", "errorDescription"})


@pytest.mark.parametrize("rotates", [False, True])
async def test_refresh_refused(published: Visit, rotates: bool) -> None:
    """Refresh tokens of both forms are refused, keys and codes work."""
    async with published(log_in=False, readings={"refresh_rotates": rotates}) as visitor:
        found = await outcomes(visitor, "refresh-refused")
        assert {name for name, reply in found.items() if reply.status != 200} == {"renewal", "hub-renewal"}
        assert {found[name].json["error"] for name in ("renewal", "hub-renewal")} == {"invalid_grant"}


async def test_foreign_tenant(published: Visit) -> None:
    """Each new token names the same other tenant. Discovery names the right one."""
    async with published(log_in=False) as visitor:
        found = await outcomes(visitor, "foreign-tenant")
        named = {claims(token_of(reply))["tenantId"] for reply in found.values()}
        assert len(named) == 1
        said = (await visitor.ask("GET", "/.well-known/cxone-configuration")).json
        assert named.isdisjoint({said["tenantId"], visitor.emulator.tenant.tenant_id})


@pytest.mark.parametrize(
    ("fault", "status"),
    [("token-rejected", 401), ("no-user", 403), ("scope-missing=agent:read", 403), ("token-expires=life=0", 401)],
)
async def test_a_token_that_does_not_open_the_roster(published: Visit, fault: str, status: int) -> None:
    """No token opens the roster, whatever way led to it."""
    async with published(log_in=False) as visitor:
        # As many tokens die as are asked for.
        whole = f"{fault},times=9" if fault.startswith("token-expires") else fault
        for reply in (await outcomes(visitor, whole)).values():
            assert await INCONTACT.opens(visitor, token_of(reply)) == status


async def test_tokens_name_the_only_visible_agent(published: Visit) -> None:
    """Any token names the only agent that the caller sees."""
    async with published(log_in=False) as visitor:
        found = await outcomes(visitor, "own-user-only")
        named = {claims(token_of(reply))["icAgentId"] for reply in found.values()}
        assert named == set(visitor.emulator.tenant.chosen("own-user-only", 1))


async def test_opaque_tokens_open_the_roster(published: Visit) -> None:
    """Opaque tokens open the roster. Their refresh token stays."""
    async with published(log_in=False) as visitor:
        for name, reply in (await outcomes(visitor, "token-plain")).items():
            assert "." not in token_of(reply)
            assert await INCONTACT.opens(visitor, token_of(reply)) == 200
            if name != "hub-renewal":
                assert set(reply.json) == {"access_token", "token_type", "refresh_token"}


@pytest.mark.parametrize(("fault", "status"), [("server-error=token", 503), ("rate-limit-forever=at=token", 429)])
async def test_a_fault_affects_every_path(published: Visit, fault: str, status: int) -> None:
    """A fault of the token endpoint affects each of its paths."""
    async with published(log_in=False) as visitor:
        assert {reply.status for reply in (await outcomes(visitor, fault)).values()} == {status}
