"""`rollcall serve --fleet`: the boards of a fleet."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.fleet.options import engine_of
from cxone_rollcall.errors import kind_and_place

if TYPE_CHECKING:
    from cxone_rollcall.fleet.view import View
    from cxone_rollcall.live.events import Event
    from cxone_rollcall.web.server import Feed
    from cxone_rollcall.web.tenant import Tenant


AGAIN = 1.0
"""Seconds until the boards begin again after an error."""


async def feed_of(stack: AsyncExitStack, given: dict[str, Any]) -> Feed:
    """What fills the tenants of a server. It is connected as long as the stack lives.

    EngineError says why there is no fleet to show.
    """
    from cxone_rollcall.fleet import streams
    from cxone_rollcall.fleet.boards import Boards

    zone = given["zone"]
    engine = await stack.enter_async_context(engine_of({"nats": given["fleet"], "zone": zone}, "serve"))
    beat = await streams.beat_of(engine, zone)

    async def feed(tenants: dict[str, Tenant]) -> None:
        served = _Served(tenants, anonymous=given["anonymous"])
        while True:
            try:
                await Boards(engine, zone, beat, served).run()
            except Exception as error:  # noqa: BLE001  an error of ours begins anew, and stops nobody's board for good
                terminal.note(f"zone {zone}: {kind_and_place(error)}; its boards begin again")
                for tenant in list(tenants):
                    served.leave(tenant)
            await asyncio.sleep(AGAIN)

    return feed


class _Served:
    """The tenants of a server, filled from a fleet."""

    def __init__(self, tenants: dict[str, Tenant], *, anonymous: bool) -> None:
        self._tenants = tenants
        self._anonymous = anonymous

    def join(self, tenant: str, view: View) -> None:
        """Serve a tenant, or serve it anew."""
        from cxone_rollcall.web.tenant import Tenant

        if tenant not in self._tenants:
            self._tenants[tenant] = Tenant(tenant, tenant, interval=view.interval, anonymous=self._anonymous)
        self._tenants[tenant].show(view)

    def leave(self, tenant: str) -> None:
        """Serve a tenant no longer, and end its readers."""
        self._tenants.pop(tenant).ring.close()

    def take(self, tenant: str, event: Event) -> None:
        """Show an event."""
        self._tenants[tenant].take(event)
