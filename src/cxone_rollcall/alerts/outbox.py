"""Messages on their way. Each place gets them in order, each at least once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from random import Random
from typing import Any

import msgspec

from cxone_rollcall.alerts.senders import NotSent, Send
from cxone_rollcall.errors import kind_and_place
from cxone_rollcall.model.struct import Record

BACKOFF = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds before each new try; the last one repeats. A receiver drops what it has by `webhook-id`."""
MOST_TRIES = 40
"""Tries before a message is given up. They take some eight hours."""
MOST_WAITING = 1000
"""Messages that wait for a place. More drop the oldest."""
MOST_LOST = 100
LONGEST_PAUSE = 3600.0


class Message(Record):
    """A message to one place. `why` is why its last try failed, "" before that. `given_up` ends its tries."""

    place: str
    id: str
    body: bytes
    tries: int = 0
    why: str = ""
    given_up: bool = False


class Outbox:
    """Sends to each place, with a pause after each failure. `wait` sleeps for some seconds."""

    def __init__(
        self,
        senders: Mapping[str, Send],
        *,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
        rng: Random | None = None,
    ) -> None:
        self._senders = senders
        self._wait = wait
        self._rng = rng or Random()  # noqa: S311  it spreads retries
        self._waiting: dict[str, deque[Message]] = {place: deque() for place in senders}
        self._lost: deque[Message] = deque(maxlen=MOST_LOST)
        self._woken = {place: asyncio.Event() for place in senders}
        self._ids: dict[str, None] = {}
        self._empty = asyncio.Event()
        self._empty.set()

    def put(self, message_id: str, body: bytes, places: Iterable[str]) -> None:
        """Take a message for these places. One that was taken before is not taken again."""
        if message_id in self._ids:
            return
        self._remember(message_id)
        for place in places:
            if place in self._waiting:
                self._append(Message(place, message_id, body))

    def _append(self, message: Message) -> None:
        waiting = self._waiting[message.place]
        if len(waiting) >= MOST_WAITING:
            oldest = waiting[1]  # the first is being sent
            del waiting[1]
            self._give_up(oldest, "too many messages wait")
        waiting.append(message)
        self._empty.clear()
        self._woken[message.place].set()

    def _remember(self, message_id: str) -> None:
        self._ids[message_id] = None
        while len(self._ids) > 2 * MOST_WAITING:
            del self._ids[next(iter(self._ids))]

    def _give_up(self, message: Message, why: str) -> None:
        message.given_up, message.why = True, message.why or why
        self._lost.append(message)

    @property
    def undelivered(self) -> tuple[Message, ...]:
        """Messages that were given up, or have failed so far."""
        return (*self._lost, *(one for waiting in self._waiting.values() for one in waiting if one.tries))

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for place in self._senders:
                tasks.create_task(self._serve(place))

    async def emptied(self) -> None:
        """Wait until no message waits."""
        await self._empty.wait()

    async def _serve(self, place: str) -> None:
        waiting, woken = self._waiting[place], self._woken[place]
        while True:
            if not waiting:
                woken.clear()
                await woken.wait()
            message = waiting[0]
            pause = await self._try(message)
            if pause is not None:
                await self._wait(pause)
                continue
            waiting.popleft()
            if not any(self._waiting.values()):
                self._empty.set()

    async def _try(self, message: Message) -> float | None:
        """Send once. Returns the pause before the next try; None if there is none."""
        message.tries += 1
        try:
            await self._senders[message.place](message.id, message.body)
        except Exception as error:  # noqa: BLE001  the other places go on
            message.why = str(error) if isinstance(error, NotSent) else kind_and_place(error)
            if message.tries >= MOST_TRIES:
                self._give_up(message, message.why)
                return None
            pause = BACKOFF[min(message.tries, len(BACKOFF)) - 1] * self._rng.uniform(0.8, 1.2)
            return max(pause, min(error.after if isinstance(error, NotSent) else 0.0, LONGEST_PAUSE))
        return None

    def snapshot(self) -> list[Any]:
        """The messages that wait or were given up, as JSON values."""
        values: list[Any] = msgspec.to_builtins([*self._lost, *(m for w in self._waiting.values() for m in w)])
        return values

    def restore(self, values: object) -> None:
        """Go on with the messages of a snapshot. Those of places that are gone are given up. ValueError if damaged."""
        try:
            messages = msgspec.convert(values, list[Message])
        except msgspec.ValidationError as error:
            raise ValueError(f"the messages that were kept are damaged: {error}") from None
        for message in messages:
            self._remember(message.id)
            if message.given_up or message.place not in self._waiting:
                self._give_up(message, "its place is no longer in the file")
            else:
                self._append(message)
