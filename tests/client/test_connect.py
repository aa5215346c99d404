"""`connect` takes what the command takes. It refuses the rest before any request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.support.scripted_client import CREDENTIALS, failure_of
from tests.transport.raw import hanging, listening, saying

from cxone_rollcall import SettingError, check, connect
from cxone_rollcall.model.credentials import Credentials, GrantType
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.testing import credentials_of, emulator_of


@pytest.mark.parametrize("written", ["{host}", "{url}/", "{url}/inContactAPI/services/", " '{url}' ", "http:{host}"])
async def test_what_people_paste_is_read(written: str) -> None:
    """An address as people paste it leads to the host itself.

    It may be a bare host, or have a trailing slash or a path.
    """
    emulator = emulator_of(5)
    async with emulator.running() as address:
        url = written.format(url=address.url, host=address.url.removeprefix("http://"))
        async with connect(url, credentials_of(emulator)) as client:
            account = await check(client)
    assert account.counts["roster"] == 5
    assert client.instance == address.url.removeprefix("http://")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"base_url": "ftp://tenant.example"}, "scheme"),
        ({"base_url": "http://tenant.example"}, "plain http"),
        ({"base_url": "your-host.example"}, "placeholder"),
        ({"base_url": ""}, "names no host"),
        ({"contract": "v3"}, "auto, v2 or incontact"),
        ({"api_version": "v34"}, "number of a version"),
        ({"api_version": "../1"}, "number of a version"),
        ({"request_timeout": 0.0}, "request_timeout"),
        ({"request_timeout": float("nan")}, "request_timeout"),
        ({"run_limit": -1.0}, "run_limit"),
        ({"ca_bundle": Path("there-is-none.pem")}, "in there-is-none.pem cannot be used: No such file or directory$"),
        ({"ca_bundle": Path(__file__)}, "test_connect.py"),
    ],
)
async def test_what_cannot_work_is_refused(arguments: dict[str, Any], words: str) -> None:
    """A wrong argument raises `SettingError`, and nothing is asked."""
    with pytest.raises(SettingError, match=words):
        async with connect(**{"base_url": "tenant.example", "credentials": CREDENTIALS, **arguments}):
            pytest.fail("there is nothing to connect to")


async def test_the_other_contract_is_tried() -> None:
    """The other contract is tried where the likeliest is not supported."""
    async with (
        listening(saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as url,
        connect(url, CREDENTIALS) as client,
    ):
        await failure_of(client.token())
        assert [one.target for one in client.log.exchanges] == [
            "/oauth/token",
            "/.well-known/openid-configuration",
            "/.well-known/cxone-configuration",
        ]


async def test_the_text_is_not_repeated() -> None:
    """The error does not show the address, which may hold a password."""
    with pytest.raises(SettingError) as caught:
        async with connect("https://ann:s3cret@tenant.example", CREDENTIALS):
            pytest.fail("it has a password in it")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("apart", [False, True])
async def test_a_request_that_may_not_be_sent(*, apart: bool) -> None:
    """`may_send` is called over an open connection, and prevents a request."""
    asked: list[str] = []
    came: asyncio.Queue[bytes] = asyncio.Queue()

    def may_send() -> None:
        asked.append("may I?")
        raise SettingError("not now")

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.put_nowait(await reader.read())
        writer.close()

    async with await asyncio.start_server(read, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with connect(url, CREDENTIALS, contract="v2", may_send=may_send) as client:
            for _ in range(2):
                with pytest.raises(SettingError, match="not now"):
                    await client.status_of(replace(client.contract.other_contracts()[0][1], apart=apart))
                assert await came.get() == b""
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("request_timeout", "run_limit", "seconds", "tries"), [(20.0, 0.2, "0.18", 1), (0.1, 100.0, "0.1", 2)]
)
async def test_a_request_that_hangs(request_timeout: float, run_limit: float, seconds: str, tries: int) -> None:
    """A request that hangs ends before the run. It is repeated only if the run has time for that."""
    async with (
        listening(hanging) as url,
        connect(url, CREDENTIALS, contract="v2", request_timeout=request_timeout, run_limit=run_limit) as client,
    ):
        failure = (await failure_of(client.token())).failure
    assert (failure.detail, failure.tries) == (f"no whole answer within {seconds} s", tries)


TENANT = "11ed0000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("grant", "given", "chosen"),
    [
        ("password", {}, ("incontact", "auto: an access key is set")),
        ("client_credentials", {}, ("v2", "auto: a client without an access key is set")),
        ("authorization_code", {}, ("incontact", "auto: users log in")),
        ("password", {"contract": "v2"}, ("v2", "")),
        (
            "client_credentials",
            {"base_url": "", "tenant_id": TENANT},
            ("incontact", "auto: a tenant id alone is set, and only this contract can find a tenant by it"),
        ),
    ],
)
async def test_the_likeliest_contract_comes_first(
    grant: GrantType, given: dict[str, Any], chosen: tuple[str, str]
) -> None:
    """Credentials and settings say which contract is tried first, and why."""
    arguments = {"base_url": "tenant.example", **given}
    secret = Secret("s3cret")
    credentials = Credentials(
        grant_type=grant, client_id="c", client_secret=secret, access_key_id="a", access_key_secret=secret
    )
    async with connect(credentials=credentials, **arguments) as client:
        assert (client.contract.name, client.chosen) == chosen
