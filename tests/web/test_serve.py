"""The command: what it refuses, how it begins, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from cxone_rollcall.cli.main import run

START = [sys.executable, "-c", "import sys; from cxone_rollcall.cli.entry import entry; sys.exit(entry())", "serve"]


def refused(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The message of a run that ends with exit code 2. It sends no request."""
    assert run(["serve", "--demo", *options]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--interval", "0"], "--interval"),
        (["--interval", "-5"], "--interval"),
        (["--interval", "1e9"], "--interval"),
        (["--interval", "nan"], "--interval"),
        (["--listen", "8080"], "HOST:PORT"),
        (["--listen", "127.0.0.1:99999"], "HOST:PORT"),
        (["--listen", "::1:80"], "HOST:PORT"),
        (["--listen", "0.0.0.0:0"], "token"),
        (["--listen", "[::]:0"], "token"),
        (["--listen", "example.com:80"], "token"),
        (["--listen", "192.0.2.1:80", "--token-file", "/nowhere"], "cannot be read"),
        (["--base-path", "board"], "--base-path"),
        (["--base-path", "/a?b"], "--base-path"),
        (["--trusted-proxy", "proxy.example"], "--trusted-proxy 127.0.0.1"),
        (["--tls-cert", "cert.pem"], "--tls-key"),
        (["--alerts", "/nowhere.toml"], "/nowhere.toml"),
        (["--profile", "a", "--profile", "a"], "twice"),
        (["--backfill"], "--history"),
        (["--keep", "400d"], "--history"),
        (["--keep", "400", "--history", "h.db"], "--keep"),
        (["--profile", "a", "--profile", "b"], "--demo"),
        (["--fault", "no-such-fault"], "no-such-fault"),
    ],
)
def test_bad_options_end_with_2(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A bad option is refused with its name and a correct form. Nothing listens before that."""
    assert said in refused(capsys, *options)


def test_an_address_in_use_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """An address that another program has is refused, with what to type."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "cannot listen" in refused(capsys, "--listen", f"127.0.0.1:{other.getsockname()[1]}")


@pytest.mark.parametrize("token", ["", "short", "with blanks in between it", "tab\tin-the-middle-of-it"])
def test_a_weak_token_is_refused(token: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A token that is short or has blanks is refused. It is not shown."""
    file = tmp_path / "token"
    file.write_text(token)
    message = refused(capsys, "--listen", "0.0.0.0:0", "--token-file", str(file))
    assert "at least 16" in message
    assert not token or token not in message


def test_help_names_every_option() -> None:
    """The help has all options of the command."""
    from cxone_rollcall.cli.serve import command

    text = CliRunner().invoke(command, ["--help"]).output
    for option in ("--listen", "--interval", "--alerts", "--token-file", "--anonymous", "--base-path", "--profile"):
        assert option in text


@contextmanager
def started(*options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server, and its address."""
    process = subprocess.Popen(
        [*START, "--listen", "127.0.0.1:0", *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert " at http" in line, line
        yield process, line.split(" at ")[-1].split()[0]
    finally:
        process.kill()
        process.communicate()


def board(url: str) -> dict[str, Any]:
    """The board of a server after its first poll."""
    with requests.get(f"{url}api/v1/events", stream=True, timeout=20) as events:
        assert any(line == b"event: poll" for line in events.iter_lines(chunk_size=1))
    read: dict[str, Any] = requests.get(f"{url}api/v1/board", timeout=20).json()
    return read


def end(process: subprocess.Popen[str]) -> None:
    """End the server with SIGTERM, cleanly. A hanging poll would outlast the wait."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_the_demo_shows_a_floor() -> None:
    """`serve --demo` serves 120 agents who add up. SIGTERM ends it though a reader listens."""
    with started("--demo", "--interval", "1") as (process, url):
        counts = board(url)["counts"]
        assert counts["roster"] == 120
        assert counts["present"] + counts["logged_out"] + counts["absent"] + counts["unknown"] == 120
        with requests.get(f"{url}api/v1/events", stream=True, timeout=20):
            end(process)


def test_a_signal_ends_a_poll_that_hangs() -> None:
    """SIGTERM during a poll ends the server before the poll ends."""
    with started("--demo", "--interval", "1", "--fault", "hang") as (process, url):
        assert not board(url)["last_poll"]["ok"]
        end(process)


@pytest.mark.parametrize("source", ["environment", ".env"])
def test_one_instance_is_not_served_as_several_tenants(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Several boards of one tenant are refused. Only a variable has a command that unsets it."""
    config = tmp_path / "config.toml"
    config.write_text("\n".join(f'[profiles.{name}]\ninstance = "{name}.example"\n' for name in ("a", "b")))
    session = {"CXONE_INSTANCE": "c.example", "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2"}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROLLCALL_CONFIG", str(config))
    if source == "environment":
        for name, text in session.items():
            monkeypatch.setenv(name, text)
    else:
        file = tmp_path / ".env"
        file.write_text("\n".join(f"{name}={text}" for name, text in session.items()))
        file.chmod(0o600)
    assert run(["serve", "--listen", "127.0.0.1:0", "--profile", "a", "--profile", "b"]) == 2
    named, example = ("environment", "  unset CXONE_INSTANCE\n") if source == "environment" else (tmp_path / ".env", "")
    words = f"the instance ({named}) would be that of every profile: set it in each profile of config.toml"
    assert capsys.readouterr().err == f"rollcall: {words}\n{example}"


def test_a_broken_tenant_delays_no_other(tmp_path: Path) -> None:
    """A profile that gets no answer does not delay another one. Their boards are apart."""
    from cxone_rollcall.testing import emulated_in_thread

    with emulated_in_thread(agents=30) as tenant:
        config = tmp_path / "config.toml"
        secrets = 'client_id = "emulated-client"\nclient_secret = "emulated-secret"\ncontract = "v2"\n'
        addresses = {"good": tenant.instance, "broken": "http://127.0.0.1:9"}
        tables = [f'[profiles.{name}]\ninstance = "{url}"\n{secrets}' for name, url in addresses.items()]
        config.write_text("\n".join(tables))
        config.chmod(0o600)
        options = ("--profile", "good", "--profile", "broken", "--interval", "1")
        with started(*options, ROLLCALL_CONFIG=str(config)) as (_, url):
            assert board(f"{url}t/good/")["counts"]["roster"] == 30
            broken = board(f"{url}t/broken/")
            assert broken["agents"] == []
            assert not broken["last_poll"]["ok"]
