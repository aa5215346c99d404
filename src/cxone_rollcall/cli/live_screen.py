"""Draws the live screen on a terminal, and takes the keys."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.keys import reading_keys
from cxone_rollcall.cli.terminal import is_styled
from cxone_rollcall.live.events import Event, Polled
from cxone_rollcall.live.poller import Poller
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views.screen.choices import Choices, pressed
from cxone_rollcall.views.screen.floor import Floor, arranged
from cxone_rollcall.views.screen.page import Page, Scene, page

if TYPE_CHECKING:
    from cxone_rollcall.alerts.desk import AlertDesk
    from cxone_rollcall.alerts.events import AlertEvent

TICK = 1.0
"""Seconds between two pictures without news. Only the age of the data differs."""
_LEAVE = b"\x1b[?1049l\x1b[?25h"
"""Leaves the second screen, shows the cursor (xterm, *DEC Private Mode Reset*)."""


async def show(
    poller: Poller,
    events: AsyncGenerator[Event | AlertEvent, None],
    choices: Choices,
    stopped: asyncio.Event,
    *,
    tenant: str,
    desk: AlertDesk | None = None,
) -> Polled | None:
    """Show the board until the events end; return the last poll. The key q sets `stopped`.

    `desk` has the alerts that hold now.
    """
    viewer = Viewer(poller, choices, tenant, desk)
    changed = asyncio.Event()

    def on_key(key: str) -> None:
        if key == "q" and not viewer.choices.typing:
            stopped.set()
        viewer.press(key)
        changed.set()

    async def draw_on(draw: Callable[[Viewer], None]) -> None:
        while True:
            changed.clear()
            draw(viewer)
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK):  # `wait_for` of Python 3.11 may lose that it is cancelled
                    await changed.wait()

    with _second_screen() as draw, reading_keys(on_key):
        drawing = asyncio.ensure_future(draw_on(draw))
        drawing.add_done_callback(lambda _: stopped.set())
        try:
            async for event in events:
                if isinstance(event, Polled):
                    viewer.polled(event)
                    changed.set()
        finally:
            drawing.cancel()
            await asyncio.wait((drawing,))
        if not drawing.cancelled():
            drawing.result()  # raises why the terminal took no more
    return viewer.last


class Viewer:
    """What one person sees of a poller's board."""

    def __init__(self, poller: Poller, choices: Choices, tenant: str, desk: AlertDesk | None = None) -> None:
        self.choices = choices
        self.last: Polled | None = None
        self._poller = poller
        self._tenant = tenant
        self._desk = desk
        self._floor = arranged((), choices)
        self._rows = 1

    def polled(self, polled: Polled) -> None:
        """Take the board as of a poll."""
        self.last = polled
        self._arrange()

    def press(self, key: str) -> None:
        """Take a key."""
        floor: Floor = self._floor
        choices = pressed(
            self.choices, key, teams=tuple(floor.teams), rows=max(1, self._rows), listed=len(floor.listed)
        )
        if choices != self.choices:
            same_list = replace(choices, top=0) == replace(self.choices, top=0)
            self.choices = choices
            if not same_list:
                self._arrange()

    def page(self, cells: int, height: int, *, is_unicode: bool = True) -> Page:
        """The screen now."""
        poller, last = self._poller, self.last
        account = poller.account
        selected = account.case.get(Selected) if account is not None else None
        as_of = last.as_of if last is not None else None
        scene = Scene(
            tenant=self._tenant,
            polled=last,
            age=None if as_of is None else max(0.0, poller.client.server_clock.now() - as_of),
            findings=tuple(poller.troubles.now.values()),
            alerts=self._desk.lines() if self._desk is not None else (),
            codes=poller.codes,
            limits=self._limits(),
            left_out=max(0, selected.roster - selected.kept) if selected is not None else 0,
            clock=local_time,
            is_unicode=is_unicode,
        )
        made = page(scene, self._floor, self.choices, cells=cells, height=height)
        self._rows = made.rows
        return made

    def _limits(self) -> dict[str, float]:
        return self._desk.alerts.limits if self._desk is not None else {}

    def _arrange(self) -> None:
        self._floor = arranged(tuple(self._poller.board.seats.values()), self.choices, self._limits())
        self.choices = replace(self.choices, top=max(0, min(self.choices.top, len(self._floor.listed) - 1)))


def local_time(seconds: float) -> str:
    """A server's time in the time zone of this machine."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


@contextmanager
def _second_screen() -> Iterator[Callable[[Viewer], None]]:
    """The terminal's second screen. Yields what draws on it; the first one comes back at the end."""
    from rich.console import Console
    from rich.live import Live

    console = Console(highlight=False, no_color=not is_styled(os.environ, on_terminal=True))
    is_unicode = console.encoding.lower().startswith("utf")

    def leave() -> None:
        with suppress(OSError, ValueError):  # the terminal is gone
            os.write(sys.stdout.fileno(), _LEAVE)

    with (
        signals.at_the_end(leave),
        Live(console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False) as live,
    ):

        def draw(viewer: Viewer) -> None:
            size = console.size
            live.update(viewer.page(size.width, size.height, is_unicode=is_unicode).text(), refresh=True)

        yield draw
