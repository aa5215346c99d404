"""A login through the real command and a simple browser. It is stored, used, renewed and deleted."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.login.browser import CHROMIUM, chromium, press

from cxone_rollcall.emulator import Emulator, EmulatorSettings, Readings, parse_fault

pytestmark = [pytest.mark.thorough, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str


class Desk:
    """A user's machine: settings, file of logins, and commands."""

    def __init__(self, folder: Path, emulator: Emulator, url: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.logins = folder / "logins.json"
        self._environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "ROLLCALL_LOGINS": str(self.logins),
            "CXONE_INSTANCE": url,
            "CXONE_CLIENT_ID": emulator.credentials.client_id,
            "CXONE_GRANT_TYPE": "authorization_code",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start a command."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", "from cxone_rollcall.cli.entry import entry; entry()"),
            *arguments,
            env=self._environment,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
        )

    async def type(self, *arguments: str) -> Ended:
        """Run a command to its end."""
        process = await self.start(*arguments)
        out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())

    async def log_in(self, button: str = "allow") -> Ended:
        """Log in: open the printed address and press a button."""
        process = await self.start("auth", "login", "--no-browser", "--store", "file", "--port", str(self.port))
        assert process.stderr is not None
        said = b""
        while not (found := re.search(rb"https?://\S+authorize\S+", said)):
            line = await process.stderr.readline()
            assert line, said
            said += line
        async with chromium(found[0].decode(), self.folder / "browser") as orders_to:
            await press(button, orders_to)
            out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), (said + err).decode())


def free_port() -> int:
    """A free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(params=["incontact", "v2"])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """A tenant of each API, whose refresh tokens work once."""
    yield Emulator(EmulatorSettings(contracts=(request.param,), agents=7, readings=Readings(refresh_rotates=True)))


async def test_runs_after_a_login_and_after_a_logout(emulator: Emulator, tmp_path: Path) -> None:
    """After a login, several runs at once need no browser. After a logout they name the command to type."""
    async with emulator.running() as address:
        desk = Desk(tmp_path, emulator, address.url)
        before = await desk.type("check", "--format", "json")
        assert (before.code, [one["code"] for one in json.loads(before.out)["findings"]]) == (4, ["RC208"])
        assert "rollcall auth login" in before.out

        login = await desk.log_in()
        assert login.code == 0, login.err
        assert emulator.tenant.tenant_id in login.out
        assert desk.logins.stat().st_mode & 0o077 == 0

        runs = await asyncio.gather(*(desk.type("check", "--format", "json") for _ in range(4)))
        assert [run.code for run in runs] == [0] * 4, runs[0].err
        assert {json.loads(run.out)["counts"]["present"] for run in runs} == {
            sum(one.state is not None for one in emulator.truth())
        }

        status = await desk.type("auth", "status")
        assert status.code == 0
        assert str(desk.logins) in status.out

        kept = desk.logins.read_text(encoding="utf-8")
        for secret in re.findall(r'"refresh_token": "([^"]+)"', kept):
            assert not any(secret in text for run in (login, status, *runs) for text in (run.out, run.err))

        emulator.switch_on([parse_fault("refresh-refused")])
        refused = await desk.type("check", "--format", "json")
        assert (refused.code, [one["code"] for one in json.loads(refused.out)["findings"]]) == (4, ["RC208"])
        emulator.switch_on([])

        assert (await desk.type("auth", "logout")).code == 0
        after = await desk.type("check", "--format", "json")
        assert (after.code, [one["code"] for one in json.loads(after.out)["findings"]]) == (4, ["RC208"])


async def test_a_user_who_cancels(emulator: Emulator, tmp_path: Path) -> None:
    """A cancelled login stores nothing, and says so."""
    async with emulator.running() as address:
        desk = Desk(tmp_path, emulator, address.url)
        login = await desk.log_in("deny")
        assert login.code == 4
        assert "no user was logged in" in login.err
        assert not desk.logins.exists()
