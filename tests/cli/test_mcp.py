"""The options of `rollcall mcp`."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from cxone_rollcall.assistants import server
from cxone_rollcall.assistants.tenant import AskedTenant
from cxone_rollcall.assistants.tools import Asking
from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.main import run
from cxone_rollcall.live import groups
from cxone_rollcall.model.shell import pip_install


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--listen", "0.0.0.0:8765"), "can be reached from other machines"),
        (("--listen", "[::]:8765"), "can be reached from other machines"),
        (("--listen", "example.com:80"), "can be reached from other machines"),
        (("--listen", "8765"), "--listen must be HOST:PORT, not '8765'"),
        (("--tz", "Europe/Berlin"), "--tz is about a history: set --history"),
        (("--history", "none.db"), "none.db"),
        ((), "CXONE_INSTANCE"),
    ],
)
def test_wrong_options_end_it_before_it_serves(
    options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str], alone: None
) -> None:
    """Wrong options and missing settings end with 2. Nothing is on stdout."""
    assert run(["mcp", *options]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.out == ""


def test_an_address_that_is_taken_is_said_to_be(capsys: pytest.CaptureFixture[str], alone: None) -> None:
    """If another program listens on the port, the message says so."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["mcp", "--demo", "--listen", f"127.0.0.1:{taken.getsockname()[1]}"]) == 2
    assert "cannot listen on 127.0.0.1" in capsys.readouterr().err


@pytest.mark.parametrize("listens", [True, False])
def test_it_serves_until_a_signal(
    listens: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, alone: None
) -> None:
    """It prints the address that assistants use, if it has one. At the end it asks the tenant nothing more."""
    ended: list[AskedTenant] = []
    done: list[str] = []

    class Stopped(asyncio.Event):
        async def wait(self) -> Literal[True]:
            done.append("waits for a signal")
            return True

    async def serve_stdio(asking: Asking, complain: object) -> None:
        assert complain is terminal.note
        assert isinstance(asking, Asking)
        done.append("serves on stdin")
        await asyncio.Event().wait()

    async def close(tenant: AskedTenant) -> None:
        ended.append(tenant)

    @contextmanager
    def stopped_at_once() -> Iterator[asyncio.Event]:
        yield Stopped()

    monkeypatch.setattr(server, "serve_stdio", serve_stdio)
    monkeypatch.setattr(AskedTenant, "close", close)
    monkeypatch.setattr(signals, "stopping", stopped_at_once)
    assert run(["mcp", "--demo", *(["--listen", "127.0.0.1:0"] if listens else [])]) == 0
    told = capsys.readouterr()
    serving = r"serving Emulated tenant to assistants at http://127\.0\.0\.1:\d+/mcp \(Ctrl-C ends\)\n"
    assert re.fullmatch(serving if listens else "", told.err)
    assert told.out == ""
    assert done == [*([] if listens else ["serves on stdin"]), "waits for a signal"]
    assert len(ended) == 1


def test_groups_are_those_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: None) -> None:
    """Assistants are told the groups that config.toml gives."""
    config, given = tmp_path / "config.toml", list[object]()
    config.write_text(
        '[groups]\nAvailable = "after-contact"\n'
        '[profiles.acme]\ninstance = "acme.example"\nclient_id = "me"\nclient_secret = "hunter2"\n'
    )
    config.chmod(0o600)

    async def served(asking: Asking, complain: object) -> None:
        """End at once, as when stdin ends."""

    monkeypatch.setenv("ROLLCALL_CONFIG", str(config))
    monkeypatch.setattr(groups, "Groups", given.append)
    monkeypatch.setattr(server, "serve_stdio", served)
    assert run(["mcp", "--profile", "acme"]) == 0
    assert given == [{"Available": "after-contact"}]


@pytest.mark.parametrize("module", ["mcp", "mcp_types", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(
    module: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, alone: None, tmp_path: Path
) -> None:
    """Without the SDK the message has the command that installs it."""
    for name in [one for one in sys.modules if one.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "cxone_rollcall.assistants.server", raising=False)
    assert run(["mcp", "--demo"]) == 2
    told = capsys.readouterr()
    assert "which is an extra: install it" in told.err
    assert pip_install("mcp>=2.3") in told.err
    assert told.out == ""
