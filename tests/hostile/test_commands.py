"""With hostile responses the real command stays safe, readable and exact. It runs over a real socket."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from quality.common.run_command import command
from tests.hostile.tenant import ALL, NAMES, HostileErrors, HostileIds, HostileTexts
from tests.hostile.texts import LONG, SHORT, is_safe
from tests.support.thorough import crossed, mostly_thorough
from tests.transport.raw import listening, saying
from tests.views.test_html import ELEMENTS

from cxone_rollcall.cli import why
from cxone_rollcall.contracts.decoding import LONGEST_TEXT
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.wire import Endpoint
from cxone_rollcall.testing import emulator_of
from cxone_rollcall.views.text import width

CONTRACTS: tuple[ContractName, ...] = ("v2", "incontact")
LONGEST_LINE = 30_000
"""Characters of a line in a pipe, where lines are not wrapped. A page has one paragraph a line."""


@dataclass(frozen=True, slots=True)
class Said:
    """The output and exit code of a command."""

    code: int
    out: str
    err: str

    def is_safe(self, most: int = LONGEST_LINE) -> bool:
        """Whether both streams are safe to show. They have no control characters, bidi marks or floods of accents."""
        both = f"{self.out}\n{self.err}".replace("\r\n", "\n")
        return is_safe(both) and max(map(len, both.split("\n"))) < most and "Traceback" not in both


Command = Callable[..., Awaitable[list[Said]]]


@pytest.fixture
def commands(alone: None, capsysbinary: pytest.CaptureFixture[bytes]) -> Command:
    """A function that runs commands here against a tenant with these faults. They run in an empty folder."""

    async def run(contract: ContractName, *lines: str, faults: tuple[Fault, ...], agents: int = 8) -> list[Said]:
        emulator = emulator_of(agents, contract, faults)
        said = []
        async with emulator.running() as address:
            for line in lines:
                code = await command(line.split(), emulator.environment(address.url))
                out, err = capsysbinary.readouterr()
                said.append(Said(code, out.decode(), err.decode()))
        return said

    return run


def exact(text: str) -> str:
    """A text as JSON and CSV return it, lone surrogates as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def ruled(text: str) -> str:
    """A text as CSV returns it, with an apostrophe before a formula."""
    return f"'{text}" if text.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")) else text


class Page(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str | None]] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value)

    @property
    def is_ours(self) -> bool:
        """Whether the page has only our elements, and no handlers. Links must stay within the page."""
        harmful = [name for name in self.attributes if name.startswith("on") or name in ("src", "srcset", "action")]
        links = [link for link in self.attributes.get("href", []) if not (link or "").startswith("#")]
        return self.tags <= ELEMENTS and not harmful and not links


SHOWN = (
    "check",
    "check --format junit",
    "check --format html",
    "check -v --state Availble --save case.json",
    "states",
    "states --state Availble",
    "agents -vv",
    "why 30000000001 30000000002 Nobody",
    "why 30000000003 --format html",
    "why 30000000004 --format junit --expect-logged-in --save why.json",
    "auth status -v",
    "case show case.json",
    "case show case.json 1 2 3 4",
    "case judge case.json",
    "case judge case.json --format junit",
    "check --probes deep --save nobody.gz --anonymize",
    "case judge nobody.gz --format html",
)


@pytest.mark.parametrize("contract", mostly_thorough(CONTRACTS, quick=1))
async def test_what_people_read(contract: ContractName, commands: Command, tmp_path: Path) -> None:
    """Each command for people is safe in every format. It writes only the requested files."""
    said = await commands(contract, *SHOWN, faults=(HostileTexts(),), agents=len(NAMES))
    for line, one in zip(SHOWN, said, strict=True):
        assert one.is_safe(), line
        assert one.code in (0, 1, 2, 3), (line, one.code)
        if "html" in line:
            assert Page(one.out).is_ours
        if "junit" in line:
            ET.fromstring(one.out)  # noqa: S314  our own document
    assert written(tmp_path) == ["case.json", "nobody.gz", "why.json"]


def written(folder: Path) -> list[str]:
    """All files below a folder; asserts that the texts created none elsewhere."""
    assert not Path("/made").exists()
    return sorted(path.name for path in folder.rglob("*"))


