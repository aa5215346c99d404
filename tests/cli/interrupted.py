"""Commands as processes that get a signal at a chosen event. Events are requests, imports and file operations."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from tests.cli.forking import Forking
from tests.support.python_path import first_in_path

from cxone_rollcall.emulator import Emulator, EmulatorSettings
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery

SIGNALS = [one for one in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", None)) if one is not None]

if signal.getsignal(SIGNALS[-1]) is signal.SIG_IGN:
    signal.signal(SIGNALS[-1], signal.SIG_DFL)  # the tests run under `nohup`; what they start does not

EACH_SIGNAL = [signal.SIGTERM, *(pytest.param(one, marks=pytest.mark.thorough) for one in SIGNALS if one != 15)]

LATE = 30.0
"""Seconds after which a process counts as hanging; most take one."""

AT_EVENT = """
import os, signal, sys
events, number, wanted = os.environ["AT_EVENT"].split(","), int(os.environ["SIGNAL"]), int(os.environ["NTH"])
seen = 0
def hook(event, arguments):
    global seen
    if event == "import":
        said = f"import {arguments[0]}"
    elif arguments and isinstance(arguments[0], (str, os.PathLike)):
        said = f"{event} {os.path.basename(os.fspath(arguments[0]))}"
    else:
        return
    if any(said.startswith(one) for one in events):
        seen += 1
        if seen == wanted:
            os.kill(os.getpid(), number)
sys.addaudithook(hook)
"""


@dataclass(slots=True)
class Learned:
    """The ids that a run requested, got a response for, or found. Found are ids in a row of roster or states."""

    asked: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    roster: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)


class Arrival(Fault, name="arrival"):
    """Calls `then` with each arriving request's number. From `silent_from` on, requests get no response."""

    then: Callable[[int], None]
    told: Learned
    silent_from: int = 1_000_000
    seen: list[int] = field(default_factory=list)

    def before(self, call: Call) -> Answer | None:
        """Count the request."""
        self.seen.append(len(self.seen) + 1)
        self.told.asked.update(call.ids or ())
        self.then(self.seen[-1])
        return Answer(0, delivery=Delivery.NEVER) if self.seen[-1] >= self.silent_from else None

    def after(self, call: Call, answer: Answer) -> Answer:
        """Record the response."""
        if answer.delivery is not Delivery.NEVER and call.endpoint in ("agents", "states"):
            document = json.loads(answer.body)
            rows = document.get("entities") or document.get("agents") or document.get("agentStates") or []
            ids = {str(row.get("id") or row.get("agentId")) for row in rows}
            (self.told.roster if call.endpoint == "agents" else self.told.states).update(ids)
            self.told.answered.update(call.ids or ())
        return answer


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended."""

    code: int
    out: bytes
    err: str


@dataclass
class Started:
    """A running process: its output, its signals, and its end."""

    out: asyncio.StreamReader
    err: asyncio.StreamReader
    signal: Callable[[int], None]
    ended: Callable[[], Awaitable[int]]


@dataclass
class Stage:
    """A tenant that counts requests, and commands signalled at one of them.

    With `forking`, a command is a fork of a process that has loaded everything; else it starts a new interpreter.
    """

    folder: Path
    forking: Forking | None = None
    contract: str = "v2"
    agents: int = 130
    then: Callable[[int], None] = lambda number: None
    arrived: int = 0
    told: Learned = field(default_factory=Learned)
    environment: dict[str, str] = field(default_factory=dict)

    def _arrives(self, number: int) -> None:
        self.arrived = number
        self.then(number)

    async def run(
        self,
        *arguments: str,
        number: signal.Signals = signal.SIGINT,
        at: int = 0,
        said: bytes = b"",
        shown: int = 0,
        silent: bool = False,
        times: int = 1,
        more: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run a command that gets a signal at a chosen moment.

        It comes `times` times, when request `at` arrives or `said` is on stderr.

        With `silent`, neither that request nor later ones get a response. With `shown`, it gets the signal when `-v`
        has shown this number of requests.
        """
        self.told = Learned()
        emulator = Emulator(
            EmulatorSettings(contracts=(self.contract,), agents=self.agents),  # type: ignore[arg-type]
            [Arrival(then=self._arrives, told=self.told, silent_from=at if silent else 1_000_000)],
        )
        self.arrived = 0
        async with emulator.running() as address:
            settings = {**emulator.environment(address.url), "CXONE_CONTRACT": self.contract, "CXONE_PROFILE": ""}
            environment = {**os.environ, **settings, **self.environment, **(more or {})}
            process = await self._started(arguments, environment)

            def interrupt(arrived: int) -> None:
                if arrived == at and not shown:
                    for _ in range(times):
                        process.signal(number)

            self.then = interrupt
            try:
                async with asyncio.timeout(LATE):
                    before = b""
                    while (said and said not in before) or before.count(b"\n") < shown:
                        before += await process.err.readline()
                    if said or shown:
                        process.signal(number)
                    out, err = await asyncio.gather(process.out.read(), process.err.read())
                    code = await process.ended()
            except TimeoutError:
                process.signal(signal.SIGKILL)
                await process.ended()
                raise
        return Ended(code, out, (before + err).decode("utf-8", "replace"))

    async def _started(self, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Started:
        if self.forking:
            (out, to_out), (err, to_err) = await _pipe(), await _pipe()
            pid = self.forking.start(arguments, (to_out, to_err), self.folder, environment=environment)
            return Started(out, err, partial(os.kill, pid), partial(asyncio.to_thread, self.forking.ended))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cxone_rollcall", *arguments),
            env=environment,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        return Started(process.stdout, process.stderr, process.send_signal, process.wait)


async def _pipe() -> tuple[asyncio.StreamReader, int]:
    """Return the reader of a pipe and the descriptor to write to."""
    ours, theirs = os.pipe()
    read = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(read), os.fdopen(ours, "rb")
    )
    return read, theirs


def at_event(folder: Path, events: str, number: signal.Signals, *, nth: int = 1) -> dict[str, str]:
    """The environment that makes a process signal itself at an event. The event is the nth of these audit events."""
    place = folder / "at-event"
    place.mkdir(exist_ok=True)
    (place / "sitecustomize.py").write_text(AT_EVENT)
    return {"PYTHONPATH": first_in_path(place), "AT_EVENT": events, "SIGNAL": str(int(number)), "NTH": str(nth)}


def assert_quiet(ended: Ended) -> None:
    """Assert that a process ended with 130, without a word from Python."""
    assert ended.code == 130, (ended.code, ended.err)
    for words in ("Traceback", "Exception ignored", "KeyboardInterrupt", "CancelledError", "never retrieved"):
        assert words not in ended.err, ended.err


def left(folder: Path) -> list[str]:
    """The files in a folder, except those of these tests."""
    return sorted(set(os.listdir(folder)) - {"at-event"})  # noqa: PTH208
