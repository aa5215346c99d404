"""A proxy comes from the environment, and nothing of a `.netrc` is sent to anybody."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from tests.transport.raw import sent
from tests.transport.test_sending import Echo, echo

from rollcall.model.exchange import Request
from rollcall.model.secret import Secret
from rollcall.transport.base import TransportFault

__all__ = ["echo"]

ASKED = Request(method="GET", target="/x", purpose="x", headers=(("Authorization", Secret("Bearer ours")),))
TENANT = "http://tenant.example"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the proxies of whoever runs the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def test_a_proxy_of_the_environment(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy is asked in place of the host, with the user and the password that stand in its address."""
    monkeypatch.setenv("HTTP_PROXY", echo.url.replace("//", "//user:pass%2Fword@"))
    assert (await sent(TENANT, ASKED)).body == b"ok"
    ((_, target, headers, _),) = echo.got
    assert headers["Host"] == "tenant.example"
    assert target.endswith("/x")
    assert headers["Proxy-Authorization"] == f"Basic {base64.b64encode(b'user:pass/word').decode()}"
    assert headers["Authorization"] == "Bearer ours"


async def test_no_proxy_for_this_machine(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes to this machine goes to no proxy."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert (await sent(echo.url, ASKED)).body == b"ok"


async def test_a_host_that_needs_no_proxy(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host in NO_PROXY is asked itself."""
    monkeypatch.setenv("HTTP_PROXY", echo.url)
    monkeypatch.setenv("NO_PROXY", "nowhere.invalid")
    with pytest.raises(TransportFault):
        await sent("http://nowhere.invalid", ASKED)
    assert echo.got == []


@pytest.mark.parametrize("entry", ["machine tenant.example", "default"])
async def test_a_netrc_is_not_read(echo: Echo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, entry: str) -> None:
    """An entry for the tenant's host neither takes the place of the token nor goes out with a question without one."""
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"{entry} login someone password netrc-s3cret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", echo.url)
    await sent(TENANT, ASKED)
    await sent(TENANT, Request(method="GET", target="/x", purpose="x"))
    assert [headers.get("Authorization") for _, _, headers, _ in echo.got] == ["Bearer ours", None]


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:hunter2@127.0.0.1:9",
        "http://user:hunter2@nowhere.invalid",
        "://user:hunter2@",
        "http://user:hunter2@h:port",
    ],
)
async def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A proxy that is not there or is malformed is a fault that does not tell its password."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(TransportFault) as caught:
        await sent(TENANT, ASKED)
    assert "hunter2" not in f"{caught.value} {caught.value!r} {caught.value.detail}"
