"""Gaps of a recorded tenant are filled with what its agents did."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.history.recorded import Recorded, Running, recorded
from tests.history.test_recording import check_boards, days

from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.rows import STATE_NAMES, seen
from cxone_rollcall.emulator.readings import Readings
from cxone_rollcall.history.backfilling import Backfilled, backfill
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.interval import Interval, Source
from cxone_rollcall.history.reading import Window, reading
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.roll import Standing

SHIFTS_CHANGE = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
"""Within the next hour one shift logs out. Another has just logged in."""
DOWN = 2400
"""Seconds in which nothing records."""


async def no_wait(seconds: float) -> None:
    """Wait no time."""


async def fill(world: Recorded, recorder: Running) -> Backfilled:
    """Backfill once."""
    return await backfill(recorder.store, world.world.client, Groups(), wait=no_wait)


async def interrupted(world: Recorded, down: int = DOWN) -> Backfilled:
    """Record, stop, let time pass, record again and backfill."""
    async with world.recorder() as recorder:
        await recorder.polls(3)
    world.pass_time(down)
    async with world.recorder() as recorder:
        await recorder.polls(3)
        world.pass_time(1800)  # the history knows what followed
        await recorder.polls(1)
        return await fill(world, recorder)


class Truth:
    """What the agents of an emulated tenant do, by the server's clock."""

    def __init__(self, world: Recorded) -> None:
        tenant = world.world.emulator.tenant
        self._world, self._clock = tenant.world, Clock(tenant)

    def at(self, agent_id: str, moment: int) -> tuple[str | None, str | None]:
        """Name and reason of an agent's state at a moment. None without one."""
        index = self._world.index(agent_id)
        assert index is not None
        own = moment / 1000 - self._clock.ahead
        stance = self._world.stance(index, int(own))
        if stance.since == int(own) and own < self._clock.exact(stance.since, index):
            stance = self._world.stance(index, int(own) - 1)
        is_ = seen(stance, index)
        return (STATE_NAMES[is_.code], is_.reason or None) if is_.code else (None, None)


def check_filled(world: Recorded, *, reasons: bool = True) -> float:
    """Compare each backfilled second with the truth. Return the share of gaps that is filled."""
    truth = Truth(world)
    with reading(world.path) as history:
        whole = days(history, Window(history.recorded.first, history.recorded.last))
    known = unknown = 0
    for agent_id, day in whole.items():
        for one in day:
            assert isinstance(one, Interval)
            unknown += (one.end - one.begin) * (one.status.standing is Standing.UNKNOWN)
            if one.source is not Source.BACKFILLED:
                continue
            known += one.end - one.begin
            for moment in {*range(one.begin + (one.slack or 0), one.end, 1000), one.end - 1}:
                state, reason = truth.at(agent_id, moment)
                assert (one.status.standing is Standing.PRESENT) is (state is not None), (agent_id, one, moment)
                if state is not None:
                    assert one.status.state == state
                    assert not reasons or (one.status.sub_state or "").removeprefix("After-call work") == (reason or "")
    return known / (known + unknown) if known + unknown else 0.0


@pytest.mark.parametrize(
    "readings",
    [
        {},
        {"shape": "v23"},
        {"history_ids": "text", "history_reason": "id", "history_team": "teamNo"},
        {"history_now": "null"},
        {"history_now": "absent", "history_logout": False},
        {"history_range": "overlapping", "history_order": "newest"},
        {"history_order": "agentId", "history_cap": 7},
        {"history_longest": 900},
        {"history_longest": 400, "history_too_long": "unsaid"},
        {"history_longest": 900, "history_too_long": "cut"},
        {"history_lag": 600},
        {"no_history": "200", "fraction": "none"},
    ],
    ids=lambda given: "-".join(map(str, given.values())) or "usual",
)
async def test_each_reading_is_filled_truly(readings: dict[str, Any], tmp_path: Path) -> None:
    """Whatever shape the history has, each backfilled second is true."""
    async with recorded(
        tmp_path / "h.db", "incontact", agents=60, moment=SHIFTS_CHANGE, readings=Readings(**readings)
    ) as world:
        done = await interrupted(world)
        assert done.contradicted == 0
        assert check_filled(world, reasons=readings.get("history_acw", True)) > 0.5
        check_boards(world)


async def test_a_filled_file_is_sound(tmp_path: Path) -> None:
    """After backfilling, `history check` finds no breach."""
    path = tmp_path / "h.db"
    async with recorded(path, "incontact", moment=SHIFTS_CHANGE) as world:
        assert (await interrupted(world)).gaps
    assert check(path).breach == ""
