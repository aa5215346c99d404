"""One served tenant: where it is read, and what its readers get."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import TYPE_CHECKING, Any

from cxone_rollcall.alerts import message
from cxone_rollcall.errors import HistoryError, kind_and_place
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.live.followed import Followed
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.poller import Poller, Times
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.views import live as events_json
from cxone_rollcall.views.json import encode
from cxone_rollcall.web import documents
from cxone_rollcall.web.ring import Ring

if TYPE_CHECKING:
    from cxone_rollcall.alerts.desk import AlertDesk
    from cxone_rollcall.alerts.events import Alert
    from cxone_rollcall.client import Client
    from cxone_rollcall.history.recording import Recording
    from cxone_rollcall.web.archive import Archive

MOST_RECENT = 200
"""Changes that a new reader is sent."""
RECENT = 900.0
"""Seconds for which a change is recent."""

Connect = Callable[[Callable[[Exchange], None]], "AbstractAsyncContextManager[Client]"]
"""Opens a client; the argument is called with each exchange."""


class Tenant:
    """The board of one tenant, as its readers see it. Only its own task changes it.

    `name` is its part of the address, "" for the only one. `archive` is its history, None without one;
    `lost_history` is why it is recorded no longer, else "".
    `statuses` counts the requests by status, "none" if there was no response; `polls` counts the polls by result.
    `ok_at` is when the last whole poll came, by the server's clock. `alerts` are as readers see them.
    """

    def __init__(
        self,
        name: str,
        title: str,
        *,
        interval: float,
        anonymous: bool = False,
        desk: AlertDesk | None = None,
        archive: Archive | None = None,
    ) -> None:
        self.name = name
        self.title = title
        self.interval = interval
        self.desk = desk
        self.archive = archive
        self.lost_history = ""
        self.ring = Ring()
        self.readers = 0
        self.followed: Followed | None = None
        self.last: Polled | None = None
        self.has_board = False
        self.ok_at: float | None = None
        self.statuses: Counter[str] = Counter()
        self.polls: Counter[str] = Counter({"ok": 0, "missed": 0})
        self.seconds_polling, self.polls_timed = 0.0, 0
        self.crashed = ""
        self._dress: Callable[[dict[str, Any]], dict[str, Any]] = documents.anonymous if anonymous else dict
        self.timeline: Callable[[dict[str, Any]], dict[str, Any]] = documents.nameless_timeline if anonymous else dict
        """A timeline as readers see it."""
        self.alerts: list[dict[str, Any]] = []
        self._history = None if archive is None else {"trouble": ""}
        self._held: list[Event] = []
        self._pending: list[dict[str, Any]] = []
        self._recent: deque[tuple[float, dict[str, Any]]] = deque(maxlen=MOST_RECENT)
        self._start: bytes | None = None
        self._board: bytes | None = None

    async def run(self, connect: Connect, *, groups: Groups, complain: Callable[[str], None]) -> None:
        """Poll until cancelled. An error of ours begins anew after an interval; other tenants do not notice."""
        while True:
            try:
                async with connect(self.count) as client:
                    poller = Poller(
                        client, run=secrets.token_hex(4), times=Times(interval=self.interval), groups=groups
                    )
                    self.begin(poller)
                    archive, recording = self.archive, self._recording
                    filling = recording.filling(archive.backfill) if archive and recording else nullcontext()
                    async with aclosing(poller.events()) as events, filling:
                        async for event in events:
                            await self.follow(event)
            except Exception as error:  # noqa: BLE001  the other tenants go on
                self.crashed = _why(error)
                complain(f"{self.title}: {self.crashed}; polling begins again in {self.interval:g} s")
            await asyncio.sleep(self.interval)

    def begin(self, poller: Poller) -> None:
        """Take the events of this poller from now on. Its board begins as the history ends."""
        if self._recording is not None:
            try:
                self._recording.begin(poller)
            except HistoryError as error:
                self._give_up_history(error)
        self.show(poller)

    @property
    def _recording(self) -> Recording | None:
        return None if self.archive is None else self.archive.recording

    def show(self, followed: Followed) -> None:
        """Show what this one tells from now on."""
        self.followed, self.has_board, self.last = followed, False, None
        self._start = self._board = None
        self._pending.clear()
        self._held.clear()
        self.ring.clear()

    def count(self, exchange: Exchange) -> None:
        """Count a request."""
        self.statuses["none" if exchange.status is None else str(exchange.status)] += 1

    async def follow(self, event: Event) -> None:
        """Take an event of the poller, show it, and record it. Readers do not wait for the disk.

        The first poll is recorded before it is shown. Then it is known that the history is of this tenant: the board
        began with it. Raises `HistoryError` if it is not. After an error nothing is recorded any more.
        """
        archive = self.archive
        self._held.append(event)
        if archive is None or archive.is_ours:
            self._show_held()
        if self._recording is not None:
            try:
                await self._recording.take(event)
            except Exception as error:
                self._give_up_history(error)
                raise
        if isinstance(event, Polled):
            self._show_held()

    def _give_up_history(self, error: Exception) -> None:
        """Go on without a history. The board is worth more."""
        self.archive, self.lost_history = None, _why(error)
        self._history = {"trouble": self.lost_history}

    def _show_held(self) -> None:
        for event in self._held:
            self.take(event)
        self._held.clear()

    def take(self, event: Event) -> None:
        """Take an event of the poller. With the last of a poll, readers are sent its block."""
        if isinstance(event, BoardShown):
            self.has_board = True
            self._pending = [{}]  # the whole board follows
        elif isinstance(event, Polled):
            self._end_poll(event)
        else:
            document = self._dress(events_json.document(event, self.codes))
            if isinstance(event, Change):
                self._remember(event, document)
            self._pending.append(document)

    @property
    def codes(self) -> Mapping[str, tuple[str, ...]]:
        """The codes of the findings that explain each agent."""
        return self.followed.codes if self.followed is not None else {}

    @property
    def server_time(self) -> float | None:
        """The time now, by the server's clock. None before the first client."""
        return None if self.followed is None else self.followed.now()

    def event_id(self, poll: int) -> str:
        """The id of the last event of a poll."""
        return f"{self.followed.run_id if self.followed else ''}.{poll}"

    def position(self, last_event_id: str) -> int | None:
        """The number of the poll with this id. None if the id is of another run."""
        run, _, poll = last_event_id.rpartition(".")
        ours = self.followed is not None and run == self.followed.run_id
        return int(poll) if ours and poll.isascii() and poll.isdigit() and len(poll) < 16 else None

    def start(self) -> bytes:
        """What a new reader gets: the board, findings and last poll. Encoded once for each poll."""
        if self._start is None:
            begun = [] if self.last is None else [*self._findings(), events_json.document(self.last, {})]
            poll = 0 if self.last is None else self.last.poll
            board = b"event: board\ndata: " + self.board() + b"\n\n"
            self._start = board + documents.block(begun, self.event_id(poll)) if begun else board
        return self._start

    def board(self) -> bytes:
        """The answer of `/api/v1/board`. Encoded once for each poll."""
        if self._board is None:
            followed = self.followed
            shown = followed.shown() if followed is not None and self.has_board else None
            self._board = encode(
                {
                    **(self._dress(events_json.document(shown, self.codes)) if shown else documents.NO_BOARD),
                    "tenant": {
                        "name": self.name,
                        "title": self.title,
                        "contract": followed.contract if followed else None,
                    },
                    "interval": self.last.interval if self.last else self.interval,
                    "last_poll": events_json.document(self.last, {}) if self.last else None,
                    "teams": documents.teams(followed.seats.values() if followed else ()),
                    "findings": self._findings(),
                    "alerts": self.alerts,
                    "unsent": self._unsent(),
                    "history": self._history,
                    "recent": self._recent_changes(),
                }
            )
        return self._board

    def _findings(self) -> list[dict[str, Any]]:
        if self.followed is None or self.last is None:
            return []
        now = self.followed.findings.values()
        begun = (FindingChanged(poll=self.last.poll, finding=finding, begins=True) for finding in now)
        return [self._dress(events_json.document(one, {})) for one in begun]

    def show_alerts(self) -> None:
        """Take the alerts as they are now. Readers are sent them with the next poll."""
        if self.desk is not None:
            alerts = [self.dressed(alert) for alert in self.desk.alerts.now]
            if alerts != self.alerts:
                self.alerts = alerts
                self._pending.append({"type": "alerts", "alerts": alerts})
                self._start = self._board = None

    def dressed(self, alert: Alert) -> dict[str, Any]:
        """An alert as readers see it."""
        return self._dress({"type": "alert", **message.document(alert)})

    def _unsent(self) -> list[dict[str, Any]]:
        """The messages of alerts that a place did not take so far."""
        unsent = self.desk.outbox.undelivered if self.desk is not None else ()
        return [
            {"place": one.place, "id": one.id, "tries": one.tries, "why": one.why, "given_up": one.given_up}
            for one in unsent
        ]

    def _end_poll(self, polled: Polled) -> None:
        self.last, self.crashed = polled, ""
        self._start = self._board = None
        self.polls["ok" if polled.ok else "missed"] += 1
        if polled.ok:
            self.ok_at = polled.received_at
        if polled.took is not None:
            self.seconds_polling += polled.took
            self.polls_timed += 1
        whole = bool(self._pending) and not self._pending[0]
        if self.desk is not None and self.followed is not None:
            self.desk.take(self.followed, polled)
            self.show_alerts()
        self._show_history()
        events = [*self._pending, events_json.document(polled, {})]
        self._pending = []
        block = self.start() if whole else documents.block(events, self.event_id(polled.poll))
        self.ring.append(polled.poll, block)

    def _show_history(self) -> None:
        """Take whether the history can be written. Readers are sent it with this poll if it differs."""
        if self._recording is not None and self._history != {"trouble": self._recording.trouble}:
            self._history = {"trouble": self._recording.trouble}
            self._pending.append({"type": "history", "history": self._history})

    def _remember(self, change: Change, document: dict[str, Any]) -> None:
        now = self.server_time or 0.0
        recent = documents.recent(change, document, at=now)
        if recent is not None:
            self._recent.append((now, recent))

    def _recent_changes(self) -> dict[str, Any]:
        """The last changes, newest first."""
        since = (self.server_time or 0.0) - RECENT
        newest = [change for at, change in reversed(self._recent) if at >= since]
        return {"seconds": RECENT, "changes": newest}


def _why(error: Exception) -> str:
    """What went wrong. The text of an unexpected error may hold a secret."""
    return str(error) if isinstance(error, HistoryError) else kind_and_place(error)
