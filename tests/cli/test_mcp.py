"""The options of `rollcall mcp`."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cxone_rollcall.assistants.tenant import AskedTenant
from cxone_rollcall.cli import signals
from cxone_rollcall.cli.main import run
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


def test_the_address_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, alone: None) -> None:
    """The command prints the address that assistants use. At the end it asks the tenant nothing more."""
    ended: list[AskedTenant] = []

    async def close(tenant: AskedTenant) -> None:
        ended.append(tenant)

    @contextmanager
    def stopped_at_once() -> Iterator[asyncio.Event]:
        stopped = asyncio.Event()
        stopped.set()
        yield stopped

    monkeypatch.setattr(AskedTenant, "close", close)
    monkeypatch.setattr(signals, "stopping", stopped_at_once)
    assert run(["mcp", "--demo", "--listen", "127.0.0.1:0"]) == 0
    told = capsys.readouterr()
    serving = r"serving Emulated tenant to assistants at http://127\.0\.0\.1:\d+/mcp \(Ctrl-C ends\)\n"
    assert re.fullmatch(serving, told.err)
    assert told.out == ""
    assert len(ended) == 1


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
