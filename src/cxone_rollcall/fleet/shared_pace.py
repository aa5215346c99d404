"""Pauses of keys that several tenants share. A worker that meets a 429 tells the others."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from cxone_rollcall.target import Target

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from cxone_rollcall.client import Client

LONGEST = 120.0
"""Seconds of a pause that is heard of. A client obeys no longer ones either."""


def key_of(target: Target) -> str:
    """The same for tenants of the same host and key. A hash of no secret, as a token of a subject."""
    who = target.credentials.access_key_id or target.credentials.client_id
    return hashlib.sha256(f"{target.base_url} {who}".encode()).hexdigest()[:16]


class SharedPace:
    """The clients of a worker by key. `send` publishes without waiting.

    `subject` is where workers of the zone tell each other of pauses."""

    def __init__(self, zone: str, worker: str, send: Callable[[str, bytes], None]) -> None:
        self.subject = f"pace.{zone}.*"
        self._worker = worker
        self._send = send
        self._clients: dict[str, list[Client]] = defaultdict(list)

    @contextmanager
    def joined(self, key: str, client: Client) -> Iterator[None]:
        """The client and the others of its key pause together."""
        client.pace.on_pause = lambda seconds: self._tell(key, client, seconds)
        self._clients[key].append(client)
        try:
            yield
        finally:
            self._clients[key].remove(client)
            if not self._clients[key]:
                del self._clients[key]

    async def hear(self, message: Msg) -> None:
        """Take what another worker tells."""
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(message.data)
            if told["worker"] != self._worker:
                self._pause(message.subject.rpartition(".")[2], min(float(told["seconds"]), LONGEST))

    def _tell(self, key: str, client: Client, seconds: float) -> None:
        self._pause(key, seconds, but=client)
        told = {"worker": self._worker, "seconds": seconds}
        self._send(self.subject.replace("*", key), json.dumps(told).encode())

    def _pause(self, key: str, seconds: float, but: Client | None = None) -> None:
        for client in self._clients.get(key, ()):
            if client is not but:
                client.pace.pause(seconds)
