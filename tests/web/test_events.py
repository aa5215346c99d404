"""What a reader of the events believes at each poll."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.live.test_rules import CONTRACTS
from tests.support.thorough import mostly_thorough
from tests.web.serving import Reader, reading, served

from cxone_rollcall.emulator.faults import FAULTS
from cxone_rollcall.history.store import Store
from cxone_rollcall.live.events import BoardShown
from cxone_rollcall.views.live import document
from cxone_rollcall.web import sse
from cxone_rollcall.web.documents import NO_BOARD
from cxone_rollcall.web.ring import Ring

LONGEST = 10.0
"""Seconds after which a test that waits fails."""
STANDINGS = ("present", "logged_out", "absent", "unknown")


def assert_balanced(reader: Reader, poll: dict[str, Any]) -> None:
    """Assert that the reader's agents add up to the poll's counts."""
    seen = Counter(agent["standing"] for agent in reader.agents.values())
    assert {name: seen[name] for name in STANDINGS} == {name: poll["counts"][name] for name in STANDINGS}
    assert poll["counts"]["roster"] == sum(seen.values())


async def test_readers_are_told_of_a_history_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The poll after an unrecorded one says so. Another says that it is over."""

    def full(store: Store, batch: object) -> None:
        raise sqlite3.OperationalError("disk full")

    async with served(5, history=tmp_path / "h.db") as here:
        await here.poll()
        async with reading(here) as reader:
            await reader.read_poll()
            with monkeypatch.context() as patch:
                patch.setattr(Store, "write", full)
                await here.poll()
                await reader.read_poll()
                assert "history" not in reader.kinds
            for trouble, told in (("disk full", 1), ("", 2), ("", 2)):
                await here.poll()
                await reader.read_poll()
                assert reader.kinds.count("history") == told
                assert (await here.board())["history"] == {"trouble": trouble}


@CONTRACTS
async def test_a_reader_has_the_board_of_each_poll(contract: str) -> None:
    """A reader who applies the events has each poll's board."""
    async with served(120, contract) as here:
        await here.poll()
        async with reading(here) as reader:
            assert_balanced(reader, await reader.read_poll())
            for _ in range(8):
                here.watching.world.emulator.advance(600)
                await here.poll()
                assert_balanced(reader, await reader.read_poll())
                board = await here.board()
                assert {agent["agent_id"]: agent for agent in board["agents"]} == reader.agents
                assert (board["poll"], board["tenant"]["contract"]) == (reader.polls[-1]["poll"], contract)
            assert "change" in reader.kinds


@pytest.mark.parametrize(
    ("contract", "fault"),
    mostly_thorough(
        [(fault.contracts[place % len(fault.contracts)], fault.name) for place, fault in enumerate(FAULTS)],
        quick=4,
    ),
)
async def test_every_standing_is_true_under_every_fault(contract: str, fault: str) -> None:
    """No fault shows a reader a logout that did not happen."""
    async with served(40, contract, request_timeout=0.3) as here:
        await here.poll()
        async with reading(here) as reader:
            await reader.read_poll()
            here.break_by(fault)
            for _ in range(4):
                await here.poll()
                assert_balanced(reader, await reader.read_poll())
            really = {one.agent_id: one.standing == "present" for one in here.watching.world.emulator.truth()}
            out = [agent_id for agent_id, agent in reader.agents.items() if agent["standing"] == "logged_out"]
            assert not any(really[agent_id] for agent_id in out)


async def test_a_reader_resumes_where_it_left() -> None:
    """With the last id, a reader gets only the later events. Its board is exact again."""
    async with served(120) as here:
        await here.poll()
        async with reading(here) as reader:
            await reader.read_poll()
        for _ in range(5):
            here.watching.world.emulator.advance(900)
            await here.poll()
        async with reading(here, reader.last_id) as again:
            again.agents = dict(reader.agents)
            for _ in range(5):
                assert_balanced(again, await again.read_poll())
            assert "board" not in again.kinds
            assert again.agents == {agent["agent_id"]: agent for agent in (await here.board())["agents"]}


@pytest.mark.parametrize("last_id", ["other.1", "test.99", "test.x", "nonsense", "test.-1", "test.0"])
async def test_an_unknown_id_gets_a_board(last_id: str) -> None:
    """An unknown id, or one of another run, gets the newest board."""
    async with served(20) as here:
        await here.poll(2)
        async with reading(here, last_id) as reader:
            assert (await reader.read_poll())["poll"] == 2 or last_id == "test.0"
            assert last_id == "test.0" or "board" in reader.kinds
            assert len(reader.agents) == 20


async def test_a_reader_who_comes_first_gets_the_board_when_it_is_there() -> None:
    """A failed first look is no empty floor. The reader has everybody after the next one."""
    async with served(20, faults=["server-error"]) as here, reading(here) as reader:
        await here.poll()
        first = await reader.read_poll()
        assert not first["ok"]
        here.break_by()
        await here.poll()
        assert_balanced(reader, await reader.read_poll())
        assert len(reader.agents) == 20


async def test_blindness_is_told_by_the_third_missed_poll() -> None:
    """States are unknown from the third missed poll on. From the second on they are the last known ones."""
    async with served(20) as here:
        await here.poll()
        async with reading(here) as reader:
            await reader.read_poll()
            here.break_by("server-error")
            await here.poll(3)
            for expected in ({"present", "absent"}, {"present", "absent"}, {"unknown"}):
                poll = await reader.read_poll()
                assert not poll["ok"]
                assert {agent["standing"] for agent in reader.agents.values()} == expected
            assert reader.findings


async def test_readers_who_never_read_hold_nobody_up() -> None:
    """Many readers who do not read delay no other reader. They have no queue."""
    async with served(200) as here:
        await here.poll()
        lazy = [await here.session.get(f"{here.url}/api/v1/events") for _ in range(90)]
        async with reading(here) as reader:
            await reader.read_poll()
            for _ in range(20):
                here.watching.world.emulator.advance(600)
                await here.poll()
                assert_balanced(reader, await reader.read_poll())
        for answer in lazy:
            answer.close()


async def test_a_reader_who_never_reads_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who takes no chunk in time loses its connection."""

    async def never(response: web.StreamResponse, data: bytes) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(sse, "STUCK", 0.01)
    monkeypatch.setattr(web.StreamResponse, "write", never)  # as if the socket's buffers were full
    async with served(20) as here, asyncio.timeout(LONGEST):
        with pytest.raises(aiohttp.ClientError):
            await here.text("/api/v1/events")
        assert here.tenant.readers == 0


def test_the_ring_forgets_the_oldest() -> None:
    """The ring keeps a limited number of bytes. A reader who is too late finds nothing."""
    ring = Ring()
    for number in range(1, 20):
        ring.append(number, bytes(1024 * 1024))
    assert ring.after(18) == (bytes(1024 * 1024), 19)
    assert ring.after(5) is None
    assert ring.after(19) is None
    ring.clear()
    assert ring.after(18) is None


def test_a_board_before_the_first_look_has_all_fields() -> None:
    """Programs find each field of a board from the beginning."""
    shown = BoardShown(run="r1", poll=1, as_of=1.0, received_at=2.0, complete=True, counts={}, seats=())
    assert list(NO_BOARD) == list(document(shown, {}))
