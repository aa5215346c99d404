"""A user login shows and leaves no code, verifier or token. This holds from browser to logout."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from tests.cli.forking import Forking
from tests.secrets.searching import found
from tests.secrets.tenant import CLIENT_SECRET, KEY_SECRET, Place, Telling
from tests.support.thorough import mostly_thorough

from cxone_rollcall.emulator import Emulator, EmulatorSettings, Readings
from cxone_rollcall.emulator.settings import ContractName

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a code is pasted into a terminal, which is POSIX here")

CONTRACTS: tuple[ContractName, ...] = ("v2", "incontact")
LATER = 1000
"""Requests before a tenant echoes, never reached until set lower."""
OF_THE_URL = ("state", "nonce", "code_challenge")
BROWSER = """#!{python}
import json, os, sys, urllib.request
with open({record!r}, "w") as file:
    json.dump({{"argv": sys.argv, "environ": dict(os.environ)}}, file)
page = urllib.request.urlopen(sys.argv[1]).geturl()
with open({record!r}.replace(".json", ".page"), "w") as file:
    file.write(page)
urllib.request.urlopen(page, data=b"decision=allow")
"""


class Desk:
    """A user's machine: environment, file of logins, and all output."""

    def __init__(self, folder: Path, emulator: Emulator, url: str, forking: Forking) -> None:
        self.folder = folder
        self.forking = forking
        self.logins = folder / "kept" / "logins.json"
        self.shown = b""
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "ROLLCALL_LOGINS": str(self.logins),
            "CXONE_INSTANCE": url,
            "CXONE_CLIENT_ID": emulator.credentials.client_id,
            "CXONE_CLIENT_SECRET": CLIENT_SECRET,
            "CXONE_ACCESS_KEY_SECRET": KEY_SECRET,
            "CXONE_GRANT_TYPE": "authorization_code",
        }

    @asynccontextmanager
    async def started(self, command: str, stdin: int) -> AsyncIterator[asyncio.subprocess.Process]:
        """Start a command; its output and arguments are recorded."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cxone_rollcall", *command.split()),
            env=self.environment,
            cwd=self.folder,
            stdin=stdin,
            stdout=pipe,
            stderr=pipe,
        )
        try:
            yield process
            out, err = await process.communicate()
            self.shown += out + err
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()

    async def type(self, command: str) -> int:
        """Run a command to its end; return its exit code."""
        with tempfile.TemporaryFile() as said:
            streams = os.dup(said.fileno()), os.dup(said.fileno())
            self.forking.start(command.split(), streams, self.folder, environment=self.environment)
            code = await asyncio.to_thread(self.forking.ended)
            said.seek(0)
            self.shown += said.read()
        return code

    def left(self, *, but: tuple[Path, ...] = ()) -> bytes:
        """The content of all files here."""
        return b"".join(one.read_bytes() for one in self.folder.rglob("*") if one.is_file() and one not in but)


@asynccontextmanager
async def at_a_desk(contract: ContractName, telling: Telling, folder: Path, forking: Forking) -> AsyncIterator[Desk]:
    """Yield the machine of a user whose tenant rotates refresh tokens."""
    settings = EmulatorSettings(
        contracts=(contract,), agents=7, client_secret=CLIENT_SECRET, readings=Readings(refresh_rotates=True)
    )
    emulator = Emulator(settings, [telling])
    async with emulator.running() as address:
        yield Desk(folder, emulator, address.url, forking)


def free_port() -> int:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def arguments_of(pid: int) -> bytes:
    """What other users can read of a process; "" without /proc."""
    path = Path(f"/proc/{pid}/cmdline")
    return path.read_bytes() if path.exists() else b""


async def sign_in(address: str) -> str:
    """The last address after pressing the button in another machine's browser."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data={"decision": "allow"}, allow_redirects=False) as answer,
    ):
        return answer.headers["Location"]


async def paste_a_code(desk: Desk, pasted: str, *, then: Callable[[], object] = lambda: None) -> int:
    """Log in with a code or address pasted into a terminal. `then` runs first."""
    ours, theirs = os.openpty()
    command = f"auth login --no-browser -vv --store file --port {free_port()}"
    async with desk.started(command, theirs) as process:
        os.close(theirs)
        assert process.stderr is not None
        said = b""
        while not (address := re.search(rb"https?://\S+authorize\?\S+", said)):
            said += (line := await process.stderr.readline())
            assert line, said
        desk.shown += said + arguments_of(process.pid)
        ended_at = await sign_in(address[0].decode())
        (code,) = parse_qs(urlsplit(ended_at).query)["code"]
        then()
        os.write(ours, f"{code if pasted == 'code' else ended_at}\n".encode())
    os.close(ours)
    return process.returncode or 0


