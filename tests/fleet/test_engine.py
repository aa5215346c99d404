"""Requests to the engine. Without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.errors import ConnectionClosedError, NoRespondersError
from nats.errors import TimeoutError as NothingCame
from tests.fleet.memory import Memory

from cxone_rollcall.fleet.engine import ApiError, Engine, Refused, Stored
from cxone_rollcall.fleet.lease import Refusal


class Lost:
    """A client of NATS that looks for a node. `waiting` is what it would send when it has found one."""

    is_connected = is_closed = False

    def __init__(self) -> None:
        self.waiting: list[str] = []

    def new_inbox(self) -> str:
        """Where answers would come."""
        return "inbox"

    async def subscribe(self, subject: str) -> Lost:
        """Ask for answers."""
        self.waiting.append(subject)
        return self

    async def publish(self, subject: str, data: bytes, **more: object) -> None:
        """Send something."""
        self.waiting.append(subject)

    async def unsubscribe(self) -> None:
        """Take no more answers."""

    async def next_msg(self, **given: float) -> Any:
        """No answer comes."""
        raise TimeoutError


async def test_nothing_waits_in_a_lost_connection() -> None:
    """Else all would be sent at once, hours later."""
    nats = Lost()
    engine = Engine(cast(Any, nats))
    for asked in (
        engine.read("HIST-eu", "hist.eu.*", 1, within=0.01),
        engine.gather("fleet.eu.status", within=0.01, quiet=0.01),
        engine.ask("holder.eu.acme", within=0.01),
        engine.publish("hist.eu.acme", b"", after=0, within=0.01),
    ):
        with pytest.raises(Refused):
            await asked
    await engine.send("fleet.eu.load", b"{}")
    assert nats.waiting == []


class Closed(Lost):
    """A client whose connection is closed while somebody waits. It hides that he is to end."""

    is_connected = True

    async def request(self, subject: str, data: bytes, **given: Any) -> Any:
        """Wait."""
        await asyncio.sleep(60)

    async def next_msg(self, **given: float) -> Any:
        """Wait."""
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ConnectionError from None


async def test_whoever_is_to_end_ends_without_a_connection() -> None:
    """A task that is cancelled once ends, though it waits for answers."""
    engine = Engine(cast(Any, Closed()))
    for asked in (
        engine.read("HIST-eu", "hist.eu.*", 1, within=60),
        engine.gather("fleet.eu.status", within=60, quiet=60),
        engine.ask("holder.eu.acme", within=60),
    ):
        asking = asyncio.create_task(cast(Coroutine[Any, Any, Any], asked))
        await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.wait((asking,))
        assert asking.cancelled()


class Node:
    """A client of NATS. `answers` are to its requests in order, or errors; `messages` come one by one, then no more.

    `asked` are the requests: subject, body and headers. `is_there` is whether the node answers a ping.
    """

    is_connected = True

    def __init__(self, *answers: object, messages: tuple[object, ...] = (), is_there: bool = True) -> None:
        self.asked: list[tuple[str, Any, Any]] = []
        self.is_there = is_there
        self.ended = 0
        self._answers = list(answers)
        self._messages = list(messages)

    async def request(self, subject: str, data: bytes, **given: Any) -> Any:
        """The next answer."""
        self.asked.append((subject, json.loads(data) if data else None, given["headers"]))
        answer = self._answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return SimpleNamespace(data=json.dumps(answer).encode())

    async def flush(self, **given: float) -> None:
        """Ping the node."""
        if not self.is_there:
            raise NothingCame

    def new_inbox(self) -> str:
        """Where answers come."""
        return "inbox"

    async def subscribe(self, subject: str, cb: object = None) -> Node:
        """Ask for messages."""
        self.asked.append((subject, cb, None))
        return self

    async def publish(self, subject: str, data: bytes, reply: str = "") -> None:
        """Send a request with several answers, or a message that is lost."""
        self.asked.append((subject, json.loads(data) if data else None, reply))
        if not self.is_there:
            raise ConnectionClosedError

    async def unsubscribe(self) -> None:
        """Take no more messages."""
        self.ended += 1

    async def next_msg(self, **given: float) -> Any:
        """The next message."""
        if not self._messages:
            raise NothingCame
        return self._messages.pop(0)


def _engine(node: Node) -> Engine:
    return Engine(cast(Any, node))


def _error(code: int, number: int, text: str = "no") -> dict[str, Any]:
    return {"error": {"code": code, "err_code": number, "description": text}}


REFUSALS: list[tuple[object, bool, Refusal, str]] = [
    (_error(400, 10071), True, Refusal.MISMATCH, ""),
    (_error(400, 10164), True, Refusal.TRANSIENT, ""),
    (_error(503, 10077, "the disk is full"), True, Refusal.LEADERLESS, "the disk is full"),
    ({"error": {}}, True, Refusal.LEADERLESS, ""),
    (NoRespondersError(), False, Refusal.LEADERLESS, ""),
    (NothingCame(), True, Refusal.LEADERLESS, ""),
    (NothingCame(), False, Refusal.SILENT, ""),
    (OSError(), False, Refusal.SILENT, ""),
    (asyncio.CancelledError(), False, Refusal.SILENT, ""),
]


async def test_why_a_message_is_not_taken_is_told() -> None:
    """A node that answers a ping has no leader. One that does not is silent, as is a connection that is lost."""
    for answer, is_there, why, text in REFUSALS:
        with pytest.raises(Refused) as refused:
            await _engine(Node(answer, is_there=is_there)).publish("hist.eu.acme", b"1", after=0, within=1.0)
        assert (refused.value.why, refused.value.text) == (why, text), answer
        assert str(refused.value) == (text or why.name)


async def test_a_message_is_stored_after_another_and_for_some_time() -> None:
    """The engine compares a subject's last sequence. A message may have a time to live."""
    node = Node({"seq": 8}, {"seq": 9})
    engine = _engine(node)
    assert await engine.publish("hist.eu.acme", b"1", after=7, within=1.0) == 8
    assert await engine.publish("seen.eu.w", b"2", after=None, within=1.0, keep=60) == 9
    expected = {"Nats-Expected-Last-Subject-Sequence": "7"}
    assert node.asked == [("hist.eu.acme", 1, expected), ("seen.eu.w", 2, {"Nats-TTL": "60s"})]