READ = (
    "agents --format json",
    "agents --format ndjson",
    "agents --format csv",
    "states --format json",
    "states --format ndjson",
    "states --format csv",
    "check --format json --save case.json",
    "check --format csv",
    "case judge case.json --format json",
    "case judge case.json --format csv",
)


@pytest.mark.parametrize("contract", mostly_thorough(CONTRACTS, quick=1))
async def test_what_machines_read(contract: ContractName, commands: Command) -> None:
    """JSON, NDJSON and CSV read back to every name and state. For CSV the documented rule applies."""
    hostile = HostileTexts()
    said = await commands(contract, *READ, faults=(hostile,), agents=len(NAMES))
    ids = [f"{30_000_000_001 + place}" for place in range(len(NAMES))]
    for line, one in zip(READ, said, strict=True):
        rows = rows_of(line, one.out)
        rule = ruled if "csv" in line else str
        assert sorted(row["agent_id"] for row in rows) == ids, line
        for row in rows:
            text = exact(hostile.text_of(int(row["agent_id"])))
            assert row["name"] == rule(f"{text} {text}"), line
            assert row["team"] == rule(text), line
        states = {row["sub_state"] for row in rows if "sub_state" in row}
        assert "agents" in line or len(states) > 10, line
        assert is_safe(one.err), line
        if "csv" not in line:
            assert not [char for char in set(one.out) - {"\n"} if "\x7f" <= char <= "\x9f" or char < " "], line
            assert not set(one.out) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def rows_of(line: str, out: str) -> list[dict[str, Any]]:
    """The agents that a command wrote."""
    if "csv" in line:
        csv.field_size_limit(sys.maxsize)
        return list(csv.DictReader(io.StringIO(out, newline=""), strict=True))
    if "ndjson" in line:
        return [json.loads(row) for row in out.split("\n")[:-1]]
    document = json.loads(out)
    rows: list[dict[str, Any]] = document if isinstance(document, list) else document["agents"]
    return rows


REFUSED = (
    "check",
    "why 30000000001 -v",
    "check --format html",
    "states",
    "auth status",
    "check --format junit --save case.json",
    "agents -vv",
    "check --format csv",
    "why 30000000001 --format html",
)
PLACES: tuple[Endpoint, ...] = ("token", "agents", "states")
STATUSES = (400, 401, 403, 404, 409, 413, 429, 500, 503)


@pytest.mark.parametrize(("contract", "at", "status"), crossed(CONTRACTS, PLACES, STATUSES, every=5))
async def test_the_text_of_a_refusal(contract: ContractName, at: Endpoint, status: int, commands: Command) -> None:
    """The text of a refusal is shown safely. It does not change the findings."""
    turn = status + PLACES.index(at) * 3 + CONTRACTS.index(contract)
    shown = REFUSED[turn % len(REFUSED)]
    hostile, plain = (HostileErrors(at=at, status=status, text=text, code="invalid_client") for text in (ALL, "No."))
    safe, found = await commands(contract, shown, "check --format json", faults=(hostile,))
    assert safe.is_safe(), shown
    assert "html" not in shown or Page(safe.out).is_ours
    (expected,) = await commands(contract, "check --format json", faults=(plain,))
    assert found.code == expected.code
    assert [one["code"] for one in json.loads(found.out)["findings"]] == [
        one["code"] for one in json.loads(expected.out)["findings"]
    ]


@pytest.mark.parametrize(
    ("contract", "text", "lines"),
    mostly_thorough(
        [
            ("v2", "long escapes", ("check", "states --format csv", "why 30000000001")),
            ("incontact", "long", ("states", "check --format json", "auth status")),
        ],
        quick=1,
    ),
)
async def test_texts_of_a_megabyte(
    contract: ContractName, text: str, lines: tuple[str, str, str], commands: Command
) -> None:
    """Names and errors of a megabyte are cut. Names are cut as soon as they are read."""
    first, exactly, last = await commands(contract, *lines, faults=(HostileTexts(names=(LONG[text],)),), agents=1)
    (row,) = rows_of(lines[1], exactly.out)
    cut = f"{LONG[text][: LONGEST_TEXT - 3]}..."
    assert (row["team"], row["name"]) == (cut, f"{cut} {cut}")
    refused = HostileErrors(at="token", status=403, text=LONG[text])
    for one in (first, last, *await commands(contract, lines[0], "auth status", faults=(refused,), agents=1)):
        assert one.is_safe()
        assert len(one.out + one.err) < 10_000


