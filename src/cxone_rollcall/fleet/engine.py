"""Requests to the engine, NATS JetStream, and what its answers mean."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.model.timestamp import parse_timestamp

if TYPE_CHECKING:
    from nats.aio.client import Client as Nats
    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

GROUP = "workers"
MISMATCH, IN_PROCESS, GONE = 10071, 10164, 10057
BATCH = 200
"""Records to read at once."""
API = "$JS.API"
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""The clock of Linux, or else of macOS, that counts sleep. That of `time.monotonic` stands still there."""
UNCONNECTED = 0.05
"""Seconds until a request without a connection is given up."""


class Stored(NamedTuple):
    """A message of a stream. `at` is when it was stored, in seconds since the epoch by the engine's clock."""

    sequence: int
    subject: str
    data: bytes
    at: float = 0.0


class Refused(Exception):
    """The engine did not take a message. `text` is its reason, "" if it gave none."""

    def __init__(self, why: Refusal, text: str = "") -> None:
        super().__init__(text or why.name)
        self.why = why
        self.text = text


class ApiError(Exception):
    """The engine answered a request with an error."""

    def __init__(self, code: int, number: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.number = number


def streams_of(zone: str) -> tuple[str, str, str]:
    """The names of a zone's streams of tickets, history and snapshots."""
    return f"TICKETS-{zone}", f"HIST-{zone}", f"SNAP-{zone}"


def tokens_of(zone: str) -> str:
    """The name of a zone's stream of sealed logins. Only workers and operators look at it."""
    return f"TOKENS-{zone}"


def inbox_of(zone: str) -> str:
    """Where the answers to a zone's users come. Other zones do not hear them."""
    return f"_INBOX.{zone}"


class Engine:
    """A connection. It goes to another node by itself. All waiting is in seconds.

    `answered` is when the node last answered anything, by `clock`.
    """

    def __init__(self, nats: Nats) -> None:
        self.nats = nats
        self.answered = self.clock()
        self._pinging: asyncio.Task[bool] | None = None

    def clock(self) -> float:
        """Seconds that never go back, and go on while the machine sleeps."""
        return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)

    @property
    def is_cluster(self) -> bool:
        """Whether it has three nodes, not one."""
        return bool(self.nats._server_info.get("cluster"))  # noqa: SLF001  the client shows the version alone

    async def answers(self, within: float) -> bool:
        """Whether the node that we are connected to answers at all."""
        if self._pinging is None or self._pinging.done():
            self._pinging = asyncio.create_task(self._ping(within))
        return await asyncio.shield(self._pinging)

    async def _ping(self, within: float) -> bool:
        try:
            await self.nats.flush(timeout=within)  # type: ignore[arg-type]
        except (Exception, asyncio.CancelledError):  # noqa: BLE001  no answer, or the connection was lost
            return False
        if not self.nats.is_connected:  # then the client's flush returns at once
            return False
        self.answered = self.clock()
        return True

    async def ask(
        self, subject: str, data: bytes = b"", *, within: float, headers: Mapping[str, str] | None = None
    ) -> Msg:
        """The answer of a request. Raises `Refused`: LEADERLESS if nobody listens, SILENT if nothing comes."""
        from nats.errors import Error, NoRespondersError

        await self._check_connected()
        try:
            answer = await self.nats.request(subject, data, timeout=within, headers=dict(headers or {}) or None)
        except NoRespondersError:
            self.answered = self.clock()
            raise Refused(Refusal.LEADERLESS) from None
        except (Error, OSError, TimeoutError, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            raise Refused(Refusal.SILENT) from None
        self.answered = self.clock()
        return answer

    async def send(self, subject: str, data: bytes, reply: str = "") -> None:
        """Send a message of which nobody confirms that it came. It does not come without a connection."""
        if self.nats.is_connected:
            with suppress(Exception):  # it is lost now
                await self.nats.publish(subject, data, reply=reply)

    async def _check_connected(self) -> None:
        """Raise `Refused` without a connection. The client would keep the request, and send it hours later."""
        if not self.nats.is_connected:
            await asyncio.sleep(UNCONNECTED)  # it is looking for another node
            raise Refused(Refusal.SILENT)

    async def call(self, name: str, body: object = None, *, within: float = 5.0) -> dict[str, Any]:
        """The answer of the engine's API. Raises `ApiError`, and `Refused` as for `ask`."""
        data = b"" if body is None else json.dumps(body).encode()
        answer: dict[str, Any] = json.loads((await self.ask(f"{API}.{name}", data, within=within)).data)
        if "error" in answer:
            error = answer["error"]
            raise ApiError(error.get("code", 0), error.get("err_code", 0), error.get("description", ""))
        return answer

    async def publish(
        self, subject: str, data: bytes, *, after: int | None, within: float, keep: int | None = None
    ) -> int:
        """Store a message, if `after` is the last sequence of its subject. None stores it in any case.

        It is kept for some seconds, None for as long as the stream keeps it. Returns its sequence. Raises `Refused`.
        """
        headers = {} if after is None else {"Nats-Expected-Last-Subject-Sequence": str(after)}
        if keep is not None:
            headers["Nats-TTL"] = f"{keep}s"
        try:
            answer = json.loads((await self.ask(subject, data, within=within, headers=headers)).data)
        except Refused as refused:
            if refused.why is Refusal.SILENT and await self.answers(within):
                raise Refused(Refusal.LEADERLESS) from None
            raise
        if "error" in answer:
            number = answer["error"].get("err_code")
            if number == MISMATCH:
                raise Refused(Refusal.MISMATCH)
            if number == IN_PROCESS:
                raise Refused(Refusal.TRANSIENT)
            raise Refused(Refusal.LEADERLESS, answer["error"].get("description", ""))
        return int(answer["seq"])

    async def delete(self, stream: str, sequence: int) -> None:
        """Take a message out of a stream, if it is still there. Raises `ApiError`, and `Refused` as for `ask`."""
        try:
            await self.call(f"STREAM.MSG.DELETE.{stream}", {"seq": sequence})
        except ApiError as error:
            if error.number != GONE:
                raise

    async def time_of(self, stream: str) -> float:
        """The time of a stream's leader, which dates its messages.

        In seconds since the epoch. Raises `Refused`.
        """
        try:
            told = (await self.call(f"STREAM.INFO.{stream}", within=2.0)).get("ts")
        except ApiError as error:
            raise Refused(Refusal.LEADERLESS, str(error)) from None
        return parse_timestamp(told) or 0.0

    async def last(self, stream: str, subject: str, *, within: float) -> Stored | None:
        """The last message of a subject, as the stream's leader has it. Raises `Refused`."""
        try:
            answer = await self.call(f"STREAM.MSG.GET.{stream}", {"last_by_subj": subject}, within=within)
        except ApiError as error:
            if error.code == 404:
                return None
            raise Refused(Refusal.LEADERLESS, str(error)) from None
        return _stored(answer["message"])

    async def read(self, stream: str, subject: str, start: int, *, within: float = 2.0) -> list[Stored]:
        """The next messages of a subject, from a sequence on. It may have wildcards. [] if there are none yet.

        Any replica answers. One that is behind gives fewer. Raises `Refused`.
        """
        body = json.dumps({"seq": max(1, start), "next_by_subj": subject, "batch": BATCH}).encode()
        found: list[Stored] = []
        async with self._answers(f"{API}.DIRECT.GET.{stream}", body) as answers:
            while True:
                message = await _next(answers, within)
                if message is None:
                    raise Refused(Refusal.SILENT)
                headers = message.headers or {}
                if "Nats-Sequence" not in headers:
                    if headers.get("Status") in ("204", "404"):
                        return found
                    raise Refused(Refusal.LEADERLESS)
                at = parse_timestamp(headers.get("Nats-Time-Stamp")) or 0.0
                found.append(Stored(int(headers["Nats-Sequence"]), headers["Nats-Subject"], message.data, at))

    async def gather(self, subject: str, *, within: float, quiet: float) -> list[bytes]:
        """The answers of everybody who listens to a subject.

        It waits `within` seconds at most, and no longer than `quiet` for the next one. Raises `Refused`."""
        found = []
        end = self.clock() + within
        async with self._answers(subject, b"") as answers:
            while (left := end - self.clock()) > 0:
                message = await _next(answers, min(left, quiet))
                if message is None or (message.headers or {}).get("Status") == "503":
                    break
                found.append(message.data)
        return found

    @asynccontextmanager
    async def _answers(self, subject: str, data: bytes) -> AsyncIterator[Subscription]:
        """Send a request that has several answers. Raises `Refused` without a connection."""
        await self._check_connected()
        inbox = self.nats.new_inbox()
        subscription = await self.nats.subscribe(inbox)
        try:
            await self.nats.publish(subject, data, reply=inbox)
            yield subscription
        finally:
            with suppress(Exception):
                await subscription.unsubscribe()

    async def listen(self, subject: str, take: Callable[[Msg], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Call `take` with each message of a subject. Returns what ends that."""
        subscription = await self.nats.subscribe(subject, cb=take)

        async def end() -> None:
            with suppress(Exception):
                await subscription.unsubscribe()

        return end


async def _next(answers: Subscription, within: float) -> Msg | None:
    """The next answer. None if none comes, or if the connection is lost."""
    try:
        return await answers.next_msg(timeout=within)
    except Exception:  # noqa: BLE001  the client has no common type
        if _is_cancelled():  # of which the client makes another error if the connection is closed
            raise asyncio.CancelledError from None
        return None


def _is_cancelled() -> bool:
    """Whether this task is to end. The client cancels its own futures when it loses its connection."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _stored(message: Mapping[str, Any]) -> Stored:
    import base64

    at = parse_timestamp(message.get("time")) or 0.0
    return Stored(int(message["seq"]), message["subject"], base64.b64decode(message.get("data") or b""), at)
