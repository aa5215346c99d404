"""What `rollcall watch` prints of a small tenant, and gives to the screen."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.support.written import assert_as_written

from cxone_rollcall import emulator
from cxone_rollcall.alerts.desk import AlertDesk
from cxone_rollcall.cli import live_screen, session, terminal
from cxone_rollcall.cli.main import run
from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.poller import Poller
from cxone_rollcall.views.screen.choices import Choices

ALERTS = '[[alert]]\nname = "idle"\ncount = { group = "available", above = 0 }\n'
DIFFERS = {
    r"(#\d+ .*) \d+ ms\n": r"\1 TOOK\n",
    r'"run":"[0-9a-f]{8}"': '"run":"RUN"',
    r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"': "TIME",
    r'"(age|took)":\d+\.\d+': r'"\1":SECONDS',
    r'"id":"(msg_)?[0-9a-f]{20}"': '"id":ID',
    r"emulated tenant at 127\.0\.0\.1:\d+": "TENANT",
    r"is \d+ s ahead": "is SECONDS ahead",
}
"""What is another text in each run."""


class Reader(io.BytesIO):
    """Reads what is flushed. After each flush the tenant is 40 minutes older."""

    def __init__(self) -> None:
        super().__init__()
        self.notes = io.StringIO()
        self.got: list[str] = []
        self.now = 4_102_444_800.0  # in 2100: the tenant's clock is ahead

    def flush(self) -> None:
        """Take what was written, the notes first."""
        self.got.append(self.notes.getvalue() + self.getvalue().decode())
        for stream in (self, self.notes):
            stream.seek(0)
            stream.truncate()
        self.now += 2400


def test_it_is_printed_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests, board, changes, findings and alerts are printed with their poll."""
    alerts, reader = tmp_path / "alerts.toml", Reader()
    alerts.write_text(ALERTS)
    settings = partial(emulator.EmulatorSettings, agents=9, now=lambda: reader.now)
    monkeypatch.setattr(emulator, "EmulatorSettings", settings)
    monkeypatch.setattr(session, "RNG", partial(Random, 1))
    monkeypatch.setattr(sys, "stderr", reader.notes)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(reader))
    given = ("--interval", "1", "--count", "2", "--team", "Billing", "--team", "Claims")
    assert run(["watch", "--demo", *given, "-vv", "--alerts", str(alerts)]) == 0
    text = "--- flushed\n".join(reader.got)
    for differing, name in DIFFERS.items():
        text = re.sub(differing, name, text)
    assert_as_written(Path(__file__).with_name("watched.txt"), text)


def test_the_screen_gets_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The screen has filters, order, the tenant's name and alerts.

    Only the screen says what is wrong with an alert. A note would write over it.
    """
    alerts, shown = tmp_path / "alerts.toml", list[Any]()
    alerts.write_text(ALERTS.replace('", above', '", team = "Nobody", above'))

    async def show(
        poller: Poller,
        events: AsyncGenerator[Any, None],
        choices: Choices,
        stopped: asyncio.Event,
        *,
        tenant: str,
        desk: AlertDesk,
    ) -> Polled | None:
        last = None
        async for event in events:
            if isinstance(event, Polled):
                shown.extend((choices, len(poller.seats), tenant, desk.lines()))
                last = event
                stopped.set()
        return last

    monkeypatch.setattr(terminal, "cells", lambda: 80)
    monkeypatch.setattr(live_screen, "show", show)
    monkeypatch.setenv("TERM", "xterm")
    given = ("--sort", "state", "--group", "available", "--state", "Lunch", "--alerts", str(alerts))
    assert run(["watch", "--demo", *given]) == 0
    choices, seats, tenant, lines = shown
    assert choices == Choices(groups=("available",), states=("Lunch",), sort="state")
    assert seats == 120
    assert re.fullmatch(r"emulated tenant at 127\.0\.0\.1:\d+", tenant)
    assert lines == [f"alert idle: nobody on the board of {tenant} is in team Nobody"]
    assert capsys.readouterr() == ("", "")
