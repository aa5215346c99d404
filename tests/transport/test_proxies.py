"""Proxies come from the environment, and a `.netrc` is not read."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from tests.transport.raw import free_port, listening, saying, sent
from tests.transport.test_sending import Echo, echo

from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.base import TransportFault

__all__ = ["echo"]

ASKED = Request(method="GET", target="/x", purpose="x", headers=(("Authorization", Secret("Bearer ours")),))
TENANT = "http://tenant.example"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the proxies of the environment in which the tests run."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def test_a_proxy_of_the_environment(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy gets the requests, with user and password."""
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
    """A host in NO_PROXY is requested directly."""
    monkeypatch.setenv("HTTP_PROXY", echo.url)
    monkeypatch.setenv("NO_PROXY", "nowhere.invalid")
    with pytest.raises(TransportFault):
        await sent("http://nowhere.invalid", ASKED)
    assert echo.got == []


@pytest.mark.parametrize("entry", ["machine tenant.example", "default"])
async def test_a_netrc_is_not_read(echo: Echo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, entry: str) -> None:
    """A `.netrc` entry neither replaces nor adds credentials."""
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
    """An unusable proxy is a fault that hides its password."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(TransportFault) as caught:
        await sent(TENANT, ASKED)
    assert "hunter2" not in f"{caught.value} {caught.value!r} {caught.value.detail}"


async def trouble(monkeypatch: pytest.MonkeyPatch, proxy: str) -> TransportFault:
    """Return the fault of asking a tenant over https through this proxy."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(TransportFault) as caught:
        await sent("https://tenant.example", ASKED)
    assert "tenant.example" not in caught.value.detail
    assert "user" not in caught.value.detail + caught.value.proxy
    return caught.value


async def test_a_proxy_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy has no address, not the tenant."""
    fault = await trouble(monkeypatch, "http://user:hunter2@squid.invalid:3128")
    assert (fault.kind, fault.proxy) == (FailureKind.HOST_NOT_FOUND, "squid.invalid:3128")
    assert fault.detail == "no address is known for the proxy squid.invalid:3128"


async def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy refuses the connection, not the tenant."""
    port = free_port()
    fault = await trouble(monkeypatch, f"http://user:hunter2@127.0.0.1:{port}")
    assert (fault.kind, fault.proxy) == (FailureKind.UNREACHABLE, f"127.0.0.1:{port}")
    assert fault.detail == f"the proxy 127.0.0.1:{port} took no connection: connection refused"


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_that_lets_nothing_through(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """An answer instead of a tunnel is the proxy's, not the tenant's."""
    async with listening(saying(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())) as url:
        fault = await trouble(monkeypatch, url)
        named = url.removeprefix("http://")
    assert (fault.kind, fault.proxy) == (FailureKind.UNREACHABLE, named)
    assert fault.detail == f"the proxy {named} answered HTTP {status} and let nothing through"


async def test_a_proxy_that_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault of a closed connection names the proxy."""
    async with listening(saying()) as url:
        fault = await trouble(monkeypatch, url)
    assert fault.detail.endswith(f", through the proxy {url.removeprefix('http://')}")


@pytest.mark.parametrize(
    "address", ["://user:x@", "http://user:x@h:port", "socks5://user:x@h:1080", "http://user:1/x@h:1"]
)
async def test_a_proxy_variable_that_is_no_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """The variable is named, without its value."""
    fault = await trouble(monkeypatch, address)
    assert (fault.kind, fault.proxy) == (FailureKind.UNREACHABLE, "of HTTPS_PROXY")
    assert fault.detail.startswith("the address of the proxy of HTTPS_PROXY cannot be used")
