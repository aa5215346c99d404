"""A connection begins, and says why it cannot. With a client in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import nats.aio.client
import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NothingCame
from tests.fleet.memory import Memory

from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import connection
from cxone_rollcall.fleet.connection import Login, connected
from cxone_rollcall.fleet.engine import Engine

URL = "nats://127.0.0.1:1"


class Client(Memory):
    """A client of NATS. `errors` are what it answers, `refusal` is why it cannot connect.

    `given` are the options of the last connection.
    """

    refusal: Exception | None = None
    answer: dict[str, Any] | Exception | None = None
    version = (2, 12)
    last_error: Exception | None = None
    made: list[Client]

    def __init__(self) -> None:
        super().__init__()
        self.made.append(self)
        self.given: dict[str, Any] = {}
        self.is_closed = self.is_cut = False
        self._transport = SimpleNamespace(close=self._cut)
        if self.answer is not None:
            self.errors["$JS.API.INFO"] = self.answer

    @property
    def connected_server_version(self) -> Any:
        """The version of the node."""
        return SimpleNamespace(major=self.version[0], minor=self.version[1])

    async def connect(self, urls: list[str], **given: Any) -> None:
        """Connect."""
        self.given = {"urls": urls, **given}
        if self.refusal is not None:
            raise self.refusal

    async def close(self) -> None:
        """End the connection."""
        self.is_closed = True

    def _cut(self) -> None:
        self.is_cut = True


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Client]:
    """The clients that are made. One checks the engine, the next one stays."""
    clients: list[Client] = []
    fresh = type("Fresh", (Client,), {"made": clients})
    monkeypatch.setattr(nats.aio.client, "Client", fresh)
    return clients


def _next(monkeypatch: pytest.MonkeyPatch, **fields: object) -> None:
    for name, value in fields.items():
        monkeypatch.setattr(nats.aio.client.Client, name, value)


async def _refusal() -> EngineError:
    with pytest.raises(EngineError) as caught:
        async with connected([URL], name="test"):
            raise AssertionError
    return caught.value


async def test_a_connection_has_its_name_user_and_inbox(made: list[Client]) -> None:
    """Both clients show them. One checks the engine and is closed, the other is closed at the end."""
    async with connected([URL], name="w1", login=Login("eu", "secret"), zone="eu") as engine:
        checked, client = made
        assert isinstance(engine, Engine)
        assert (cast(Any, engine.nats), checked.is_closed, client.is_closed) == (client, True, False)
        who = {"urls": [URL], "name": "w1", "user": "eu", "password": "secret", "inbox_prefix": "_INBOX.eu"}
        for one in made:
            assert who.items() <= one.given.items()
            assert await one.given["error_cb"](OSError()) is None
    assert client.is_closed
    async with connected([URL], name="w1"):
        given = made[-1].given
        assert (given["user"], given["password"], given["inbox_prefix"]) == (None, None, "_INBOX.main")


@pytest.mark.parametrize("beat", [0.5, 2.0, 60.0])
async def test_a_frozen_node_is_left_in_time(beat: float, made: list[Client]) -> None:
    """It is left in a second, and within half a beat. A lease lasts two; another node is looked for without end."""
    async with connected([URL], name="w1", beat=beat):
        given = made[-1].given
    silent = given["ping_interval"] * (given["max_outstanding_pings"] + 1)
    assert 0 < silent <= min(1.0, beat / 2)
    assert given["connect_timeout"] + given["reconnect_time_wait"] < 1.0
    assert given["max_reconnect_attempts"] < 0
    assert made[0].given["allow_reconnect"] is False


UNUSABLE: list[tuple[dict[str, object], int, str]] = [
    ({"refusal": OSError("no route")}, 5, f"no engine answers at {URL}"),
    ({"refusal": Exception("nats: 'Authorization Violation'")}, 4, "refused the user"),
    ({"refusal": Exception("user authentication expired")}, 4, "refused the user"),
    ({"version": (2, 11)}, 2, "NATS 2.11"),
    ({"version": (1, 99)}, 2, "must be 2.12 or newer"),
    ({"answer": NoRespondersError()}, 3, "JetStream is off"),
    ({"answer": NothingCame()}, 3, "does not answer"),
    ({"answer": {"code": 503, "description": "no quorum"}}, 3, "as if most nodes were down: no quorum"),
]


@pytest.mark.parametrize(("fields", "code", "told"), UNUSABLE, ids=[told for _, _, told in UNUSABLE])
async def test_why_an_engine_cannot_be_used(
    fields: dict[str, object], code: int, told: str, made: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reason has its exit code, and leaves no connection open."""
    _next(monkeypatch, **fields)
    error = await _refusal()
    assert (error.exit_code, told in str(error)) == (code, True), error
    (client,) = made
    assert client.is_cut if "refusal" in fields else client.is_closed


async def test_a_newer_engine_is_used(made: list[Client], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one of the next major version."""
    for version in ((2, 12), (2, 13), (3, 0)):
        _next(monkeypatch, version=version)
        async with connected([URL], name="test"):
            pass
    assert len(made) == 6


async def _ended(made: list[Client], then: Callable[[Client], Any]) -> EngineError:
    with pytest.raises(EngineError) as caught:
        async with connected([URL, URL], name="test"):
            await then(made[-1])
            await asyncio.Event().wait()
    return caught.value


async def test_a_user_that_each_node_refuses_ends_the_block(made: list[Client]) -> None:
    """One refusal may be of a node that lags behind. A connection clears the count; a timeout is none."""

    rounds = 0

    async def refuse(client: Client) -> None:
        nonlocal rounds
        for _ in range(2):
            for text in ("authorization violation", "authentication timeout", "no route", "authorization violation"):
                await client.given["error_cb"](Exception(text))
            for _ in range(3):
                await asyncio.sleep(0)  # the block would end now
            await client.given["reconnected_cb"]()
            rounds += 1
        for _ in range(3):
            await client.given["error_cb"](Exception("authorization violation"))

    error = await _ended(made, refuse)
    assert (rounds, error.exit_code, "refused the user" in str(error)) == (2, 4, True)


async def test_a_closed_connection_ends_the_block(made: list[Client], monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the client's reason. An error of the block itself stays."""
    monkeypatch.setattr(connection, "PING", 0.01)

    async def close(client: Client) -> None:
        client.last_error = OSError("stale connection")
        await client.close()

    error = await _ended(made, close)
    assert error.exit_code == 5
    assert str(error) == f"the engine at {URL}, {URL} has closed the connection: stale connection"
    with pytest.raises(ValueError, match="ours"):
        async with connected([URL], name="test"):
            raise ValueError("ours")
    assert made[-1].is_closed