async def test_an_error_of_the_engine_is_one_of_ours() -> None:
    """It has a code, a number and a text. What is already gone is deleted, and what never was is not there."""
    node = Node(
        _error(400, 10052, "invalid"), _error(404, 10057), _error(503, 10008), _error(404, 10037), {"error": {}}
    )
    engine = _engine(node)
    with pytest.raises(ApiError, match="invalid") as refused:
        await engine.call("STREAM.CREATE.X", {"name": "X"})
    assert (refused.value.code, refused.value.number) == (400, 10052)
    await engine.delete("X", 7)
    with pytest.raises(ApiError):
        await engine.delete("X", 7)
    assert await engine.last("X", "x.1", within=1.0) is None
    with pytest.raises(Refused, match="LEADERLESS"):
        await engine.last("X", "x.1", within=1.0)
    with pytest.raises(Refused, match="none") as leaderless:
        await _engine(Node(_error(404, 1, "none"))).time_of("X")
    assert (leaderless.value.why, leaderless.value.text) == (Refusal.LEADERLESS, "none")
    deletes = ("$JS.API.STREAM.MSG.DELETE.X", {"seq": 7}, None)
    lasts = ("$JS.API.STREAM.MSG.GET.X", {"last_by_subj": "x.1"}, None)
    assert node.asked == [("$JS.API.STREAM.CREATE.X", {"name": "X"}, None), deletes, deletes, lasts, lasts]


async def test_the_last_message_has_its_time() -> None:
    """It is dated by the stream's leader, in seconds since the epoch. An empty one has no data."""
    at = "2026-03-02T10:30:00.5Z"
    message = {"seq": 7, "subject": "x.1", "time": at, "data": "aGVsbG8="}
    empty = {name: value for name, value in message.items() if name not in ("data", "time")}
    engine = _engine(Node({"message": message}, {"message": empty}, {"ts": at}, {}))
    assert await engine.last("X", "x.1", within=1.0) == Stored(7, "x.1", b"hello", 1_772_447_400.5)
    assert await engine.last("X", "x.1", within=1.0) == Stored(7, "x.1", b"", 0.0)
    assert (await engine.time_of("X"), await engine.time_of("X")) == (1_772_447_400.5, 0.0)


