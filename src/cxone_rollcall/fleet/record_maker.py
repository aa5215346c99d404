"""Makes the records that a worker writes of a tenant's polls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cxone_rollcall.fleet import records
from cxone_rollcall.fleet.log import new_token
from cxone_rollcall.fleet.records import Changed, Looked, Note, Record
from cxone_rollcall.history.recording import cause_of
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from cxone_rollcall.live.poller import Poller
    from cxone_rollcall.live.seat import Seat

MARK = 60.0
"""Seconds after which a record is written although nothing changed."""


class RecordMaker:
    """Turns the events of a tenant's pollers into its records. `last` is the last poll."""

    def __init__(self, owner: str) -> None:
        self.last: Polled | None = None
        self._owner = owner
        self._run = ""
        self._resumed = False
        self._changes: list[Changed] = []
        self._notes: list[Note] = []
        self._judged = self._doubted = frozenset[str]()
        self._recorded_at = -MARK
        self._recorded_ok: bool | None = None

    def forget(self) -> None:
        """Leave out what a poller began to tell before it failed."""
        self._changes, self._notes = [], []

    def take(
        self, poller: Poller, event: Event, seats: Mapping[str, Seat], number: int, now: float, *, always: bool = False
    ) -> list[Record]:
        """Take an event. Returns the records of a poll at its end, [] if it brought nothing and none is due.

        `seats` are those recorded so far, and `number` is that of the last change. `now` counts seconds and never goes
        back. `always` records each poll.
        """
        match event:
            case BoardShown():
                self._resumed, self._judged, self._doubted = True, frozenset(), frozenset()
                for change in records.differences(seats, event.seats, poll=event.poll):
                    self._note_change(poller, change)
            case Change():
                self._note_change(poller, event)
            case FindingChanged():
                self._notes.append(records.note(event))
            case Polled():
                self.last, self._run = event, poller.run_id
                due = always or now - self._recorded_at >= MARK or event.ok is not self._recorded_ok
                if self._changes or self._notes or self._resumed or poller.doubted != self._doubted or due:
                    self._recorded_at, self._recorded_ok = now, event.ok
                    return self._records(poller, event, number)
        return []

    def _note_change(self, poller: Poller, change: Change) -> None:
        unknown = change.after is not None and change.after.shown is Standing.UNKNOWN
        cause = cause_of(poller, change.agent_id) if unknown else ""
        codes = poller.codes.get(change.agent_id, ())
        self._changes.append(Changed(change.agent_id, change.before, change.after, codes, cause))

    def _records(self, poller: Poller, event: Polled, number: int) -> list[Record]:
        record = Record(
            owner=self._owner,
            token=new_token(),
            run=poller.run_id,
            number=0,
            resumed=self._resumed,
            polled=event,
            notes=tuple(self._notes),
            judged=tuple(sorted(poller.judged - self._judged)),
            doubted=tuple(sorted(poller.doubted - self._doubted)),
            settled=tuple(sorted(self._doubted - poller.doubted)),
        )
        made = records.split(record, self._changes, number)
        self._changes, self._notes, self._resumed = [], [], False
        self._judged, self._doubted = poller.judged, poller.doubted
        return made

    def mark(self, number: int) -> Record:
        """Who holds the tenant, and until when all was seen."""
        looked = self.looked(number)
        return Record(
            owner=self._owner, token=new_token(), number=number, take=True, polled=looked.polled if looked else None
        )

    def looked(self, number: int) -> Looked | None:
        """The last poll. None before the first one whose changes are on their way into the history."""
        if self.last is None or self._changes or self._resumed:
            return None
        return Looked(number, self._run, self.last)
