"""Records what a poller sees in a history file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import chain

from cxone_rollcall.errors import RequestFailed, RollcallError
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.history.backfilling import backfill, is_final
from cxone_rollcall.history.interval import RECORDER_DOWN
from cxone_rollcall.history.recorder import Batch, Recorder
from cxone_rollcall.history.schema import DAY
from cxone_rollcall.history.store import Stopped, Store
from cxone_rollcall.live.events import Event, FindingChanged, Polled
from cxone_rollcall.live.poller import Poller
from cxone_rollcall.live.seat import Certainty, Seat, Since
from cxone_rollcall.model.identity import TenantIdentity
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState

MOST_WAITING = 500_000
"""Changes that wait in memory while the file cannot be written. If there are more, their time becomes a gap."""
SETTLED = 60.0
"""Seconds after a gap until the state history is asked. Its rows may come later than those of states."""
AGAIN = 600.0
"""Seconds until the next request after a failure or an incomplete answer."""
NOT_WRITABLE = "file-not-writable"
"""The cause of a gap while the file could not be written."""


class Recording:
    """The recording of one tenant. It outlives its pollers: each is followed from its `begin` on.

    What cannot be written waits, and is tried again after each poll. `trouble` is then the reason, else "";
    `complain` is called when that begins and when it ends. `polls` and `changes` count what is stored durably.
    `keep` is how many days are kept, None for all. An older day is deleted after a poll, one after each.
    """

    def __init__(self, store: Store, complain: Callable[[str], None], *, keep: int | None = None) -> None:
        self.trouble = ""
        self.polls = self.changes = 0
        self._store = store
        self._complain = complain
        self._waiting: list[Batch] = []
        self._keep = keep
        self._dropped_on: int | None = None
        self._gap_closed = asyncio.Event()
        self._tenant: TenantIdentity | None = None
        self._poller: Poller | None = None
        self._recorder: Recorder | None = None

    def begin(self, poller: Poller) -> None:
        """Follow this poller from now on. Its board begins as the history ends."""
        stopped = self._store.stopped()
        poller.restore(seats_of(stopped))
        self._recorder = _recorder(poller, stopped, NOT_WRITABLE if self._waiting else RECORDER_DOWN)
        self._poller, self._waiting = poller, []

    @property
    def waiting(self) -> int:
        """Polls that could not be written yet."""
        return len(self._waiting)

    async def take(self, event: Event) -> None:
        """Take an event of the poller. At the end of a poll what changed is stored durably, or waits.

        Raises `HistoryError`, and stores nothing, if the file has the history of another tenant.
        """
        poller = self._poller
        if poller is None:
            return
        if self._recorder is None and isinstance(event, Polled) and poller.has_board:
            # Too much had to wait and was given up. What is on the board now is the end of that gap.
            self._recorder = _recorder(poller, self._store.stopped(), NOT_WRITABLE)
            self._recorder.take(poller.shown(), poller.board.seats, self._cause)
            for one in _findings(poller):
                self._recorder.take(one, poller.board.seats, self._cause)
        if self._recorder is not None:
            batch = self._recorder.take(event, poller.board.seats, self._cause)
            if batch is not None:
                self._waiting.append(batch)
                await self._write(poller.client.identity)

    @asynccontextmanager
    async def filling(self, wanted: bool) -> AsyncIterator[None]:
        """Fill gaps until the block ends, if that is wanted."""
        filling = asyncio.ensure_future(self.backfill()) if wanted else None
        try:
            yield
        finally:
            if filling is not None:
                filling.cancel()
                (failed,) = await asyncio.gather(filling, return_exceptions=True)
                if isinstance(failed, Exception):
                    raise failed

    async def backfill(self, *, wait: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """Fill gaps from the state history beside the polling, until cancelled.

        It begins after the first poll, and again after each gap that closes. One request is under way at a time, and
        a failed one waits. Gaps without a complete answer are asked for again later. If gaps stay because the server
        refuses, `complain` is called once, and this returns if that cannot pass. `wait` sleeps for some seconds.
        """
        told: object = None
        while True:
            await self._gap_closed.wait()
            await wait(SETTLED)
            self._gap_closed.clear()
            assert self._poller is not None  # noqa: S101  a gap closes in a poll
            try:
                done = await backfill(self._store, self._poller.client, self._poller.groups, wait=wait)
            except (RollcallError, sqlite3.Error) as error:
                # Its text has the range, which is another one each time.
                why = (error.failure.kind, error.failure.status) if isinstance(error, RequestFailed) else str(error)
                if why != told:
                    self._complain(f"gaps stay as they are: {error}")
                told = why
                if is_final(error):
                    return
                await wait(AGAIN)
                self._gap_closed.set()
            else:
                if done.gaps and str(done) != told:
                    self._complain(str(done))
                told = str(done) if done.unanswered else None
                if done.unanswered:
                    await wait(AGAIN)
                    self._gap_closed.set()

    async def _write(self, tenant: TenantIdentity) -> None:
        try:
            if tenant != self._tenant:
                await asyncio.to_thread(self._store.identify, tenant)
                self._tenant = tenant
            while self._waiting:
                await asyncio.to_thread(self._store.write, self._waiting[0])
                self.polls += 1
                written = self._waiting.pop(0)
                self.changes += len(written.opened)
                if self.polls == 1 or any(one.status.standing is Standing.UNKNOWN for _, one in written.closed):
                    self._gap_closed.set()
                await self._drop(written.poll.at)
        except sqlite3.Error as error:
            if not self.trouble:
                self._complain(f"{self._store.path} cannot be written: {error}. Changes wait in memory")
            self.trouble = str(error)
            if sum(len(batch.opened) for batch in self._waiting) > MOST_WAITING:
                self._waiting, self._recorder = [], None
            return
        if self.trouble:
            self.trouble = ""
            self._complain(f"{self._store.path} can be written again")

    async def _drop(self, now: int) -> None:
        """Delete one day that is too old. If there is no such day, look again on the next day."""
        if self._keep is None or now // DAY == self._dropped_on:
            return
        if not await asyncio.to_thread(self._store.drop, now - self._keep * DAY):
            self._dropped_on = now // DAY

    def _cause(self, agent_id: str) -> str:
        assert self._poller is not None  # noqa: S101  a recorder asks, which follows one
        return cause_of(self._poller, agent_id)


def cause_of(poller: Poller, agent_id: str) -> str:
    """Why an agent is unknown. A finding's code, or that nothing recorded."""
    if not poller.asked:
        return RECORDER_DOWN
    blinding = (code for code, finding in poller.troubles.now.items() if finding.explains_all)
    return first_cause(poller.codes.get(agent_id, ()), blinding)


def first_cause(own: Iterable[str], blinding: Iterable[str]) -> str:
    """The agent's own finding, else one that explains all. By code."""
    return next(chain(own, blinding), Unexplained.code)


def _findings(poller: Poller) -> Iterator[FindingChanged]:
    """The findings that hold now, as if they began."""
    now = poller.troubles.now.values()
    return (FindingChanged(poll=poller.poll, finding=finding, begins=True) for finding in now)


def _recorder(poller: Poller, stopped: Stopped, down: str) -> Recorder:
    return Recorder(
        poller.run_id,
        opened=stopped.opened,
        people=stopped.people,
        until=stopped.until,
        polled_at=stopped.polled_at,
        down=down,
    )


def seats_of(stopped: Stopped) -> Iterator[Seat]:
    """The board as of the last look that was recorded."""
    for agent_id, now in stopped.opened.items():
        status, as_of = now.status, (now.known_until or stopped.until) / 1000
        state = None
        if status.state is not None or status.sub_state is not None or now.row_since is not None:
            state = AgentState(agent_id, status.state, status.sub_state, now.row_since)
        since = now.since or Since(as_of, Certainty.AT_LEAST)
        yield Seat(stopped.people[agent_id], status.standing, state, status.group, since, as_of)
