"""The live screen: what a viewer sees, and what keys do. The poller is a fake."""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from tests.alerts.floor import seat
from tests.fleet.seats import polled

from cxone_rollcall.cli import live_screen, polling, signals
from cxone_rollcall.cli.live_screen import Viewer, show
from cxone_rollcall.live.events import Event, Polled
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.views.screen.choices import Choices
from cxone_rollcall.views.screen.page import Page, Scene

SEATS = {f"{number:02}": seat(f"{number:02}", team="Sales" if number % 2 else "Claims") for number in range(40)}


def poller(seats: dict[str, Any] | None = None, **more: Any) -> Any:
    """A poller with a board of 40 agents, whose clock says 110."""
    given: dict[str, Any] = {"account": None, "codes": {"01": ("RC406",)}, "troubles": SimpleNamespace(now={})}
    clock = SimpleNamespace(now=lambda: 110.0)
    board = SimpleNamespace(seats=SEATS if seats is None else seats)
    return SimpleNamespace(board=board, client=SimpleNamespace(server_clock=clock), **{**given, **more})


@pytest.fixture(name="scenes")
def _scenes(monkeypatch: pytest.MonkeyPatch) -> list[Scene]:
    """What was shown. Ten agents fit on the screen."""
    shown: list[Scene] = []

    def page(scene: Scene, floor: object, choices: Choices, *, cells: int, height: int) -> Page:
        shown.append(scene)
        return Page(((f"{cells}x{height}", ""),), 10)

    monkeypatch.setattr(live_screen, "page", page)
    return shown


def test_before_the_first_poll_nothing_has_an_age(scenes: list[Scene]) -> None:
    """The first picture has only the tenant: no poll, no age."""
    viewer = Viewer(poller({}), Choices(), "Acme")
    assert viewer.page(80, 24).lines == (("80x24", ""),)
    (scene,) = scenes
    assert (scene.tenant, scene.polled, scene.age, scene.left_out) == ("Acme", None, None, 0)
    assert (scene.findings, scene.alerts, scene.limits, scene.is_unicode) == ((), (), {}, True)


def test_the_scene_is_that_of_the_last_poll(scenes: list[Scene]) -> None:
    """Age, findings, codes, alerts and limits are those of now. No age is below zero."""
    kept = Selected(roster=50, kept=40)
    account = SimpleNamespace(case=SimpleNamespace(get={Selected: kept}.get))
    desk: Any = SimpleNamespace(lines=lambda: ("! long",), alerts=SimpleNamespace(limits={"07": 60.0}))
    found: Any = "a finding"
    troubles = SimpleNamespace(now={"RC602": found})
    viewer = Viewer(poller(account=account, troubles=troubles), Choices(), "Acme", desk)
    viewer.polled(polled(100.0))
    viewer.page(80, 24, is_unicode=False)
    viewer.polled(polled(112.0))
    viewer.page(80, 24)
    viewer.polled(polled(None))
    viewer.page(80, 24)
    assert [scene.age for scene in scenes] == [10.0, 0.0, None]
    assert [scene.is_unicode for scene in scenes] == [False, True, True]
    scene = scenes[0]
    assert (scene.left_out, scene.findings, scene.alerts) == (10, (found,), ("! long",))
    assert (scene.limits, scene.codes) == ({"07": 60.0}, {"01": ("RC406",)})
    assert scene.clock is live_screen.local_time


def test_keys_move_in_the_list(scenes: list[Scene]) -> None:
    """A page is as long as the screen. No key goes beyond the list, and a shorter list pulls it back."""
    polls = poller()
    viewer = Viewer(polls, Choices(), "Acme")
    viewer.polled(polled())
    tops = []
    for key in ("down", "pgdn"):
        viewer.press(key)
        tops.append(viewer.choices.top)
    viewer.page(80, 24)
    for key in ("pgdn", "end", *["down"] * 20, "up", "t", "end", "home"):
        viewer.press(key)
        tops.append(viewer.choices.top)
    assert tops == [1, 2, 12, 30, *range(31, 40), *[39] * 11, 38, 0, 10, 0]
    assert viewer.choices.team == "Claims"
    viewer.press("end")
    polls.board.seats = {name: SEATS[name] for name in ("00", "02", "03")}
    viewer.polled(polled())
    assert viewer.choices.top == 1


def test_the_time_is_that_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's time is shown as hours, minutes and seconds."""
    assert live_screen.local_time(0.0)[2:] == live_screen.local_time(1800 * 4.0)[2:] == ":00:00"