def _message(headers: dict[str, str] | None, data: bytes = b"") -> object:
    return SimpleNamespace(headers=headers, data=data)


FOUND = {"Nats-Sequence": "7", "Nats-Subject": "x.1", "Nats-Time-Stamp": "2026-03-02T10:30:00Z"}


async def test_a_replica_gives_what_it_has() -> None:
    """The messages end with a status. Any other end is a refusal: there may be more."""
    undated = _message({"Nats-Sequence": "9", "Nats-Subject": "x.2"}, b"2")
    found = [Stored(7, "x.1", b"1", 1_772_447_400.0), Stored(9, "x.2", b"2", 0.0)]
    ends: dict[str, list[Stored] | Refusal] = {
        "204": found,
        "404": found,
        "408": Refusal.LEADERLESS,
        "": Refusal.SILENT,
    }
    for status, expected in ends.items():
        last = (_message({"Status": status}),) if status else ()
        node = Node(messages=(_message(FOUND, b"1"), undated, *last))
        reading = _engine(node).read("X", "x.*", 0, within=1.0)
        if isinstance(expected, Refusal):
            with pytest.raises(Refused) as refused:
                await reading
            assert refused.value.why is expected
        else:
            assert await reading == expected
        assert node.asked[0][0] == "inbox"
        body = {"seq": 1, "next_by_subj": "x.*", "batch": 200}
        assert node.asked[1:] == [("$JS.API.DIRECT.GET.X", body, "inbox")]
        assert node.ended == 1
    with pytest.raises(Refused):
        await _engine(Node(messages=(_message(None),))).read("X", "x.*", 0)


async def test_the_answers_of_everybody_are_gathered() -> None:
    """They end when nobody listens, or when no more come."""
    for last in ((), (_message({"Status": "503"}), _message(None, b"3"))):
        node = Node(messages=(_message(None, b"1"), _message({}, b"2"), *last))
        assert await _engine(node).gather("fleet.eu.status", within=5.0, quiet=1.0) == [b"1", b"2"]
        assert node.asked[1:] == [("fleet.eu.status", None, "inbox")]
    assert await _engine(Node(messages=(_message(None, b"1"),))).gather("x", within=0.0, quiet=1.0) == []


async def test_when_the_engine_last_answered_is_known() -> None:
    """An answer counts, also that nobody is there. Silence does not."""
    node = Node({"seq": 1}, NoRespondersError(), NothingCame(), {"seq": 2}, is_there=False)
    engine = _engine(node)
    now = [100.0]
    engine.clock = lambda: now[0]  # type: ignore[method-assign]
    heard = []
    for _ in range(4):
        now[0] += 1.0
        with suppress(Refused):
            await engine.ask("x", within=1.0)
        heard.append(engine.answered)
    assert heard == [101.0, 102.0, 102.0, 104.0]
    assert not await engine.answers(1.0)
    assert engine.answered == 104.0
    node.is_there, now[0] = True, 110.0
    assert await engine.answers(1.0)
    assert engine.answered == 110.0


async def test_without_a_connection_nothing_answers() -> None:
    """The client's ping then ends at once, as if it were answered."""
    memory = Memory()
    before = memory.engine.answered
    assert await memory.engine.answers(1.0)
    memory.is_connected = False
    between = memory.engine.answered
    assert not await memory.engine.answers(1.0)
    assert before < memory.engine.answered == between


async def test_a_message_that_nobody_confirms_may_be_lost() -> None:
    """It raises nothing. Who listens hears messages until that is ended."""
    node = Node(is_there=False)
    engine = _engine(node)
    await engine.send("fleet.eu.load", b"{}", "reply")

    async def take(message: object) -> None:
        """Take a message."""

    end: Callable[[], Awaitable[None]] = await engine.listen("fleet.eu.load", take)
    assert node.asked == [("fleet.eu.load", {}, "reply"), ("fleet.eu.load", take, None)]
    assert node.ended == 0
    await end()
    assert node.ended == 1


def test_a_cluster_is_told_from_a_node() -> None:
    """Only a cluster can have three replicas."""
    told = [Engine(cast(Any, SimpleNamespace(_server_info=info))).is_cluster for info in ({}, {"cluster": "rollcall"})]
    assert told == [False, True]