HEAD = b"HTTP/1.1 403 \x1b[2J\x9b31m\xe2\x80\xae\r\nX-Reason: \x1b]0;x\x07\x9d\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("head", [HEAD, HEAD.replace(b"\x1b", b"").replace(b"\x07", b""), b"\x1b[2J\x9b31m\xff\n\n"])
async def test_hostile_status_lines_and_headers(
    head: bytes, alone: None, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Escapes in status line and headers are shown safely. So are bytes that are not HTTP."""
    async with listening(saying(head)) as url:
        code = await command(["check", "-vv"], emulator_of().environment(url))
    out, err = capsysbinary.readouterr()
    assert code in (3, 4, 5)
    assert Said(code, out.decode(), err.decode()).is_safe()


@pytest.mark.skipif(os.name != "posix", reason="runs a POSIX shell")
async def test_commands_to_type(commands: Command, tmp_path: Path) -> None:
    """A suggested command is about the right agent, for any name. It runs nothing else."""
    ids = (SHORT["shell"], SHORT["option"], "-o/made", "$(touch made)", "'\"x\"' #1")
    said = await commands(
        "v2",
        "why Same",
        *(f"why same{number}" for number in range(len(ids))),
        faults=(HostileIds(others=ids),),
        agents=8,
    )
    assert said[0].code == 2
    offered = [line.strip() for line in said[0].err.split("\n") if "rollcall why " in line]
    assert len(offered) == 8
    for one in said[1:]:
        (line,) = [line for line in one.out.split("\n") if line.startswith("  next")]
        offered.append(line.removeprefix("  next").partition(", if")[0].strip())
    (tmp_path / "rollcall").write_text('#!/bin/sh\nprintf "%s\\0" "$@" >asked\n')
    (tmp_path / "rollcall").chmod(0o700)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    asked = set()
    for line in offered:
        for typed in (line.replace("#", "", 1), line):  # not every shell takes what is typed behind # for a remark
            process = await asyncio.create_subprocess_exec("sh", "-c", typed, cwd=tmp_path, env=environment)
            assert await process.wait() == 0, typed
        name, *words = (tmp_path / "asked").read_text().split("\0")[:-1]
        assert name == "why" or words == ["RC602"] or words == ["RC603"]
        if name == "why":
            asked.add(why.command.make_context(name, words).params["agents"])
    assert {(one,) for one in ids} < asked
    assert written(tmp_path) == ["asked", "rollcall"]


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
@pytest.mark.parametrize(
    ("contract", "line"),
    mostly_thorough(
        [("v2", "check"), ("incontact", "states"), ("incontact", "why 30000000001"), ("v2", "states --format csv")],
        quick=2,
    ),
)
async def test_on_a_terminal(contract: ContractName, line: str, tmp_path: Path) -> None:
    """Every line fits a terminal, without control characters but line ends."""
    import pty

    emulator = emulator_of(len(NAMES), contract, [HostileTexts()])
    ours, theirs = pty.openpty()
    async with emulator.running() as address:
        settings = {**emulator.environment(address.url), "COLUMNS": "100", "NO_COLOR": "1"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cxone_rollcall", *line.split()),
            env={**os.environ, **settings},
            cwd=tmp_path,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=theirs,
            stderr=asyncio.subprocess.PIPE,
        )
        os.close(theirs)
        read = asyncio.create_task(asyncio.to_thread(everything, ours))
        _, err = await process.communicate()
        shown = (await read).decode().replace("\r\r\n", "\n").replace("\r\n", "\n")  # a terminal adds a CR to an LF
    assert Said(process.returncode or 0, shown, err.decode()).is_safe()
    assert "csv" in line or all(width(one) <= 100 or len(one.split()) <= 2 for one in shown.split("\n"))
    assert len(shown.split("\n")) > 20


def everything(terminal: int) -> bytes:
    """Read a terminal until its end."""
    read = b""
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # how Linux says that the other end is closed
            piece = b""
        if not piece:
            os.close(terminal)
            return read
        read += piece
