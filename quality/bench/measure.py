"""The measurements: contenders in turn, rate limits, the server, cold starts."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from quality.bench.contenders import CHECK, COLD_STARTS, CONTENDERS, CONTRACTS, Contender
from quality.bench.dialogue import CHECKOUT
from quality.bench.plan import Plan
from quality.bench.polls import polls_in_turn
from quality.bench.process import run_measured
from quality.bench.results import Capacity, Comparison, Limit, Limited, LimitedRuns, Sample, Serving, Setting
from quality.bench.server import Served, Server, running_server
from quality.common.progress import say

CAPACITY_CLIENTS = 8
CANNOT_TELL = 3
"""Exit code of a `check` without some of its responses."""


def compare(settings: Sequence[Setting], folder: Path) -> Iterator[Comparison]:
    """Yield the comparison of each setting. Neighbours with the same agents share a server."""
    for (agents, served), group in groupby(settings, lambda setting: (setting.agents, setting.served)):
        say(f"starting a server with {agents:,} agents")
        with running_server(agents, served=served) as server:
            for setting in group:
                yield side_by_side(setting, server, folder)


def side_by_side(setting: Setting, server: Server, folder: Path) -> Comparison:
    """The runs of all contenders, then the polls. They are taken in turn, so that a busy minute affects all of them."""
    taking_part = [contender for contender in CONTENDERS if contender.name in setting.runs]
    samples: dict[str, list[Sample]] = {contender.key: [] for contender in taking_part}
    if setting.served == "emulated":
        server.delay(setting.latency_ms)
    for repeat in range(setting.rounds):
        for contender in taking_part:
            if repeat >= setting.runs[contender.name]:
                continue
            sample, _, _ = _sample(contender, server, folder)
            samples[contender.key].append(sample)
            used = f"{sample.wall:8.2f} s  CPU {sample.cpu:6.2f} s  {sample.peak / 1e6:6.1f} MB"
            say(f"{setting.agents:>9,} agents {setting.latency_ms:>3} ms  {contender.key:<21}{used}")
    polls = (
        polls_in_turn(server, environment(folder, server.environments["incontact"]), folder, setting.polls)
        if setting.polls
        else {}
    )
    return Comparison(setting=setting, samples=samples, polls=polls)


def under_limits(limits: Sequence[Limit], folder: Path) -> Iterator[LimitedRuns]:
    """Yield the runs of `check` under each limit. One contract at a time, each with its own server.

    Before the first 429 only the machine limits a client. Two clients at once would measure the machine, not the limit.
    """
    contenders = [contender for contender in CONTENDERS if contender.name == CHECK]
    for agents, group in groupby(limits, lambda limit: limit.agents):
        say(f"starting servers with {agents:,} agents and a limit")
        with ExitStack() as stack, ThreadPoolExecutor(len(contenders)) as threads:
            starting = (running_server(agents, contracts=[contender.contract]) for contender in contenders)
            servers = list(threads.map(stack.enter_context, starting))
            for limit in group:
                runs: dict[str, list[Limited]] = {contract: [] for contract in CONTRACTS}
                for _ in range(limit.repeats):
                    for contender, server in zip(contenders, servers, strict=True):
                        run = _limited(limit, folder, contender, server)
                        runs[contender.contract].append(run)
                        of = f"{run.sample.wall:8.2f} s  {run.sample.throttled} of {run.sample.requests} throttled"
                        say(f"{limit.rate:>5}/s, Retry-After {limit.retry_after:<8} {contender.key:<21}{of}")
                yield LimitedRuns(limit=limit, runs=runs)


def cold_start(repeats: int, folder: Path) -> dict[str, list[float]]:
    """Return the seconds of each command's starts, taken in turn."""
    plain = environment(folder)
    walls: dict[str, list[float]] = {command.name: [] for command in COLD_STARTS}
    say(f"cold start, {repeats} times each")
    for _ in range(repeats):
        for command in COLD_STARTS:
            walls[command.name].append(run_measured(command.line, plain, folder).wall)
    return walls


