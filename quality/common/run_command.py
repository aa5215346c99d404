"""Runs `rollcall check` in this process, over a socket, against an emulated tenant."""

from __future__ import annotations

import asyncio
import io
import json
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from unittest.mock import patch

from cxone_rollcall.cli import main, session
from cxone_rollcall.emulator import Emulator
from cxone_rollcall.testing import emulator_of
from cxone_rollcall.transport.pace import backoff, rate
from quality.common.judge import Run

REQUEST_TIMEOUT = "1"
FIRST_WAIT, FIRST_THROTTLE_WAIT = 0.01, 0.05
"""Seconds between tries, shorter than in real runs. The number of tries is the same."""
SEED = 1
"""Seed of each run's generator."""
SLOWEST = 500.0
"""Requests per second that rollcall sends despite 429s, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One run: the tenant, and its faults as `--fault` takes them."""

    contract: str
    faults: tuple[str, ...] = ()
    agents: int = 120
    seed: int = 1
    probes: str = "auto"

    @property
    def command(self) -> str:
        """The command that shows the same on the demo's tenant. Its size and seed must be the same."""
        faults = "".join(f" --fault {fault}" for fault in self.faults)
        return f"rollcall check --demo --contract {self.contract}{faults}"


def prepare(folder: Path) -> None:
    """Remove this machine's settings from this process. Waits between tries become short."""
    for name in [name for name in os.environ if name.startswith(("CXONE_", "ROLLCALL_"))]:
        del os.environ[name]
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["XDG_CONFIG_HOME"] = str(folder)
    os.environ["ROLLCALL_LOGINS"] = str(folder / "logins.json")
    os.chdir(folder)
    backoff.FIRST_WAIT = FIRST_WAIT
    backoff.FIRST_THROTTLE_WAIT = FIRST_THROTTLE_WAIT
    rate.SLOWEST = SLOWEST


def check(setting: Setting) -> tuple[Run, float]:
    """Return a run on this tenant, and its seconds. Call `prepare` first."""
    emulator = emulator_of(setting.agents, setting.contract, setting.faults, seed=setting.seed)
    said = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="rollcall-run-") as folder:
        document = Path(folder) / "account.json"
        arguments = ["check", "--format", "json", "--probes", setting.probes, "--output", str(document)]
        began = time.perf_counter()
        with redirect_stderr(said):
            code = asyncio.run(_asked(emulator, arguments))
        seconds = time.perf_counter() - began
        if not document.exists():
            raise RuntimeError(f"{setting.command}: exit {code}, {said.getvalue()}")
        return Run(code, json.loads(document.read_bytes()), emulator.truth()), seconds


async def _asked(emulator: Emulator, arguments: list[str]) -> int:
    async with emulator.running() as address:
        return await command(arguments, emulator.environment(address.url))


async def command(arguments: list[str], settings: Mapping[str, str]) -> int:
    """Run the command in a thread; return its exit code.

    It has these settings in the environment. Its controls ask for the same agents each time, so that a run repeats.
    """
    environment = patch.dict(os.environ, {"CXONE_REQUEST_TIMEOUT": REQUEST_TIMEOUT, **settings})
    with environment, patch.object(session, "RNG", partial(Random, SEED)):
        return await asyncio.to_thread(main.run, arguments)
