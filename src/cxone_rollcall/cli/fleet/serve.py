"""`rollcall serve --fleet`: the boards of a fleet, with alerts and days."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.alerting import DeskOf, desks
from cxone_rollcall.cli.fleet.options import engine_of
from cxone_rollcall.errors import SettingError, kind_and_place
from cxone_rollcall.model.shell import quoted

if TYPE_CHECKING:
    from cxone_rollcall.fleet.view import View
    from cxone_rollcall.live.events import Event
    from cxone_rollcall.web.archive import Archive
    from cxone_rollcall.web.server import Feed
    from cxone_rollcall.web.tenant import Tenant

ArchiveOf = Callable[[str], "Archive | None"]

AGAIN = 1.0
"""Seconds until the boards begin again after an error."""
REMOVED = "the tenant is no longer in the fleet"
"""Why its alerts end."""


async def feed_of(stack: AsyncExitStack, given: dict[str, Any]) -> Feed:
    """What fills the tenants of a server. It is connected as long as the stack lives.

    EngineError says why there is no fleet to show, SettingError what is wrong with the alerts or the history.
    """
    from cxone_rollcall.fleet import operator, streams
    from cxone_rollcall.fleet.boards import Boards

    zone = given["zone"]
    desk_of = desks(given["alerts"], terminal.note)
    folder = _folder(given["history"], zone)
    engine = await stack.enter_async_context(engine_of({"nats": given["fleet"], "zone": zone}, "serve"))
    beat = await streams.beat_of(engine, zone)
    made = await operator.made_at(engine, zone)
    archive_of = _archives(stack, folder, made, zone)

    async def feed(tenants: dict[str, Tenant]) -> None:
        served = _Served(tenants, f"{zone}\0{made}", desk_of, archive_of, anonymous=given["anonymous"])
        try:
            while True:
                try:
                    await Boards(engine, zone, beat, served).run()
                except Exception as error:  # noqa: BLE001  an error of ours begins anew, and stops nobody's board for good
                    terminal.note(f"zone {zone}: {kind_and_place(error)}; its boards begin again")
                    await served.close()
                await asyncio.sleep(AGAIN)
        finally:
            await served.close()

    return feed


def _folder(given: str | None, zone: str) -> Path | None:
    """The folder of `--history`. SettingError if it is none."""
    if given is None:
        return None
    folder = Path(given)
    if not folder.is_dir():
        why = "is a file" if folder.exists() else "does not exist"
        raise SettingError(
            f"--history {given} {why}: with --fleet it is the folder of rollcall fleet sink",
            example=f"rollcall fleet sink --zone {zone} --dir {quoted(given)}",
        )
    return folder


def _archives(stack: AsyncExitStack, folder: Path | None, made: int, zone: str) -> ArchiveOf:
    """The history of each tenant, as a sink writes it. None without a folder."""
    if folder is None:
        return lambda tenant: None
    from cxone_rollcall.fleet.sink import LAG, reading_of
    from cxone_rollcall.web.archive import Archive, Threads

    threads = Threads()
    stack.callback(threads.close)
    return lambda tenant: Archive(partial(reading_of, folder, tenant, made, zone), threads, lag=LAG)


class _Served:
    """The tenants of a server, filled from a fleet.

    `fleet` tells it from others: what the alerts of a tenant remember is that of the same fleet alone.
    """

    def __init__(
        self, tenants: dict[str, Tenant], fleet: str, desk_of: DeskOf, archive_of: ArchiveOf, *, anonymous: bool
    ) -> None:
        self._tenants = tenants
        self._fleet = fleet
        self._desk_of = desk_of
        self._archive_of = archive_of
        self._anonymous = anonymous
        self._open: dict[str, AsyncExitStack] = {}

    async def join(self, tenant: str, view: View) -> None:
        """Serve a tenant, or serve it anew."""
        from cxone_rollcall.web.tenant import Tenant

        if tenant not in self._tenants:
            self._open[tenant] = stack = AsyncExitStack()
            self._tenants[tenant] = Tenant(
                tenant,
                tenant,
                interval=view.interval,
                anonymous=self._anonymous,
                desk=await stack.enter_async_context(self._desk_of(tenant, f"fleet\0{self._fleet}\0{tenant}")),
                archive=self._archive_of(tenant),
            )
        self._tenants[tenant].show(view)

    async def leave(self, tenant: str) -> None:
        """Serve a tenant no longer, and end its alerts and its readers."""
        gone = self._tenants[tenant]
        if gone.desk is not None:
            gone.desk.end_all(REMOVED, gone.server_time)
        await self._close(tenant)

    def take(self, tenant: str, event: Event) -> None:
        """Show an event."""
        self._tenants[tenant].take(event)

    async def close(self) -> None:
        """Serve nobody any more. Alerts go on when their tenant joins again."""
        await asyncio.gather(*map(self._close, list(self._tenants)))

    async def _close(self, tenant: str) -> None:
        self._tenants.pop(tenant).ring.close()
        await self._open.pop(tenant).aclose()
