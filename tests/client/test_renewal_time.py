"""A renewal may end after an interruption, within 25 s. After the time limit it has half a second."""

from __future__ import annotations

import asyncio

import pytest

from cxone_rollcall.client.renewal_time import LONGEST_FAREWELL, RenewalTime


@pytest.mark.parametrize(
    ("run_limit", "after", "farewell"),
    [
        (None, 1000.0, LONGEST_FAREWELL),
        (60.0, 3.0, LONGEST_FAREWELL),
        (20.0, 3.0, 17.5),
        (20.0, 20.0, 0.5),
        (20.0, 20.4, 0.1),
        (20.0, 21.0, 0.0),
        (0.1, 0.1, 0.5),
    ],
)
def test_farewell(run_limit: float | None, after: float, farewell: float) -> None:
    """An interrupted run does not wait beyond its time limit."""
    now = 100.0
    time = RenewalTime(run_limit, lambda: now)
    now += after
    assert time.farewell == pytest.approx(farewell)


@pytest.mark.parametrize(
    ("run_limit", "after", "waits"),
    [(20.0, 17.9, []), (20.0, 18.1, [2.4]), (20.0, 21.0, [0.5]), (3.0, 1.4, []), (3.0, 1.6, [1.9])],
)
async def test_a_renewal_that_would_be_cut_off_does_not_begin(
    run_limit: float, after: float, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs two seconds, or half of a shorter limit. Else it waits until the run has ended."""
    now = 100.0
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", wait)
    time = RenewalTime(run_limit, lambda: now)
    now += after
    await time.wait_if_late()
    assert waited == pytest.approx(waits)


async def test_without_a_limit_nothing_is_late() -> None:
    """Without a time limit a renewal begins at once."""
    await RenewalTime(None, lambda: 0.0).wait_if_late()
