"""The live poller: looks, memory, and the time to the first board."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from quality.bench.dialogue import Dialogue, dialogue
from quality.bench.process import run_measured
from quality.bench.results import LiveRuns, LiveSetting, Look
from quality.bench.server import running_server
from quality.common.progress import say


class Kind(NamedTuple):
    """A poller of the comparison; `title` describes it in the report."""

    name: str
    title: str
    command: tuple[str, ...]
    contract: str


LOOP = Kind(
    "requests loop",
    "`quality/bench/live_requests.py`: asks everybody each time, one request at a time",
    ("quality.bench.live_requests",),
    "incontact",
)
WHOLE = {
    contract: Kind(
        f"{contract} whole look",
        "`cxone_rollcall.live.poller.Poller`, with a board, changes and findings",
        ("quality.bench.live_rollcall", contract, "whole"),
        contract,
    )
    for contract in ("v2", "incontact")
}
IDLE = Kind(
    "incontact idle delta",
    "the same between two whole looks",
    ("quality.bench.live_rollcall", "incontact", "delta"),
    "incontact",
)
KINDS = (LOOP, *WHOLE.values(), IDLE)
WATCH, CHECK = "watch --count 1", "check"
_FIRST = {
    WATCH: ("watch", "--count", "1", "--format", "ndjson"),
    CHECK: ("check", "--format", "json"),
}


def live(
    settings: Sequence[LiveSetting], environment_of: Callable[[Mapping[str, str]], dict[str, str]], folder: Path
) -> Iterator[LiveRuns]:
    """Yield the runs of each setting. `environment_of` adds settings to an environment."""
    for setting in settings:
        with running_server(setting.agents) as server:
            server.delay(setting.latency_ms)
            environments = {name: environment_of(of) for name, of in server.environments.items()}
            yield LiveRuns(
                setting=setting,
                looks=_looks(setting, environments, folder) if setting.looks else {},
                polls=_polls(setting, environments, folder) if setting.polls else (),
                firsts=_firsts(setting, environments, folder) if setting.firsts else {},
            )


def _looks(setting: LiveSetting, environments: Mapping[str, dict[str, str]], folder: Path) -> dict[str, list[Look]]:
    """Looks of each kind, in turn. The first one of each process reads the roster and is not counted."""
    looks: dict[str, list[Look]] = {kind.name: [] for kind in KINDS}
    with ExitStack() as stack:
        running = [(kind, stack.enter_context(_running(kind, environments, folder))) for kind in KINDS]
        for _ in range(setting.looks):
            for kind, process in running:
                looks[kind.name].append(Look(**process.ask()))
    for name, of in looks.items():
        cpu = median(look.cpu for look in of)
        each = cpu / setting.agents * 1e6
        say(f"{setting.agents:>9,} agents  {name:<22}CPU {cpu * 1000:8.2f} ms  {each:6.2f} us an agent")
    return looks


def _polls(setting: LiveSetting, environments: Mapping[str, dict[str, str]], folder: Path) -> list[int]:
    """The peak memory in bytes after each of many idle polls."""
    with _running(IDLE, environments, folder) as process:
        return [Look(**process.ask()).peak_bytes for _ in range(setting.polls)]


def _firsts(setting: LiveSetting, environments: Mapping[str, dict[str, str]], folder: Path) -> dict[str, list[float]]:
    """Seconds up to the first board, and of `check`, in turn."""
    seconds: dict[str, list[float]] = {f"{contract} {name}": [] for contract in environments for name in _FIRST}
    for _ in range(setting.firsts):
        for contract, environment in environments.items():
            for name, arguments in _FIRST.items():
                command = (sys.executable, "-m", "cxone_rollcall", *arguments, "--contract", contract)
                if contract == "incontact":
                    command = (*command, "--grant-type", "password")
                seconds[f"{contract} {name}"].append(run_measured(command, environment, folder).wall)
    for name, walls in seconds.items():
        say(f"{setting.agents:>9,} agents {setting.latency_ms:>3} ms  {name:<28}{median(walls):6.2f} s")
    return seconds


def _running(kind: Kind, environments: Mapping[str, dict[str, str]], folder: Path) -> AbstractContextManager[Dialogue]:
    module, *arguments = kind.command
    return dialogue(module, *arguments, environment=environments[kind.contract], folder=folder)
