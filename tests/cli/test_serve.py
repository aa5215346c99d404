"""What `rollcall serve` serves, and until when. Nothing listens, and no tenant is asked."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.fleet import serve
from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.reading import reading
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.target import Target
from cxone_rollcall.web import server
from cxone_rollcall.web.guard import Guard

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")

command: Any = import_module("cxone_rollcall.cli.serve")
EXCHANGE = Exchange(number=7, method="GET", target="/x", purpose="", status=200, fault="", milliseconds=3.0)
URL = "http://127.0.0.1:9/"


def readers() -> list[str]:
    """The threads that read histories now."""
    return [one.name for one in threading.enumerate() if one.name.startswith("history")]


@pytest.mark.parametrize("profiles", [["acme"], ["acme", "globex"]])
def test_profiles_are_served_until_a_signal(
    profiles: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each profile has its board and its history. A part of the address names it if there are several.

    States are in the groups of the settings.
    """
    served: list[Any] = []
    seen: list[tuple[str, str, float, str]] = []
    given: list[dict[str, Any]] = []
    signals: list[bool] = []
    counted: list[str] = []

    @asynccontextmanager
    async def connected(target: Target, *, bodies: bool, watcher: Callable[[Any], None]) -> AsyncIterator[None]:
        watcher(f"a request to {target.base_url}, bodies {bodies}")
        yield

    @asynccontextmanager
    async def serving(sources: list[Any], guard: Any, **more: Any) -> AsyncIterator[str]:
        given.append({**more, "base_path": guard.base_path})
        served.extend(source.tenant for source in sources)  # what is kept in memory ends only if somebody ends it
        for one in served:
            tenant = await one.archive.read(lambda history: history.tenant)
            seen.append((one.name, one.title, one.interval, tenant))
        for source in sources:
            assert source.groups.of(AgentState("1", "Available")) == "after-contact"
            async with source.connect(counted.append):
                pass
        assert readers()

        def end() -> None:
            signals.append(True)
            signal.raise_signal(signal.SIGTERM)

        asyncio.get_running_loop().call_soon(end)
        yield URL
        assert signals == [True]

    config = tmp_path / "config.toml"
    client = 'client_id = "me"\nclient_secret = "hunter2"\n'
    groups = '[groups]\nAvailable = "after-contact"\n'
    config.write_text(groups + "\n".join(f'[profiles.{one}]\ninstance = "{one}.example"\n{client}' for one in profiles))
    config.chmod(0o600)
    monkeypatch.setenv("ROLLCALL_CONFIG", str(config))
    monkeypatch.setattr(server, "serving", serving)
    monkeypatch.setattr(Target, "connect", connected)
    chosen = [word for one in profiles for word in ("--profile", one)]
    options = ("--listen", "[::1]:0", "--interval", "7", "--base-path", "/x/")
    assert run(["serve", *chosen, *options, "--history", str(tmp_path / "{profile}.db")]) == 0
    assert seen == [(one if len(profiles) > 1 else "", one, 7.0, one) for one in profiles]
    assert counted == [f"a request to https://{one}.example, bodies False" for one in profiles]
    assert given == [
        {"host": "::1", "port": 0, "tls": None, "complain": terminal.note, "feed": None, "base_path": "/x"}
    ]
    assert capsys.readouterr().err == f"serving {', '.join(profiles)} at {URL} (Ctrl-C ends)\n"
    assert readers() == []
    for one in profiles:
        with reading(tmp_path / f"{one}.db") as history:
            assert history.tenant == one


@pytest.mark.parametrize(("verbosity", "bodies"), [("-v", False), ("-vv", True)])
def test_readers_need_the_token(
    verbosity: str, bodies: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Token, host names and proxies are those of the options. The emulated tenant changes while it is served."""
    token, seen = "t" * 40, list[Any]()
    real = command.target_of

    @asynccontextmanager
    async def target_of(given: dict[str, Any], *, living: bool) -> AsyncIterator[Target]:
        seen.append(living)
        async with real(given, living=living) as target:
            yield target

    @asynccontextmanager
    async def connected(target: Target, *, bodies: bool, watcher: Callable[[Exchange], None]) -> AsyncIterator[None]:
        seen.append(bodies)
        watcher(EXCHANGE)
        yield

    @asynccontextmanager
    async def serving(sources: list[Any], guard: Guard, **more: Any) -> AsyncIterator[str]:
        access = guard.access
        seen.extend((access.takes_token(token), access.takes_token("u" * 40)))
        seen.extend(access.knows_host(name) for name in ("board.example", socket.gethostname(), "x.example"))
        seen.append(guard._proxies)  # noqa: SLF001
        async with sources[0].connect(lambda exchange: None):
            signal.raise_signal(signal.SIGTERM)
        yield URL

    (tmp_path / "token").write_text(f"{token}\n")
    monkeypatch.setattr(command, "target_of", target_of)
    monkeypatch.setattr(Target, "connect", connected)
    monkeypatch.setattr(server, "serving", serving)
    options = ("--listen", "0.0.0.0:0", "--host", "board.example", "--trusted-proxy", "192.0.2.1")
    assert run(["serve", "--demo", *options, "--token-file", str(tmp_path / "token"), verbosity]) == 0
    assert seen == [True, True, False, True, True, False, frozenset({"192.0.2.1"}), bodies]
    assert capsys.readouterr().err.startswith("#7 GET /x 200 3 ms\n")


async def test_the_histories_of_a_fleet_are_read_until_the_end(tmp_path: Path) -> None:
    """The threads that read histories end with the server."""
    async with AsyncExitStack() as stack:
        archive = serve._archives(stack, tmp_path, 1, "eu")("acme")  # noqa: SLF001
        assert archive is not None
        with pytest.raises(HistoryError, match="no rollcall fleet sink has stored this tenant"):
            await archive.read(lambda history: history)
        assert readers()
    assert readers() == []
