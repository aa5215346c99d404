"""One run of `rollcall check` in this process, over a real socket, against an emulated tenant with faults."""

from __future__ import annotations

import asyncio
import io
import json
import os
import tempfile
import time
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path

from cxone_rollcall.cli import main
from cxone_rollcall.emulator import Emulator, EmulatorSettings, parse_fault
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.transport.pace import backoff, rate
from quality.common.judge import Run

REQUEST_TIMEOUT = "1"
FIRST_WAIT, FIRST_THROTTLE_WAIT = 0.01, 0.05
"""Seconds between tries, in place of those of real life: none of the tries is left out."""
SLOWEST = 500.0
"""Requests a second at the least, however many 429s come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a run is of: the faults that are on, as `--fault` takes them, and the tenant."""

    contract: str
    faults: tuple[str, ...] = ()
    agents: int = 120
    seed: int = 1
    probes: str = "auto"

    @property
    def command(self) -> str:
        """The command that shows the same on the demo's tenant, where that is of this size and seed."""
        faults = "".join(f" --fault {fault}" for fault in self.faults)
        return f"rollcall check --demo --contract {self.contract}{faults}"


def prepare(folder: Path) -> None:
    """Keep this machine's settings out of this process, and make the pauses between tries short."""
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
    """Run the command on such a tenant; return what it came to and the seconds it took. `prepare` goes before."""
    emulator = Emulator(
        EmulatorSettings(agents=setting.agents, seed=setting.seed, contracts=(_contract(setting.contract),)),
        map(parse_fault, setting.faults),
    )
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
        return await command(emulator, address.url, arguments)


async def command(emulator: Emulator, url: str, arguments: list[str], *, request_limit: str = REQUEST_TIMEOUT) -> int:
    """Run the command beside this loop, with the settings of this tenant, which is reached at `url`."""
    theirs = emulator.credentials
    os.environ["CXONE_INSTANCE"] = url
    os.environ["CXONE_CLIENT_ID"] = theirs.client_id
    os.environ["CXONE_CLIENT_SECRET"] = theirs.client_secret
    os.environ["CXONE_TENANT_ID"] = emulator.tenant.tenant_id
    os.environ["CXONE_REQUEST_TIMEOUT"] = request_limit
    for name, value in (
        ("CXONE_ACCESS_KEY_ID", theirs.access_key_id),
        ("CXONE_ACCESS_KEY_SECRET", theirs.access_key_secret),
    ):
        os.environ.pop(name, None)
        if "incontact" in emulator.settings.contracts:
            os.environ[name] = value
    return await asyncio.to_thread(main.run, arguments)


def _contract(name: str) -> ContractName:
    return "incontact" if name == "incontact" else "v2"