def server_alone(plan: Plan, folder: Path) -> list[Capacity]:
    """Requests per second that each server answers. Bare clients send at full speed."""
    kinds: dict[Serving, int] = {"emulated": plan.capacity_agents}
    kinds |= {setting.served: setting.agents for setting in plan.settings if setting.served == "static_server"}
    capacities = []
    for served, agents in kinds.items():
        with running_server(agents, served=served) as server:
            for contract in CONTRACTS:
                for asked in ("pages", "states"):
                    capacity = _capacity(contract, asked, agents, served, plan.capacity_seconds, server, folder)
                    say(f"server alone, {served} {contract} {asked}: {capacity.requests / capacity.seconds:.0f}/s")
                    capacities.append(capacity)
    return capacities


def warm_up(agents: int, folder: Path) -> None:
    """Run everything once, unmeasured, and check that the contenders count the same."""
    for command in COLD_STARTS:
        run_measured(command.line, environment(folder), folder)
    with running_server(agents) as server:
        for contract in CONTRACTS:
            agree(
                {
                    one.key: one.seen(_printed(one.line, contract, server, folder))
                    for one in CONTENDERS
                    if one.contract == contract
                }
            )


def agree(seen: Mapping[str, Mapping[str, int]]) -> None:
    """Raise `RuntimeError` if contenders counted the same thing differently."""
    for what in {what for of in seen.values() for what in of}:
        counts = {key: of[what] for key, of in seen.items() if what in of}
        if len(set(counts.values())) > 1:
            raise RuntimeError(f"the contenders disagree on how many {what} there are: {counts}")


def _sample(
    contender: Contender, server: Server, folder: Path, exits: Container[int] = (0,)
) -> tuple[Sample, Served, int]:
    before = server.served()
    used = run_measured(contender.line, environment(folder, server.environments[contender.contract]), folder, exits)
    after = server.served()
    sample = Sample(
        wall=used.wall,
        cpu=used.cpu,
        peak=used.peak,
        requests=after.requests,
        throttled=len(after.turned_away),
        most_at_once=after.most_at_once,
        server_cpu=after.cpu_seconds - before.cpu_seconds,
    )
    return sample, after, used.exit


def _limited(limit: Limit, folder: Path, contender: Contender, server: Server) -> Limited:
    server.limit(limit)
    sample, served, ended = _sample(contender, server, folder, (0, CANNOT_TELL))
    return Limited(
        sample=sample, let_through=served.let_through, turned_away=served.turned_away, whole=ended != CANNOT_TELL
    )


def _capacity(
    contract: str, asked: str, agents: int, served: Serving, seconds: float, server: Server, folder: Path
) -> Capacity:
    numbers = [str(number) for number in (agents, CAPACITY_CLIENTS, seconds)]
    before = server.served()
    command = (sys.executable, "-m", "quality.bench.bare_clients", contract, asked, *numbers)
    printed = _printed(command, contract, server, folder)
    server_cpu = server.served().cpu_seconds - before.cpu_seconds
    said = json.loads(printed)
    return Capacity(
        served=served,
        contract=contract,
        asked=asked,
        agents=agents,
        clients=CAPACITY_CLIENTS,
        server_cpu=server_cpu,
        **said,
    )


def _printed(command: Sequence[str], contract: str, server: Server, folder: Path) -> str:
    run = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder, server.environments[contract]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return run.stdout


def environment(folder: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment without the user's settings, in which `quality` can be imported.

    It has no proxies and no profile.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    found = {"PYTHONPATH": str(CHECKOUT)} if settings else {}
    return {**kept, **found, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), **(settings or {})}


def scratch() -> tempfile.TemporaryDirectory[str]:
    """Return an empty folder to run in, without `.env` and `config.toml`."""
    return tempfile.TemporaryDirectory(prefix="rollcall-bench-")
