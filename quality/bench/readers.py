"""Many readers of one board: delay, memory and CPU of `rollcall serve`."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from quality.bench.dialogue import dialogue
from quality.bench.history import EnvironmentOf
from quality.bench.process import size_of, used_by
from quality.bench.results import Measure, ReadersSetting
from quality.bench.server import running_server
from quality.common.progress import say

INTERVAL = 1.0
MOST_DELAY, MOST_BYTES = 0.1, 20_000
"""Seconds from the first reader to nearly all, and bytes a reader."""
DELAYED = 1_000
"""Most readers for which the delay has a target."""


class Serving(NamedTuple):
    """A running `rollcall serve`."""

    url: str
    pid: int


def readers(setting: ReadersSetting, environment_of: EnvironmentOf, folder: Path) -> Iterator[Measure]:
    """Yield delay, memory and CPU for each number of readers. The board has changes each second. Linux only."""
    for number in setting.readers if sys.platform == "linux" else ():
        with ExitStack() as stack:
            server = stack.enter_context(running_server(setting.agents, clock="running"))
            environment = environment_of(server.environments["incontact"])
            url, pid = stack.enter_context(_serving(environment, folder))
            before = size_of(pid)
            client = stack.enter_context(dialogue("quality.bench.readers_client", url, str(number)))
            each = (size_of(pid) - before) / number
            cpu, began = used_by(pid), time.monotonic()
            taken = client.ask(seconds=setting.seconds)
            share = (used_by(pid) - cpu) / (time.monotonic() - began)
        late = quantiles(taken["delays"], n=100)[-1]
        say(f"{number:,} readers: {late * 1000:.1f} ms, {each / 1000:.1f} kB each, {share:.0%} of a core")
        of = f"{number:,} readers, {setting.agents:,} agents, a poll each second"
        yield Measure(
            what=f"delay of a poll, p99 of all readers after the first: {of}",
            value=late * 1000,
            unit="ms",
            most=MOST_DELAY * 1000 if number <= DELAYED else None,
        )
        yield Measure(what=f"memory of a reader: {of}", value=each / 1000, unit="kB", most=MOST_BYTES / 1000)
        yield Measure(what=f"CPU of `serve`: {of}", value=share * 100, unit="% of a core", most=100)


@contextmanager
def _serving(environment: Mapping[str, str], folder: Path) -> Iterator[Serving]:
    """Run `rollcall serve` during the block, once it has a board."""
    options = ("--listen", "127.0.0.1:0", "--interval", f"{INTERVAL:g}", "--contract", "incontact")
    command = (sys.executable, "-m", "cxone_rollcall", "serve", *options, "--grant-type", "password")
    process = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        found = re.search(r"http://\S+", process.stderr.readline() if process.stderr else "")
        if found is None:
            raise RuntimeError("rollcall serve has no address")
        yield Serving(found[0], process.pid)
    finally:
        process.terminate()
        process.communicate()
