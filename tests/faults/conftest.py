"""Running the real command against an emulated tenant, over a socket and by settings, as a user would."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from quality.common.judge import Run

from cxone_rollcall.cli import main
from cxone_rollcall.emulator import Emulator, EmulatorSettings, parse_fault

Check = Callable[..., Awaitable[Run]]
Tell = Callable[..., Awaitable["Told"]]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep this machine's settings out, and make the pauses between tries short; none of them is left out."""
    for name in [name for name in os.environ if name.startswith(("CXONE_", "ROLLCALL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("ROLLCALL_LOGINS", str(tmp_path / "logins.json"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cxone_rollcall.transport.pace.backoff.FIRST_WAIT", 0.01)
    monkeypatch.setattr("cxone_rollcall.transport.pace.backoff.FIRST_THROTTLE_WAIT", 0.05)


class Told(NamedTuple):
    """What a command ended with and wrote, and who was there."""

    code: int
    out: bytes
    err: str
    emulator: Emulator


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Tell:
    """Return what runs a command; everything but its name and `options` goes to the tenant.

    The contract is found by rollcall itself, from the credentials that are set and what the host answers.
    """

    async def telling(
        command: str, *faults: str, agents: int = 120, seed: int = 1, options: tuple[str, ...] = (), **settings: Any
    ) -> Told:
        emulator = Emulator(EmulatorSettings(agents=agents, seed=seed, **settings), map(parse_fault, faults))
        theirs = emulator.credentials
        async with emulator.running() as address:
            monkeypatch.setenv("CXONE_INSTANCE", address.url)
            monkeypatch.setenv("CXONE_CLIENT_ID", theirs.client_id)
            monkeypatch.setenv("CXONE_CLIENT_SECRET", theirs.client_secret)
            monkeypatch.setenv("CXONE_TENANT_ID", emulator.tenant.tenant_id)
            monkeypatch.setenv("CXONE_REQUEST_TIMEOUT", "1")
            for name in ("CXONE_ACCESS_KEY_ID", "CXONE_ACCESS_KEY_SECRET"):  # of another run of this test
                monkeypatch.delenv(name, raising=False)
            if "incontact" in emulator.settings.contracts:
                monkeypatch.setenv("CXONE_ACCESS_KEY_ID", theirs.access_key_id)
                monkeypatch.setenv("CXONE_ACCESS_KEY_SECRET", theirs.access_key_secret)
            code = await asyncio.to_thread(main.run, [command, *options])
        out, err = capsysbinary.readouterr()
        return Told(code, out, err.decode(), emulator)

    return telling


@pytest.fixture
def check(tell: Tell) -> Check:
    """Return what runs `rollcall check`; `options` go to the command, everything else to the tenant."""

    async def checking(*faults: str, options: tuple[str, ...] = (), **tenant: Any) -> Run:
        told = await tell("check", *faults, options=("--format", "json", *options), **tenant)
        assert told.out, told.err
        return Run(told.code, json.loads(told.out), told.emulator.truth())

    return checking
