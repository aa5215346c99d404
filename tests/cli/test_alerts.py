"""`rollcall alerts test`: the file is checked, and a trial is sent."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from tests.alerts.receiver import receiving
from tests.live.clockwork import watched

from cxone_rollcall.alerts.desk import alert_desk
from cxone_rollcall.alerts.reading import parse_alerts
from cxone_rollcall.cli import alerting
from cxone_rollcall.cli.alerting import DeskOf
from cxone_rollcall.cli.live_screen import Viewer
from cxone_rollcall.cli.main import run
from cxone_rollcall.config.folders import data_folder
from cxone_rollcall.views.screen.choices import Choices

FILE = '[[alert]]\nname = "stuck"\nstuck = "12h"\nsend = ["desk"]\n[send.desk]\nurl_env = "DESK_URL"\n'
QUIET = '[[alert]]\nname = "quiet"\nstuck = "1h"\n'


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    path = tmp_path / "alerts.toml"
    path.write_text(FILE + QUIET)
    return path


async def test_a_trial_is_sent(file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Each place gets a trial. A place that refuses it exits with 5; no address is shown."""
    said = f"{file} is right. It has these alerts:\n  stuck: desk\n  quiet: shown, not sent\n"
    async with receiving() as receiver:
        monkeypatch.setenv("DESK_URL", receiver.url)
        assert await asyncio.to_thread(run, ["alerts", "test", str(file)]) == 0
        ((headers, body),) = receiver.got
        assert json.loads(body)["type"] == "alert.trial"
        assert headers["webhook-id"].startswith("msg_trial_")
        assert tuple(capfd.readouterr()) == (f"{said}desk: a trial was sent\n", "")
        receiver.answers = [web.Response(status=500)]
        assert await asyncio.to_thread(run, ["alerts", "test", str(file)]) == 5
        out = "".join(capfd.readouterr())
        assert out.startswith(f"{said}desk: not sent: HTTP 500")
        assert "SECRET" not in out


def test_watch_prints_alerts_before_their_poll(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An alert that begins is a line before that of its poll. Later polls do not repeat it.

    The emulated tenant leaves nothing in the user's folder.
    """
    file.write_text('[[alert]]\nname = "idle"\ncount = { group = "available", above = 0 }\n')
    assert run(["watch", "--demo", "--interval", "1", "--count", "2", "--alerts", str(file)]) == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["type"] for line in lines if line["type"] != "change"] == ["board", "alert", "poll", "poll"]
    (alert,) = (line for line in lines if line["type"] == "alert")
    assert (alert["kind"], alert["alerts"][0]["name"]) == ("firing", "idle")
    assert not data_folder().exists()


async def test_each_selection_goes_on_from_its_own_last_run(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alerts of another command, tenant, agent or team remember something else."""
    kept: list[str] = []

    def desks(*_: object, **__: object) -> DeskOf:
        def opened(_: str, one: str) -> AbstractAsyncContextManager[None]:
            kept.append(one)
            return nullcontext()

        return opened

    monkeypatch.setattr(alerting, "desks", desks)
    for command, shown, selected in (
        *(("watch", "a.example", {}), ("record", "a.example", {}), ("watch", "b.example", {})),
        *(("watch", "a.example", {"agents": ("1",)}), ("watch", "a.example", {"agents": ("2",)})),
        *(("watch", "a.example", {"teams": ("Billing",)}), ("watch", "a.example", {"teams": ("Claims",)})),
    ):
        target: Any = SimpleNamespace(shown=shown, title="Acme")
        for _ in range(2):
            async with alerting.alerting(
                {"demo": False, "alerts": file, **selected}, target, command=command, complain=print
            ):
                pass
    assert len(set(kept)) == 7
    assert kept[::2] == kept[1::2]


async def test_the_screen_shows_alerts_and_limits(tmp_path: Path) -> None:
    """Each alert that fires is a line of the screen. An agent over a limit comes first, with the limit."""
    rules = parse_alerts('[[alert]]\nname = "long"\neach = { group = "available", longer_than = "1m" }\n', named="a")
    opened = alert_desk(rules.rules, {}, tenant="acme", path=tmp_path / "a.json", complain=print)
    async with watched(60) as watching, opened as desk:
        viewer = Viewer(watching.poller, Choices(), "Acme", desk)
        for _ in range(4):
            await watching.poll()
            desk.take(watching.poller, watching.polls[-1])
            viewer.polled(watching.polls[-1])
            watching.world.emulator.advance(90)
        text = viewer.page(120, 40).text().plain
        assert "! long (" in text
        assert "limit 01:00" in text
        over = desk.alerts.limits
        assert over
        assert set(over.values()) == {60.0}


def test_serve_refuses_a_wrong_file_at_once(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`serve --alerts` exits with 2 before it listens or asks anything."""
    file.write_text("[[alert]]\n")
    assert run(["serve", "--demo", "--listen", "127.0.0.1:0", "--alerts", str(file)]) == 2
    assert "line 1: this alert has no name" in capfd.readouterr().err


def test_a_mistake_is_shown_with_its_line(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A wrong file exits with 2 and says what to do. So do a missing variable and a missing file."""
    assert run(["alerts", "test", str(file)]) == 2
    assert "DESK_URL is not set" in capfd.readouterr().err
    file.write_text(FILE.replace("stuck =", "stuk ="))
    assert run(["alerts", "test", str(file)]) == 2
    assert "line 3: unknown key 'stuk'; did you mean stuck?" in capfd.readouterr().err
    assert run(["alerts", "test", "missing.toml"]) == 2
    assert "cannot be read: No such file" in capfd.readouterr().err
