"""One run of the real command with the go-between in its way, in this process, over real sockets."""

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
from typing import TYPE_CHECKING, Any

from cxone_rollcall.emulator import Emulator
from quality.common.judge import Run
from quality.common.run_command import command
from quality.strikes.proxy import GoBetween

if TYPE_CHECKING:
    from cxone_rollcall.emulator import Truth
    from quality.strikes.plan import Setting, Tenant

SHORT, LONG = "0.5", "5"
"""Seconds that one answer may take: short for kinds that wait for the limit, else long enough for a busy machine."""
PART = 64
"""Characters of a token that are as good as the whole of it: a message may have cut it."""
LONGEST_RUN = "90"
"""Seconds after which a run is cut off: it should have ended by itself long before."""


@dataclass(frozen=True, slots=True)
class Struck:
    """What a struck run came to: the run itself, what it said on stderr, and what the go-between saw.

    `secrets` are those that were shown to the server, and long parts of them; `strangers` what another host was asked.
    """

    run: Run
    said: str
    written: str
    asked: tuple[str, ...]
    struck: int
    secrets: frozenset[str]
    strangers: tuple[str, ...]
    seconds: float


def run(setting: Setting) -> Struck:
    """Run `rollcall check` on the tenant with the strike; `run_command.prepare` goes before."""
    emulator = _emulator(setting.tenant)
    said = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="rollcall-run-") as folder:
        document = Path(folder) / "account.json"
        began = time.perf_counter()
        with redirect_stderr(said):
            exit_code, between = asyncio.run(_asked(emulator, setting, document))
        seconds = time.perf_counter() - began
        written = document.read_text(encoding="utf-8") if document.exists() else ""
    read: dict[str, Any] = json.loads(written) if written else {}
    theirs = emulator.credentials
    shown = [one.rpartition(" ")[2] for one in between.shown]
    parts = [token[at : at + PART] for token in shown if len(token) > PART for at in range(0, len(token), PART)]
    return Struck(
        run=Run(exit_code, read, _truth(setting.tenant)),
        said=said.getvalue(),
        written=written,
        asked=tuple(between.asked),
        struck=between.struck,
        secrets=frozenset({theirs.client_secret, theirs.access_key_secret, *shown, *parts} - {""}),
        strangers=tuple(one.question for one in between.strangers),
        seconds=seconds,
    )


@lru_cache
def _emulator(tenant: Tenant) -> Emulator:
    return Emulator(tenant.settings)  # its people take longer to make up than a run takes


@lru_cache
def _truth(tenant: Tenant) -> tuple[Truth, ...]:
    return _emulator(tenant).truth()  # whose clock stands still


async def _asked(emulator: Emulator, setting: Setting, document: Path) -> tuple[int, GoBetween]:
    arguments = ["check", "--format", "json", "--probes", "deep", "--timeout", LONGEST_RUN, "--output", str(document)]
    async with emulator.running() as address:
        between = GoBetween(address.port, setting.strike)
        async with between.running():
            settings = emulator.environment(f"http://127.0.0.1:{between.port}")
            waits = setting.strike is not None and setting.strike.kind.slow
            limit = {"CXONE_REQUEST_TIMEOUT": SHORT if waits else LONG}
            return await command(arguments, {**settings, **limit}), between
