"""The boards of a zone. With plain records."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any, cast

from tests.fleet.seats import polled, seat

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.boards import Boards
from cxone_rollcall.fleet.engine import Engine, Stored
from cxone_rollcall.fleet.records import Changed, Record
from cxone_rollcall.fleet.view import View
from cxone_rollcall.live.events import Event

ACME = FleetTenant("acme", 7.0, {"instance": "h", "contract": "v2"})


class Kept:
    """An engine with a ticket and some records."""

    def __init__(self) -> None:
        self.kept = [Stored(1, "ticket.eu.acme", tickets.encode(ACME))]

    def add(self, number: int, *names: str) -> None:
        """Add a record of a poll that found these agents."""
        changes = tuple(Changed(name, None, seat(name)) for name in names)
        end = polled(interval=7.0, poll=number, counts={"roster": len(names)})
        data = records.encode(Record(owner="a", token="t", run="r", number=number, polled=end, changes=changes))
        self.kept.append(Stored(len(self.kept) + 1, "hist.eu.acme", data))

    def clock(self) -> float:
        """No time passes."""
        return 0.0

    async def time_of(self, stream: str) -> float:
        """All is stored now."""
        return 0.0

    async def call(self, name: str) -> dict[str, Any]:
        """How long the history is."""
        return {"state": {"last_seq": len(self.kept)}}

    async def read(self, stream: str, subject: str, start: int, *, within: float = 2.0) -> list[Stored]:
        """The messages of a subject."""
        return [one for one in self.kept if one.sequence >= start and fnmatch(one.subject, subject)]

    async def last(self, stream: str, subject: str, *, within: float) -> Stored | None:
        """The last message of a subject."""
        found = await self.read(stream, subject, 1)
        return found[-1] if found else None


class Shown:
    """Readers, and the views that joined."""

    def __init__(self) -> None:
        self.views: list[View] = []

    async def join(self, tenant: str, view: View) -> None:
        """Keep the view."""
        self.views.append(view)

    async def leave(self, tenant: str) -> None:
        """Nobody leaves."""
        raise AssertionError(tenant)

    def take(self, tenant: str, event: Event) -> None:
        """Events are the view's."""


async def test_a_tenant_of_which_records_are_gone_is_read_anew() -> None:
    """It is shown with its contract, its interval, and all agents."""
    engine, readers = Kept(), Shown()
    boards = Boards(cast(Engine, engine), "eu", 1.0, readers)
    engine.add(1, "1")
    await boards.look()
    engine.add(2, "2")
    engine.kept[-1] = engine.kept[-1]._replace(subject="hist.eu.other")  # it is gone
    engine.add(3, "3")
    await boards.look()
    first, again = readers.views
    assert [(one.contract, one.interval) for one in (first, again)] == [("v2", 7.0), ("v2", 7.0)]
    assert (list(first.seats), list(again.seats)) == (["1"], ["1", "3"])