async def use_and_end(desk: Desk, telling: Telling) -> None:
    """Use the stored login in every way and log out. Assert that nothing of it is shown or left."""
    (first,) = re.findall(r'"refresh_token": "([^"]+)"', desk.logins.read_text())
    assert first in telling.secrets
    assert desk.logins.stat().st_mode & 0o077 == 0
    for command in (
        "check -vv --save case.json",
        "why 30000000001 -vv --format html -o why.html",
        "auth status -vv",
        "auth token -vv",
    ):
        assert await desk.type(command) in {0, 1, 3}, command
    rotated = desk.logins.read_text()
    assert first not in rotated
    assert found(telling.secrets, rotated.encode())
    assert found([*telling.secrets, CLIENT_SECRET, KEY_SECRET], desk.shown + desk.left(but=(desk.logins,))) == []
    assert await desk.type("auth logout") == 0
    assert found([*telling.secrets, CLIENT_SECRET, KEY_SECRET], desk.shown + desk.left()) == []


PASTED = [("v2", "code"), ("incontact", "address"), ("v2", "address"), ("incontact", "code")]


@pytest.mark.parametrize(("contract", "pasted"), mostly_thorough(PASTED, quick=0))
async def test_a_pasted_code(contract: ContractName, pasted: str, tmp_path: Path, forking: Forking) -> None:
    """A pasted code or address shows no code, verifier or token. Only the newest token is stored."""
    telling = Telling()
    async with at_a_desk(contract, telling, tmp_path, forking) as desk:
        assert await paste_a_code(desk, pasted) == 0, desk.shown
        assert len(telling.secrets) >= 3
        await use_and_end(desk, telling)


@pytest.mark.parametrize("contract", mostly_thorough(reversed(CONTRACTS), quick=1))
async def test_what_a_browser_is_given(contract: ContractName, tmp_path: Path, forking: Forking) -> None:
    """The browser's arguments and environment have no secret. The arguments have nothing of the attempt."""
    telling, browser, record = Telling(), tmp_path / "browser", tmp_path / "record.json"
    browser.write_text(BROWSER.format(python=sys.executable, record=str(record)))
    browser.chmod(0o700)
    async with at_a_desk(contract, telling, tmp_path, forking) as desk:
        desk.environment["BROWSER"] = str(browser)
        assert await desk.type(f"auth login -vv --store file --port {free_port()}") == 0, desk.shown
        page = parse_qs(urlsplit(record.with_suffix(".page").read_text()).query)
        attempt = [page[name][0] for name in OF_THE_URL]
        record.with_suffix(".page").unlink()
        given = json.loads(record.read_text())
        assert given["environ"]["CXONE_CLIENT_ID"] == desk.environment["CXONE_CLIENT_ID"]
        marks = [*telling.secrets, *attempt, CLIENT_SECRET, KEY_SECRET]
        assert found(marks, record.read_bytes() + desk.shown) == []
        await use_and_end(desk, telling)


TOLD = [("v2", "body"), ("incontact", "header"), ("v2", "redirect"), ("incontact", "body"), ("incontact", "cookie")]


@pytest.mark.parametrize(("contract", "place"), mostly_thorough(TOLD, quick=0))
async def test_a_tenant_that_echoes_a_login(
    contract: ContractName, place: Place, tmp_path: Path, forking: Forking
) -> None:
    """A tenant that repeats a login's secrets reveals none.

    They are code, verifier and client secret, in the token response.
    """
    telling = Telling(place=place, since=LATER)
    async with at_a_desk(contract, telling, tmp_path, forking) as desk:
        await paste_a_code(desk, "address", then=lambda: telling.requests.extend([1] * LATER))
        for command in ("check -vv --save case.json", "auth status -vv", "auth logout"):
            await desk.type(command)
        assert telling.secrets
        assert found([*telling.secrets, CLIENT_SECRET, KEY_SECRET], desk.shown + desk.left()) == []
