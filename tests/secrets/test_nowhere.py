"""No secret is shown or written. Every command, fault, verbosity and format is tried."""

from __future__ import annotations

import asyncio
import base64
import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

import pytest
from tests.secrets.searching import found
from tests.secrets.tenant import (
    CLIENT_SECRET,
    COOKIE,
    KEY_SECRET,
    PLACES,
    PROXY_PASSWORD,
    Place,
    Telling,
    spellings,
    tenant,
)
from tests.support.python_path import first_in_path
from tests.support.thorough import crossed, mostly_thorough, sampled

from cxone_rollcall.cli import main
from cxone_rollcall.emulator import FAULTS
from cxone_rollcall.emulator.faults import Fault, parse_fault
from cxone_rollcall.emulator.settings import ContractName

ALWAYS = (CLIENT_SECRET, KEY_SECRET, PROXY_PASSWORD, COOKIE)
COMMANDS = (
    "check --format account -vv",
    "check --format json -v --save case.json",
    "check --format html -o page.html -vv --save case.json --anonymize",
    "check --format junit --probes deep -vv",
    "check --format csv --save case.gz",
    "why 30000000001 Nobody --format account -vv",
    "why 30000000001 --format json --save case.json",
    "states --format ndjson -vv",
    "states --format table -v",
    "agents --format csv -vv",
    "agents --format json",
    "auth token -vv",
    "auth status -vv",
)
CONTRACTS: tuple[ContractName, ...] = ("v2", "incontact")
SIMPLEST = {
    "latency": "latency=5",
    "slow-drip": "slow-drip=at=states,times=1",
    "hang": "hang=at=states",
    "rate-limit": "rate-limit=20,retry_after=none",
}
WAIT = frozenset({"latency", "slow-drip", "hang"})
NAMES = [fault.name for fault in FAULTS]


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch, alone: None) -> None:
    """Hide this machine's settings, and set marked ones."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PROXY_PASSWORD}@127.0.0.1:9")
    monkeypatch.setenv("CXONE_REQUEST_TIMEOUT", "10")


class Shown:
    """Runs commands here against a marked tenant; returns all output and files."""

    def __init__(self, capture: pytest.CaptureFixture[bytes], folder: Path) -> None:
        self._capture = capture
        self._folder = folder

    async def nothing(self, contract: ContractName, telling: Telling, commands: list[str], *faults: Fault) -> None:
        """Assert that no output or file of these commands has a secret. Each has a new tenant."""
        for command in commands:
            telling.forget()
            emulator = tenant(contract, telling, faults)
            async with emulator.running() as address:
                with patch.dict(os.environ, emulator.environment(address.url)):
                    await asyncio.to_thread(main.run, command.split())
            out, err = self._capture.readouterr()
            assert b"Traceback" not in err
            assert out + err + b"".join(files := [*_contents(self._folder)]), command
            assert found(marks(telling), out + err + b"".join(files)) == [], command


def _contents(folder: Path) -> Iterator[bytes]:
    for path in folder.iterdir():
        if path.is_file():
            data = path.read_bytes()
            yield gzip.decompress(data) if path.suffix == ".gz" else data
            path.unlink()


@pytest.fixture
def shown(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Shown:
    """A function that runs commands."""
    return Shown(capsysbinary, tmp_path)


def marks(telling: Telling) -> list[str]:
    """All texts that must not appear. They are keys, tokens, and signatures of signed tokens."""
    parts = [secret.rpartition(".")[2] for secret in telling.secrets if secret.count(".") == 2]
    return [*ALWAYS, *telling.secrets, *(part for part in parts if len(part) > 16)]


def hurry(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the wait for responses that never come. Other waits stay long, for busy machines."""
    if fault in WAIT:
        monkeypatch.setenv("CXONE_REQUEST_TIMEOUT", "0.5")


def rotated(number: int, wanted: int) -> list[str]:
    """Some of the commands; over all faults, each kind of command occurs."""
    return [COMMANDS[(number * wanted + step) % len(COMMANDS)] for step in range(wanted)]