class Played:
    """A screen and keys that are not there. `pictures` has the choices of each picture."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failing: Exception | None = None) -> None:
        self.pictures: list[Choices] = []
        self.drawn = asyncio.Event()
        self.failing = failing
        self.press: Callable[[str], object] = print
        monkeypatch.setattr(live_screen, "_second_screen", self._screen)
        monkeypatch.setattr(live_screen, "reading_keys", self._keys)

    @contextmanager
    def _screen(self) -> Iterator[Callable[[Viewer], None]]:
        yield self._draw

    def _draw(self, viewer: Viewer) -> None:
        if self.failing is not None:
            raise self.failing
        self.pictures.append(viewer.choices)
        self.drawn.set()

    @contextmanager
    def _keys(self, on_key: Callable[[str], object]) -> Iterator[None]:
        self.press = on_key
        yield

    async def shown(self, *keys: str) -> tuple[Polled | None, list[bool]]:
        """Show two polls, and press each key after a picture. Returns the last poll, and which key has stopped it."""
        stopped, stops = asyncio.Event(), list[bool]()

        async def events() -> AsyncGenerator[Event, None]:
            yield polled(poll=1)
            if self.failing is None:
                await self.drawn.wait()
                self.drawn.clear()
            yield polled(poll=2)
            if self.failing is not None:
                await stopped.wait()
                return
            for key in keys:
                await self.drawn.wait()
                self.drawn.clear()
                if key:
                    self.press(key)
                stops.append(stopped.is_set())
            await self.drawn.wait()

        last = await show(poller(), events(), Choices(), stopped, tenant="Acme")
        return last, stops


async def test_q_ends_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key q stops it, unless a name is being typed. Each poll and key is drawn at once."""
    monkeypatch.setattr(live_screen, "TICK", 3600.0)
    played = Played(monkeypatch)
    last, stops = await played.shown("g", "/", "q", "enter", "q")
    assert stops == [False, False, False, False, True]
    assert last is not None
    assert last.poll == 2
    assert [(one.groups, one.text) for one in played.pictures] == [
        *[((), "")] * 2,
        *[(("available",), "")] * 2,
        *[(("available",), "q")] * 3,
    ]


async def test_a_terminal_that_is_gone_ends_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing can be drawn any more it stops, and raises why."""
    with pytest.raises(OSError, match="gone"):
        await Played(monkeypatch, OSError("gone")).shown()


async def test_the_age_goes_on_without_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without news it is drawn anew, so that the age is right."""
    monkeypatch.setattr(live_screen, "TICK", 0.001)
    played = Played(monkeypatch)
    await played.shown("", "", "")
    assert len(played.pictures) >= 4


class Screen(io.StringIO):
    """A stdout that is a terminal. Its number is `number`."""

    encoding: Any = "utf-8"
    number = 4_000

    def isatty(self) -> bool:
        """It is one."""
        return True

    def fileno(self) -> int:
        """A number that no open file has, or that of a pipe."""
        return self.number


async def test_the_screen_is_a_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is drawn in signs that the terminal has. A signal gives back the first screen, if it is there."""
    leaving: list[Callable[[], object]] = []

    @contextmanager
    def at_the_end(callback: Callable[[], object]) -> Iterator[None]:
        leaving.append(callback)
        yield

    screen = live_screen._second_screen  # noqa: SLF001  a terminal needs a process; the screen itself does not
    for name, text in {"TERM": "xterm", "COLUMNS": "60", "LINES": "20"}.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(signals, "at_the_end", at_the_end)
    out, err = Screen(), sys.stderr
    for encoding, sign, no_color in (("utf-8", "▲", ""), ("latin-1", "available", "1")):
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setattr(Screen, "encoding", encoding)
        out = Screen()
        monkeypatch.setattr(sys, "stdout", out)
        viewer = Viewer(poller(), Choices(), "Acme")
        viewer.polled(polled(counts={"roster": 40, "present": 40}))
        with screen() as draw:
            draw(viewer)
            assert (sys.stdout, sys.stderr) == (out, err)
        written = out.getvalue()
        assert sign in written
        assert ("▲" in written) is (sign == "▲")
        assert (re.search(r"\x1b\[[39]\dm", written) is None) is bool(no_color)
        assert written.startswith("\x1b[?1049h")
        assert "\x1b[?1049l" in written
        assert max(len(line) for line in re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", written).split("\n")) <= 60
    leaving[-1]()
    with monkeypatch.context() as closing:
        closing.setattr(sys, "stdout", closed := io.TextIOWrapper(io.FileIO(os.devnull)))
        closed.close()
        leaving[-1]()
    reader, out.number = os.pipe()
    with os.fdopen(reader, "rb") as read, os.fdopen(out.number, "wb"):
        leaving[-1]()
        assert read.raw.read(100) == b"\x1b[?1049l\x1b[?25h"


def test_the_exit_code_of_polling() -> None:
    """It is 0 if the last poll saw everybody. Else it is that of its account, or 3; 130 without a poll."""

    def account(code: int) -> Any:
        return poller(account=SimpleNamespace(exit_code=code))

    assert polling.exit_code(None, account(4)) == 130
    assert polling.exit_code(polled(), account(4)) == 0
    assert polling.exit_code(polled(ok=False), account(4)) == 4
    assert polling.exit_code(polled(ok=False), account(0)) == 3
    assert polling.exit_code(polled(ok=False), poller()) == 3
