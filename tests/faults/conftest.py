"""Runs the real command against an emulated tenant, over a socket."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest
from quality.common.judge import Run
from quality.common.run_command import command as run_command

from cxone_rollcall.emulator import Emulator
from cxone_rollcall.testing import emulator_of
from cxone_rollcall.transport.pace import backoff

Check = Callable[..., Awaitable[Run]]
OutputOf = Callable[..., Awaitable["Output"]]


@pytest.fixture(autouse=True)
def _long_enough(monkeypatch: pytest.MonkeyPatch, alone: None) -> None:
    """Wait long enough between 429s for an emulated rate limit."""
    monkeypatch.setattr(backoff, "FIRST_THROTTLE_WAIT", 0.05)


class Output(NamedTuple):
    """How a command ended, what it wrote, and its emulator."""

    code: int
    out: bytes
    err: str
    emulator: Emulator


@pytest.fixture
def output_of(capsysbinary: pytest.CaptureFixture[bytes]) -> OutputOf:
    """Return what runs a command.

    Everything but its name and `options` goes to the tenant. Rollcall finds the contract itself, from the credentials
    that are set and from the host's responses.
    """

    async def telling(
        command: str, *faults: str, agents: int = 120, seed: int = 1, options: tuple[str, ...] = (), **settings: Any
    ) -> Output:
        emulator = emulator_of(agents, faults=faults, seed=seed, **settings)
        async with emulator.running() as address:
            code = await run_command([command, *options], emulator.environment(address.url))
        out, err = capsysbinary.readouterr()
        return Output(code, out, err.decode(), emulator)

    return telling


@pytest.fixture
def check(output_of: OutputOf) -> Check:
    """Return what runs `rollcall check`; other arguments go to the tenant."""

    async def checking(*faults: str, options: tuple[str, ...] = (), **tenant: Any) -> Run:
        output = await output_of("check", *faults, options=("--format", "json", *options), **tenant)
        assert output.out, output.err
        return Run(output.code, json.loads(output.out), output.emulator.truth())

    return checking