@pytest.mark.parametrize(
    ("status", "place", "contract"), crossed((200, 400, 401, 403, 429, 500), PLACES, CONTRACTS, every=7)
)
async def test_echoed_secrets(shown: Shown, contract: ContractName, place: Place, status: int) -> None:
    """A tenant that repeats all secrets reveals none. Any spelling and place is tried."""
    number = PLACES.index(place) * 6 + status
    for since in (1, 3):
        telling = Telling(place=place, status=status, since=since)
        await shown.nothing(contract, telling, rotated(number + since, 2))


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("fault", sampled(NAMES, every=3))
async def test_no_fault_reveals_a_secret(
    shown: Shown, contract: ContractName, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No fault of the emulator reveals a secret."""
    telling = Telling()
    hurry(fault, monkeypatch)
    await shown.nothing(contract, telling, rotated(NAMES.index(fault), 1), parse_fault(SIMPLEST.get(fault, fault)))


@pytest.mark.thorough
@pytest.mark.parametrize(("fault", "contract"), list(zip(NAMES, cycle(CONTRACTS), strict=False)))
async def test_every_command_under_every_fault(
    shown: Shown, contract: ContractName, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No fault reveals a secret that the tenant repeats.

    Half of the commands, verbosities and formats are tried with each, on one contract. The next faults have the others.
    """
    telling = Telling(place="body", since=4)
    hurry(fault, monkeypatch)
    here = COMMANDS[NAMES.index(fault) // len(CONTRACTS) % 2 :: 2]
    await shown.nothing(contract, telling, list(here), parse_fault(SIMPLEST.get(fault, fault)))


@pytest.mark.parametrize("secret", [CLIENT_SECRET, KEY_SECRET, "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2lnbmF0dXJl"])
def test_the_search_finds_every_spelling(secret: str) -> None:
    """The search of these tests finds a secret in any spelling. In harmless text it finds none."""
    for spelt in spellings(secret):
        assert found([secret], f"some words, {spelt} and more".encode()) == [secret], spelt
    for before in range(4):
        within = base64.b64encode(b"x" * before + secret.encode() + b"y" * 5)
        assert found([secret], b"a " + within) == [secret]
        assert found([secret], quote(within.decode(), safe="").encode()) == [secret]
    assert found([secret], secret[:-1].encode() + b" " + secret.encode()[1:]) == []


PLACES_OF_SETTINGS = ("environment", "dotenv", "profile")
PASTED = [
    "https://user:{secret}@host.example",
    "user:{secret}@host",
    "https://user:{secret}%40host",
    "{secret} host",
    "ftp://{secret}",
    "https://host:{secret}",
    "[{secret}]",
]


@pytest.mark.parametrize("pasted", PASTED)
@pytest.mark.parametrize("at", ["flag", *(pytest.param(one, marks=pytest.mark.thorough) for one in PLACES_OF_SETTINGS)])
def test_a_secret_that_is_pasted_as_the_instance(
    pasted: str,
    at: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """A URL with a password is refused without being repeated. So is an unusable host."""
    text = pasted.format(secret="mK7p4sted7Km")
    monkeypatch.setenv("CXONE_CLIENT_ID", "me")
    flags = ["--instance", text] if at == "flag" else []
    if at == "environment":
        monkeypatch.setenv("CXONE_INSTANCE", text)
    elif at == "dotenv":
        (tmp_path / ".env").write_text(f"CXONE_INSTANCE='{text}'\n")
    elif at == "profile":
        monkeypatch.setenv("ROLLCALL_CONFIG", str(tmp_path / "config.toml"))
        (tmp_path / "config.toml").write_text(f"[profiles.a]\ninstance = '{text}'\n")
    assert main.run(["check", *flags]) == 2
    out, err = capsysbinary.readouterr()
    assert (out, bool(err)) == (b"", True)
    assert found(["mK7p4sted7Km"], err) == []


def ended(arguments: list[str], environment: dict[str, str], folder: Path, *python: str) -> tuple[int, bytes]:
    """Run the command as a process; return its exit code and output."""
    done = subprocess.run(
        [sys.executable, *python, "-m", "cxone_rollcall", *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


DEBUGGED = [("v2", "body", True), ("incontact", None, True), ("incontact", "redirect", False), ("v2", None, False)]


@pytest.mark.parametrize(("contract", "place", "logged"), mostly_thorough(DEBUGGED, quick=1))
async def test_python_in_debug_mode(contract: ContractName, place: Place | None, logged: bool, tmp_path: Path) -> None:
    """The debug modes of Python and asyncio show no secret either."""
    telling = Telling(place=place)
    emulator = tenant(contract, telling)
    async with emulator.running() as address:
        environment = {
            **os.environ,
            **emulator.environment(address.url),
            "PYTHONASYNCIODEBUG": "1",
            "PYTHONWARNINGS": "always",
        }
        if logged:
            (tmp_path / "sitecustomize.py").write_text("import logging; logging.basicConfig(level=1)\n")
            environment["PYTHONPATH"] = first_in_path(tmp_path)
        _, said = await asyncio.to_thread(ended, ["check", "-vv"], environment, tmp_path, "-X", "dev")
    assert (b"asyncio" in said) == logged
    assert found(marks(telling), said) == []


CRASHES = {
    "a check": "import cxone_rollcall.findings.catalogue as c\nfrom cxone_rollcall.findings.case import Case\n"
    "def get(self, *a): raise ValueError(TEXT)\nCase.get = get\nCase.__getitem__ = get",
    "a view": "import cxone_rollcall.views.account as v\n"
    "def account(*a, **b): raise ValueError(TEXT)\nv.account = account",
    "the way": "import cxone_rollcall.transport.http as h\nasync def send(*a): raise RuntimeError(TEXT)\n"
    "h.HttpTransport.send = send",
    "the settings": "import cxone_rollcall.target as t\ndef load(*a): raise KeyError(TEXT)\nt.load = load",
}


@pytest.mark.parametrize("where", mostly_thorough(CRASHES, quick=1))
async def test_a_mistake_of_our_own(where: str, tmp_path: Path) -> None:
    """An exception with a secret is printed without message and traceback."""
    telling = Telling()
    emulator = tenant("v2", telling)
    (tmp_path / "sitecustomize.py").write_text(
        f"import os\nTEXT = 'at ' + os.environ['CXONE_CLIENT_SECRET'] + ' and'\n{CRASHES[where]}\n"
    )
    async with emulator.running() as address:
        environment = {**os.environ, **emulator.environment(address.url), "PYTHONPATH": first_in_path(tmp_path)}
        code, said = await asyncio.to_thread(ended, ["check", "-vv"], environment, tmp_path)
    assert code in {1, 3}, said
    assert b"Traceback" not in said
    assert found(marks(telling), said) == []


def arguments_of(pid: int) -> bytes:
    """What other users can read of a process; "" without /proc."""
    return b"".join(path.read_bytes() for path in (Path(f"/proc/{pid}/cmdline"),) if path.exists())


async def test_the_list_of_processes(tmp_path: Path) -> None:
    """The arguments of the process have no secret. Other users can read them."""
    telling = Telling()
    emulator = tenant("incontact", telling, (parse_fault("hang=at=states"),))
    async with emulator.running() as address:
        environment = {**os.environ, **emulator.environment(address.url)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cxone_rollcall", "check", "-v"),
            env=environment,
            cwd=tmp_path,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        while b"/agents?" not in await process.stderr.readline():
            pass
        said = await asyncio.to_thread(arguments_of, process.pid)
        process.terminate()
        await process.communicate()
    assert telling.secrets
    assert found(marks(telling), said) == []


@pytest.mark.parametrize(
    "shell", mostly_thorough(["bash_complete", "bash_source", "zsh_source", "fish_source"], quick=1)
)
def test_completion_of_the_shell(shell: str, tmp_path: Path) -> None:
    """Shell completion reads and shows no settings."""
    environment = {**os.environ, "_ROLLCALL_COMPLETE": shell, "CXONE_CLIENT_SECRET": CLIENT_SECRET}
    environment |= {"COMP_WORDS": "rollcall check --", "COMP_CWORD": "2"}
    _, said = ended([], environment, tmp_path)
    assert found(ALWAYS, said) == []
