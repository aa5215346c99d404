"""A worker polls as many tenants as it may."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.fleet.stage import polls, rollcall, staged

from cxone_rollcall.fleet.lease import MOST_STARTING

CAPACITY, TENANTS = 2, 6


@pytest.mark.thorough
async def test_a_worker_takes_no_more_than_its_capacity(tmp_path: Path) -> None:
    """Tickets that come at once are counted at once. The others are shown as late."""
    async with staged(tmp_path, tenants=TENANTS, nodes=1) as stage:
        await stage.apply()
        stage.start_worker(capacity=CAPACITY)
        for _ in range(300):
            if any(len(times) > 3 for times in polls(list(stage.asked())).values()):
                break
            await asyncio.sleep(0.1)
        assert len(polls(list(stage.asked()))) == CAPACITY
        code, out, _ = await rollcall("fleet", "status", "--nats", stage.urls[0], "--zone", "eu", "--format", "json")
        tenants = json.loads(out)["tenants"]
        assert code == 1
        assert sum(one["worker"] is None and one["late"] is True for one in tenants) == TENANTS - CAPACITY


@pytest.mark.thorough
async def test_tenants_that_hang_keep_no_other_waiting(tmp_path: Path) -> None:
    """First looks that hang are no limit after a beat."""
    async with staged(tmp_path, tenants=MOST_STARTING + 2, nodes=1) as stage:
        for tenant in stage.addresses:
            stage.switch(tenant, "hang")
        await stage.apply()
        stage.start_worker()
        held = 0
        for _ in range(300):
            (worker,) = (await stage.survey())["workers"] or [{"tenants": 0}]
            held = worker["tenants"]
            if held == len(stage.addresses):
                break
            await asyncio.sleep(0.1)
        assert held == len(stage.addresses)
