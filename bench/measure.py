"""The measurements themselves: contenders side by side, the server alone, the cold start."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.contenders import COLD_STARTS, CONTENDERS, Contender
from bench.dialogue import CHECKOUT
from bench.polls import polls_in_turn
from bench.process import own_peak, run_measured
from bench.results import Capacity, Comparison, Sample, Setting
from bench.server import Server, running_server

COLD_REPEATS = 25
CAPACITY_AGENTS = 10_000
CAPACITY_CLIENTS = 8
CAPACITY_SECONDS = 4.0

Say = Callable[[str], None]


def side_by_side(setting: Setting, folder: Path, say: Say) -> Comparison:
    """Run all contenders in turn against one server, round after round, so that a busy minute hits them alike.

    Then the pollers, in the same way.
    """
    samples: dict[str, list[Sample]] = {contender.key: [] for contender in CONTENDERS}
    with running_server(setting.agents, setting.latency_ms) as server:
        for repeat in range(setting.repeats):
            for contender in CONTENDERS:
                if contender.slow and repeat >= setting.slow_repeats:
                    continue
                sample = _sample(contender, server, folder)
                samples[contender.key].append(sample)
                used = f"{sample.wall:8.2f} s  CPU {sample.cpu:6.2f} s  {sample.peak / 1e6:6.1f} MB"
                say(f"{setting.agents:>7} agents {setting.latency_ms:>3} ms  {contender.key:<19}{used}")
        polls = polls_in_turn(server, _environment(folder, server.environments["incontact"]), folder, say)
    return Comparison(setting=setting, samples=samples, polls=polls)


def cold_start(folder: Path, say: Say) -> dict[str, list[float]]:
    """Start each command in turn, many times over; return the seconds of each."""
    environment = _environment(folder)
    walls: dict[str, list[float]] = {command.name: [] for command in COLD_STARTS}
    say(f"cold start, {COLD_REPEATS} times each")
    for _ in range(COLD_REPEATS):
        for command in COLD_STARTS:
            walls[command.name].append(run_measured(command.line, environment, folder).wall)
    return walls


def server_alone(folder: Path, say: Say) -> list[Capacity]:
    """Ask the server by bare clients, for pages and for states, as fast as they can for a few seconds."""
    with running_server(CAPACITY_AGENTS, 0) as server:
        return [
            _capacity(contract, asked, server, folder, say)
            for contract in server.environments
            for asked in ("pages", "states")
        ]


def warm_up(folder: Path) -> None:
    """Run everything once, unmeasured, and see that the contenders agree on how many are logged in."""
    for command in COLD_STARTS:
        run_measured(command.line, _environment(folder), folder)
    with running_server(1000, 0) as server:
        found = {one.key: one.logged_in(_printed(one.line, one.contract, server, folder)) for one in CONTENDERS}
    if len(set(found.values())) > 1:
        raise RuntimeError(f"the contenders disagree on how many are logged in: {found}")


def _sample(contender: Contender, server: Server, folder: Path) -> Sample:
    before = server.served()
    used = run_measured(contender.line, _environment(folder, server.environments[contender.contract]), folder)
    after = server.served()
    if used.peak <= own_peak():
        raise RuntimeError("the benchmark itself has grown larger than what it measures: the peak would be its own")
    return Sample(
        wall=used.wall,
        cpu=used.cpu,
        peak=used.peak,
        requests=after.requests,
        most_at_once=after.most_at_once,
        server_cpu=after.cpu_seconds - before.cpu_seconds,
    )


def _capacity(contract: str, asked: str, server: Server, folder: Path, say: Say) -> Capacity:
    numbers = [str(number) for number in (CAPACITY_AGENTS, CAPACITY_CLIENTS, CAPACITY_SECONDS)]
    before = server.served()
    command = (sys.executable, "-m", "bench.bare_clients", contract, asked, *numbers)
    printed = _printed(command, contract, server, folder)
    server_cpu = server.served().cpu_seconds - before.cpu_seconds
    said = json.loads(printed)
    capacity = Capacity(contract=contract, asked=asked, clients=CAPACITY_CLIENTS, server_cpu=server_cpu, **said)
    say(f"server alone, {contract} {asked}: {capacity.requests / capacity.seconds:.0f} requests/s")
    return capacity


def _printed(command: Sequence[str], contract: str, server: Server, folder: Path) -> str:
    environment = {**_environment(folder, server.environments[contract]), "PYTHONPATH": str(CHECKOUT)}
    run = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout


def _environment(folder: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without anybody's own settings, proxies or profile."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {**kept, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), **(settings or {})}


def scratch() -> tempfile.TemporaryDirectory[str]:
    """Return an empty folder to run in: no `.env` and no `config.toml` is found from there."""
    return tempfile.TemporaryDirectory(prefix="rollcall-bench-")
