"""The engine in memory, as a client of NATS sees it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from fnmatch import fnmatch
from types import SimpleNamespace
from typing import Any, cast

from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NothingCame

from cxone_rollcall.fleet.engine import Engine, Stored
from cxone_rollcall.model.timestamp import format_timestamp

MADE = 1_772_447_400.0
API = "$JS.API."
GONE = {"code": 404, "err_code": 10057, "description": "no message found"}


class Inbox:
    """Where several answers come."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def next_msg(self, **given: float) -> Any:
        """The next answer."""
        if not self.messages:
            raise NothingCame
        return self.messages.pop(0)

    async def unsubscribe(self) -> None:
        """Take no more answers."""


class Memory:
    """An engine of one node. `now` is its time, and `engine` is a connection to it.

    `errors` are what it answers requests whose subject begins so: an error of its API, or one that is raised. `sent` is
    all that it was sent: subject, data and reply.
    """

    is_connected = True

    def __init__(self) -> None:
        self.now = MADE
        self.configs: dict[str, dict[str, Any]] = {}
        self.kept: dict[str, list[Stored]] = {}
        self.errors: dict[str, dict[str, Any] | Exception] = {}
        self.sent: list[tuple[str, bytes, str]] = []
        self._server_info: dict[str, Any] = {}
        self._last: dict[str, int] = {}
        self._listening: list[tuple[str, Callable[[Any], Awaitable[None]]]] = []
        self._inboxes: dict[str, Inbox] = {}
        self.engine = Engine(cast(Any, self))

    @property
    def heard(self) -> list[str]:
        """The subjects that somebody listens to."""
        return [subject for subject, _ in self._listening]

    async def flush(self, **given: float) -> None:
        """The node answers a ping."""

    def new_inbox(self) -> str:
        """Where answers come."""
        return f"inbox{len(self._inboxes)}"

    async def subscribe(self, subject: str, cb: Callable[[Any], Awaitable[None]] | None = None) -> Any:
        """Listen."""
        if cb is None:
            return self._inboxes.setdefault(subject, Inbox())
        one = (subject, cb)
        self._listening.append(one)

        async def unsubscribe() -> None:
            self._listening.remove(one)

        return SimpleNamespace(unsubscribe=unsubscribe)

    async def publish(self, subject: str, data: bytes, reply: str = "") -> None:
        """Send a message. One to the API is a request with several answers."""
        self.sent.append((subject, data, reply))
        if any(map(subject.startswith, self.errors)):
            return
        if subject.startswith(f"{API}DIRECT.GET."):
            asked = json.loads(data)
            self._inboxes[reply].messages += self._batch(subject.rpartition(".")[2], **asked)
        else:
            await self._tell(subject, data, reply)

    async def request(self, subject: str, data: bytes, **given: Any) -> Any:
        """The answer of the API, of a stream, or of who listens."""
        self.sent.append((subject, data, ""))
        for begin, error in self.errors.items():
            if subject.startswith(begin):
                if isinstance(error, Exception):
                    raise error
                return SimpleNamespace(data=json.dumps({"error": error}).encode())
        stream = self._stream_of(subject)
        if subject.startswith(API):
            answer = self._api(subject.removeprefix(API), json.loads(data) if data else {})
        elif stream is not None:
            answer = self._store(stream, subject, data, given["headers"] or {})
        else:
            inbox = self._inboxes[self.new_inbox()] = Inbox()
            await self._tell(subject, data, list(self._inboxes)[-1])
            if not inbox.messages:
                raise NoRespondersError
            return inbox.messages[0]
        return SimpleNamespace(data=json.dumps(answer).encode())

    async def _tell(self, subject: str, data: bytes, reply: str) -> None:
        async def respond(answer: bytes) -> None:
            self._inboxes[reply].messages.append(SimpleNamespace(data=answer, headers=None))

        message = SimpleNamespace(subject=subject, data=data, reply=reply, respond=respond)
        await asyncio.gather(*(take(message) for wanted, take in self._listening if fnmatch(subject, wanted)))

    def _stream_of(self, subject: str) -> str | None:
        for name, config in self.configs.items():
            if any(fnmatch(subject, one) for one in config.get("subjects", ())):
                return name
        return None

    def _store(self, stream: str, subject: str, data: bytes, headers: dict[str, str]) -> dict[str, Any]:
        kept = self.kept[stream]
        last = next((one.sequence for one in reversed(kept) if one.subject == subject), 0)
        after = headers.get("Nats-Expected-Last-Subject-Sequence")
        if after is not None and int(after) != last:
            return {"error": {"code": 400, "err_code": 10071, "description": "wrong last sequence"}}
        self._last[stream] += 1
        kept.append(Stored(self._last[stream], subject, data, self.now))
        if self.configs[stream].get("max_msgs_per_subject") == 1:
            kept[:] = [one for one in kept if one.subject != subject or one.sequence == self._last[stream]]
        return {"seq": self._last[stream]}

    def _api(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        verb, _, stream = name.rpartition(".")
        if verb in ("STREAM.CREATE", "STREAM.UPDATE"):
            self.configs[stream] = body
            self.kept.setdefault(stream, [])
            self._last.setdefault(stream, 0)
        elif verb.startswith("CONSUMER.CREATE"):
            self.configs[f"{verb.rpartition('.')[2]}.{stream}"] = body["config"]
        elif verb.startswith("CONSUMER.INFO"):
            config = self.configs.get(f"{verb.rpartition('.')[2]}.{stream}")
            return {"error": GONE} if config is None else {"config": config}
        elif name != "INFO" and stream not in self.configs:
            return {"error": {"code": 404, "err_code": 10059, "description": "stream not found"}}
        elif verb == "STREAM.INFO":
            subjects = {one.subject: 1 for one in self.kept[stream]}
            state = {"messages": len(self.kept[stream]), "last_seq": self._last[stream], "subjects": subjects}
            times = {"created": format_timestamp(MADE), "ts": format_timestamp(self.now)}
            return {"config": self.configs[stream], "state": state, "cluster": {"leader": "n1"}, **times}
        elif verb == "STREAM.MSG.GET":
            found = [one for one in self.kept[stream] if one.subject == body["last_by_subj"]]
            return {"message": _written(found[-1])} if found else {"error": GONE}
        elif verb == "STREAM.MSG.DELETE":
            if not any(one.sequence == body["seq"] for one in self.kept[stream]):
                return {"error": GONE}
            self.kept[stream] = [one for one in self.kept[stream] if one.sequence != body["seq"]]
        return {}

    def _batch(self, stream: str, *, seq: int, next_by_subj: str, batch: int) -> Iterator[Any]:
        found = [one for one in self.kept[stream] if one.sequence >= seq and fnmatch(one.subject, next_by_subj)]
        for one in found[:batch]:
            at = {"Nats-Time-Stamp": format_timestamp(one.at)}
            headers = {"Nats-Sequence": str(one.sequence), "Nats-Subject": one.subject, **at}
            yield SimpleNamespace(headers=headers, data=one.data)
        yield SimpleNamespace(headers={"Status": "204" if found else "404"}, data=b"")


def _written(stored: Stored) -> dict[str, Any]:
    data = base64.b64encode(stored.data).decode()
    return {"seq": stored.sequence, "subject": stored.subject, "data": data, "time": format_timestamp(stored.at)}
