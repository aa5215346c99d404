"""One client calls the roll again and again. Each call has its own log, and memory does not grow."""

from __future__ import annotations

import gc
import re
import tracemalloc
from typing import Any

import pytest

import cxone_rollcall
from cxone_rollcall.client import Client
from cxone_rollcall.emulator import Emulator
from cxone_rollcall.model.observations.roster import PagingIgnored, RosterRead
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile
from cxone_rollcall.roll.roster import KnownRoster
from cxone_rollcall.testing import emulated

AGENTS = 36
TOKEN_LIFE, STEP = 20, 7
"""Seconds that a token lives, and seconds between polls. Every third poll meets an expired one."""
POLLS, SETTLED = 400, 300
MOST_GROWTH = 250
"""Bytes a poll. The times of the first 2,000 answers, which the pace remembers, are 130; one exchange is 800."""
PARTS = ("client", "contracts", "transport", "redaction", "roll", "model")
"""The code that a poll runs, without the emulator. The emulator remembers every token and request."""


async def poll(client: Client, emulator: Emulator) -> Roll:
    """Call the roll once more, with its own log."""
    emulator.advance(STEP)
    client.new_log()
    ledger = Ledger()
    await call_roll(client, ledger, Selection())
    roll = reconcile(ledger)
    ledger.observe(client)
    return roll


def used() -> int:
    """Return the bytes that our code holds."""
    gc.collect()
    ours = [tracemalloc.Filter(True, f"{next(iter(cxone_rollcall.__path__))}/{part}/*") for part in PARTS]
    snapshot = tracemalloc.take_snapshot().filter_traces(ours)
    return sum(one.size for one in snapshot.traces)


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_each_poll_has_its_own_log(contract: str) -> None:
    """Each log counts its exchanges from 1. A valid token is not fetched again."""
    async with emulated(AGENTS, contract, clock="manual", token_life=3 * STEP) as tenant:
        logs = []
        for _ in range(7):
            roll = await poll(tenant.client, tenant.emulator)
            assert len(roll) == AGENTS
            logs.append(tenant.client.log)
        assert len({id(log) for log in logs}) == 7
        for log in logs:
            assert [one.number for one in log.exchanges] == list(range(1, len(log.exchanges) + 1))
        assert any(log.healed_tokens for log in logs)
        for log in logs:
            for healed in log.healed_tokens:
                assert log.exchanges[healed.refused - 1].status == 401
        assert not all(any(one.purpose == "token" for one in log.exchanges) for log in logs)


def test_a_known_roster_names_no_exchange() -> None:
    """What later polls know of a roster names no exchange. Its numbers belong to the poll that read it."""
    places: dict[str, Any] = dict.fromkeys(
        ("exchange", "first_exchange", "zero_exchange", "repeat_exchange", "hidden_exchange"), 77
    )
    ignored = PagingIgnored(exchange=77, rows=1, whole=True, why="a larger page has the same rows")
    read = RosterRead(**places, pages=1, agents=1, total=1, page_size=1, remarked={"1": 77}, paging_ignored=ignored)
    known = repr(KnownRoster.of((), read))
    assert "77" in repr(read)
    assert "77" not in known
    assert set(re.findall(r"exchange=(\d+)", known)) == {"0"}


@pytest.mark.thorough
@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_memory_is_flat(contract: str) -> None:
    """After 400 polls over some hundred tokens, memory is as after 300."""
    async with emulated(AGENTS, contract, bodies=True, clock="manual", token_life=TOKEN_LIFE) as tenant:
        settled = 0
        tracemalloc.start()
        try:
            for number in range(1, POLLS + 1):
                roll = await poll(tenant.client, tenant.emulator)
                assert len(roll) == AGENTS
                if number == SETTLED:
                    settled = used()
            growth = (used() - settled) / (POLLS - SETTLED)
        finally:
            tracemalloc.stop()
    assert growth < MOST_GROWTH
