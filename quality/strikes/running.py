"""Runs `rollcall check` in this process, through the proxy."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
import time
from contextlib import redirect_stderr
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cxone_rollcall.emulator import Emulator, Truth, parse_fault
from quality.common.judge import Run
from quality.common.run_command import command
from quality.strikes.plan import Setting, Tenant
from quality.strikes.proxy import Proxy

SHORT, LONG = "0.5", "5"
"""Time limits of a request in seconds. Short for kinds that wait for it, else long enough for a busy machine."""
PART = 64
"""Characters of a token that count as a leak. Messages shorten long texts."""
LONGEST_RUN = "90"
"""Seconds after which a run is interrupted. A good run ends long before."""


@dataclass(frozen=True, slots=True)
class Struck:
    """One run through the proxy: result, stderr (`said`), the proxy's record.

    `secrets` are those sent to the server, and long parts of them. `foreign_requests` are requests to another host.
    """

    run: Run
    said: str
    written: str
    asked: tuple[str, ...]
    struck: int
    secrets: frozenset[str]
    foreign_requests: tuple[str, ...]
    seconds: float


def run(setting: Setting) -> Struck:
    """Return the run of a setting. Call `run_command.prepare` first."""
    tenant = setting.tenant
    # Faults remember what they did, so each run gets its own.
    emulator = Emulator(tenant.settings, map(parse_fault, tenant.faults)) if tenant.faults else _emulator(tenant)
    said = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="rollcall-run-") as folder:
        document = Path(folder) / "account.json"
        began = time.perf_counter()
        with redirect_stderr(said):
            exit_code, proxy = asyncio.run(_asked(emulator, setting, document))
        seconds = time.perf_counter() - began
        written = document.read_text(encoding="utf-8") if document.exists() else ""
    read: dict[str, Any] = json.loads(written) if written else {}
    theirs = emulator.credentials
    shown = [one.rpartition(" ")[2] for one in proxy.shown]
    parts = [token[at : at + PART] for token in shown if len(token) > PART for at in range(0, len(token), PART)]
    return Struck(
        run=Run(exit_code, read, _truth(setting.tenant)),
        said=said.getvalue(),
        written=written,
        asked=tuple(proxy.asked),
        struck=proxy.struck,
        secrets=frozenset({theirs.client_secret, theirs.access_key_secret, *shown, *parts} - {""}),
        foreign_requests=tuple(one.question for one in proxy.foreign_requests),
        seconds=seconds,
    )


@lru_cache
def _emulator(tenant: Tenant) -> Emulator:
    return Emulator(tenant.settings)  # cached: making the agents takes longer than a run


@lru_cache
def _truth(tenant: Tenant) -> tuple[Truth, ...]:
    return _emulator(tenant).truth()  # cached: the emulator's clock is frozen


async def _asked(emulator: Emulator, setting: Setting, document: Path) -> tuple[int, Proxy]:
    arguments = ["check", "--format", "json", "--probes", "deep", "--timeout", LONGEST_RUN, "--output", str(document)]
    async with emulator.running() as address:
        proxy = Proxy(address.port, setting.strike)
        async with proxy.running():
            settings = emulator.environment(f"http://127.0.0.1:{proxy.port}")
            waits = setting.strike is not None and setting.strike.kind.slow
            limit = {"CXONE_REQUEST_TIMEOUT": SHORT if waits else LONG}
            return await command(arguments, {**settings, **limit}), proxy
