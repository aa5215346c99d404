"""Tenants that share a key pause together. With plain values, and with two workers and an emulated tenant."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.fleet.stage import SECRET, ZONE, Asked, now, rollcall, staged

from cxone_rollcall.client import Client
from cxone_rollcall.fleet.shared_pace import LONGEST, SharedPace, key_of
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.target import Target


class Paused:
    """The pace of a client, which notes its pauses."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.on_pause: Any = None

    def pause(self, seconds: float) -> None:
        """Note a pause."""
        self.pauses.append(seconds)


def _client(pace: Paused) -> Client:
    return cast("Client", SimpleNamespace(pace=pace))


def _target(base_url: str = "https://h", **given: Any) -> Target:
    return Target(base_url=base_url, shown="", title="", credentials=Credentials(**given), request_timeout=20.0)


def _key(access_key_id: str) -> dict[str, Any]:
    return {"grant_type": "password", "access_key_id": access_key_id, "access_key_secret": Secret("planted-s3cret")}


def test_a_key_is_told_by_its_host_and_id() -> None:
    """Two tenants of one host and key share a pace. The name of it holds neither id nor secret."""
    key = key_of(_target(**_key("key-1")))
    assert key == key_of(_target(**{**_key("key-1"), "access_key_secret": Secret("renewed")}))
    client = _target(grant_type="client_credentials", client_id="key-2", client_secret=Secret("s"))
    others = [_target("https://i", **_key("key-1")), _target(**_key("key-2")), client]
    assert key not in {key_of(one) for one in others}
    assert key.isalnum()
    assert "key-1" not in key


async def test_who_meets_a_429_tells_the_others() -> None:
    """A pause reaches every other client of the key, by one message."""
    sent: list[tuple[str, bytes]] = []
    here = SharedPace("eu", "w1", lambda subject, data: sent.append((subject, data)))
    there = SharedPace("eu", "w2", lambda subject, data: sent.append((subject, data)))
    one, same, other, far = Paused(), Paused(), Paused(), Paused()
    with (
        here.joined("k", _client(one)),
        here.joined("k", _client(same)),
        here.joined("other", _client(other)),
        there.joined("k", _client(far)),
    ):
        one.on_pause(7.0)
        ((subject, data),) = sent
        assert (subject, here.subject) == ("pace.eu.k", "pace.eu.*")
        for worker in (here, there):
            await worker.hear(cast(Any, SimpleNamespace(subject=subject, data=data)))
    assert [pace.pauses for pace in (one, same, other, far)] == [[], [7.0], [], [7.0]]
    assert len(sent) == 1
    await there.hear(cast(Any, SimpleNamespace(subject=subject, data=data)))
    assert far.pauses == [7.0]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"worker": "w2", "seconds": "x"}', b'{"worker": "w2"}'])
async def test_what_is_no_pause_is_ignored(data: bytes) -> None:
    """A message that cannot be read pauses nobody. A long pause is cut."""
    pace, told = Paused(), SharedPace("eu", "w1", lambda subject, data: None)
    with told.joined("k", _client(pace)):
        await told.hear(cast(Any, SimpleNamespace(subject="pace.eu.k", data=data)))
        assert pace.pauses == []
        absurd = json.dumps({"worker": "w2", "seconds": 1e9}).encode()
        await told.hear(cast(Any, SimpleNamespace(subject="pace.eu.k", data=absurd)))
    assert pace.pauses == [LONGEST]


def _longest_gap(asked: list[Asked]) -> float:
    times = sorted(one.began for one in asked)
    return max(later - one for one, later in itertools.pairwise(times))


@pytest.mark.thorough
async def test_two_workers_pause_together(tmp_path: Path) -> None:
    """After a 429, no tenant of the key sends anything. Another key goes on."""
    async with staged(tmp_path, tenants=2, nodes=1) as stage:
        lines = [f"nats = {json.dumps(stage.urls)}", f'zone = "{ZONE}"']
        for name, host in (("a", "t0"), ("b", "t0"), ("c", "t1")):
            lines += ["[[tenant]]", f'id = "{name}"', 'interval = "1s"', f'instance = "{stage.addresses[host][0]}"']
            lines += ['contract = "v2"', 'client_id = "emulated-client"', f'client_secret = "env:{SECRET}"']
        fleet = tmp_path / "fleet.toml"
        fleet.write_text("\n".join(lines) + "\n")
        assert (await rollcall("fleet", "apply", str(fleet)))[0] == 0
        for _ in range(3):
            stage.start_worker(capacity=1)
        for _ in range(200):
            if len({one.who for one in stage.asked() if one.who != "-"}) == 3:
                break
            await asyncio.sleep(0.1)
        began = now()
        stage.switch("t0", "rate-limit=0.2,times=1")  # one 429, which asks for five seconds
        await asyncio.sleep(9)
        asked = list(stage.asked(began))
    shared, other = ([one for one in asked if one.tenant == host] for host in ("t0", "t1"))
    assert len({one.who for one in shared}) == 2
    assert _longest_gap(shared) > 4.0
    assert _longest_gap(other) < 4.0
