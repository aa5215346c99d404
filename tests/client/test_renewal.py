"""A token is renewed before it expires. The refresh token renews it; if that is refused, the credentials."""

from __future__ import annotations

import pytest
from tests.client.hosts import HOST, KEY, Host
from tests.contracts.incontact.letting import REFRESH, Letting, who
from tests.contracts.playing import said, shown
from tests.support.scripted_client import failure_of, incontact

from cxone_rollcall.client import Client, connect
from cxone_rollcall.emulator import Emulator, EmulatorSettings, Readings
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.base import TransportFault

GOOD = {"refresh_token": REFRESH}
DUE = 3541.0


def is_renewal(request: Request) -> bool:
    """Whether a request carries a refresh token."""
    return request.target == "/public/user/refresh" or shown(request.form).get("grant_type") == "refresh_token"


async def aged(host: Host, client: Client, seconds: float = DUE) -> str:
    """Get a token, let it age, and return the next one."""
    await client.token()
    host.time += seconds
    return (await client.token()).access_token.reveal()


async def test_early_and_by_the_refresh_token() -> None:
    """A refresh token renews a token a minute before its end. Neither key nor discovery is sent again."""
    host = Host(letting=Letting(told=GOOD))
    client = host.client()
    first = await client.token()
    host.time += 3539
    assert await client.token() is first
    asked = len(host.sent)
    host.time += 2
    assert await client.token() is not first
    (renewal,) = host.sent[asked:]
    assert is_renewal(renewal)
    assert KEY[1] not in str(shown(renewal.form))


async def test_renewal_after_renewal() -> None:
    """The latest refresh token is used next."""
    given = iter(["first", "second", "third"])

    def says(request: Request) -> Response | None:
        if request.form is None:
            return None
        return said(200, {"access_token": "granted-token", "expires_in": 3600, "refresh_token": next(given)})

    host = Host(says=says)
    client = host.client()
    await aged(host, client)
    host.time += DUE
    await client.token()
    assert host.grants == ["password", "refresh_token", "refresh_token"]
    refreshes = [shown(request.form).get("refresh_token") for request in host.sent if request.form is not None]
    assert refreshes == [None, "first", "second"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
async def test_back_to_the_key(status: int) -> None:
    """After a refused refresh token, the key is used again."""
    refused = said(status, {"error": "invalid_grant"})
    host = Host(letting=Letting(told=GOOD), says=lambda request: refused if is_renewal(request) else None)
    client = host.client()
    assert await aged(host, client) == "granted-token"
    assert (host.grants[0], host.grants[1], host.grants[-1]) == ("password", "refresh_token", "password")
    host.time += DUE
    await client.token()
    assert host.grants.count("password") >= 2


async def test_back_to_the_key_at_the_hub() -> None:
    """A key's token without a client is renewed at the user hub. If that is refused, the key is sent again."""
    for told, grants in ((GOOD, ["key", "key"]), ({"refresh_token": "no longer"}, ["key", "key", "key"])):
        host = Host(letting=Letting(told=told))
        await aged(host, host.client(credentials=who(None)))
        paths = [request.target for request in host.sent if request.form is not None]
        assert host.grants == grants
        assert paths[1] == "/public/user/refresh"
        assert {paths[0], *paths[2:]} == {"/authentication/v1/token/access-key"}


async def test_no_refresh_token() -> None:
    """Without a refresh token, the key renews the token."""
    host = Host(letting=Letting(told={"refresh_token": None}))
    await aged(host, host.client())
    assert host.grants == ["password", "password"]


async def test_a_refused_token() -> None:
    """After the API rejects a token, the key fetches the next one."""
    refused = iter([said(401)])
    host = Host(
        letting=Letting(told=GOOD),
        says=lambda request: next(refused, None) if request.target.startswith("/incontactapi/") else None,
    )
    client = host.client()
    await incontact(client).first_agents(100)
    assert host.grants == ["password", "password"]
    assert client.log.retried == 1


async def test_the_network_is_gone() -> None:
    """A renewal without response keeps the refresh token. The old token is used until it expires."""
    gone = TransportFault(FailureKind.CERTIFICATE, "forged")
    host = Host(letting=Letting(told=GOOD))
    client = host.client()
    first = await client.token()
    host.says = lambda request: gone if request.form is not None else None
    host.time += DUE
    assert await client.token() is first
    assert host.grants == ["password", "refresh_token"]
    host.time += 60
    raised = await failure_of(client.token())
    assert raised.failure.kind is FailureKind.CERTIFICATE


async def test_by_the_tutorials_contract() -> None:
    """A refresh token of v2 is used in the same way."""
    host = Host(frozenset({"v2"}))
    client = host.client("v2", credentials=who(grant_type="client_credentials"))
    assert await aged(host, client) == "v2-token"
    assert host.grants == ["client_credentials", "refresh_token"]


AWKWARD = 'a=b==+/%&?#" \\é鈴'


@pytest.mark.parametrize("client_at", ["any", "header", "body"])
@pytest.mark.parametrize("client_id", ["emulated-client", None])
async def test_awkward_secrets_over_a_socket(client_at: str, client_id: str | None) -> None:
    """Secrets of any characters arrive unchanged. A server that cuts at a = other than %3D sees the whole secret."""
    readings = Readings(client_at=client_at)  # type: ignore[arg-type]
    settings = EmulatorSettings(
        contracts=("incontact",), agents=3, client_secret=AWKWARD, access_key_secret=AWKWARD, readings=readings
    )
    emulator = Emulator(settings)
    credentials = Credentials(
        grant_type="password",
        client_id=client_id,
        client_secret=Secret(AWKWARD) if client_id else None,
        access_key_id=emulator.credentials.access_key_id,
        access_key_secret=Secret(AWKWARD),
    )
    async with emulator.running() as address, connect(address.url, credentials, contract="incontact") as client:
        _, page = await incontact(client).first_agents(100)
        assert len(page.value.rows) == 3
    async with emulator.running() as address:
        assert address.url != HOST
        wrong = Credentials(
            grant_type="password",
            client_id=client_id,
            client_secret=Secret(AWKWARD) if client_id else None,
            access_key_id=emulator.credentials.access_key_id,
            access_key_secret=Secret("a"),
        )
        async with connect(address.url, wrong, contract="incontact") as client:
            with pytest.raises(RequestFailed):
                await client.token()
