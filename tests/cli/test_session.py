"""Work within a time limit."""

from __future__ import annotations

import asyncio

import pytest

from cxone_rollcall.cli.session import run_limited


async def test_the_time_limit() -> None:
    """Work that is cut off has no result. The ending says which limit was reached."""
    result, ending = await run_limited(asyncio.Event().wait(), seconds=0.01)
    assert (result, ending.early, ending.interrupted) == (None, "the time limit of 0.01 s was reached", False)


async def test_work_that_loses_the_cancellation() -> None:
    """Work that goes on after the limit keeps its result. The ending says that the limit was reached."""

    async def work() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "what was seen"
        return ""

    result, ending = await run_limited(work(), seconds=0.01)
    assert (result, ending.early) == ("what was seen", "the time limit of 0.01 s was reached")


@pytest.mark.parametrize("seconds", [None, 60])
async def test_work_in_time(seconds: float | None) -> None:
    """Work that ends in time has its result and no early end."""
    result, ending = await run_limited(asyncio.sleep(0, "done"), seconds=seconds)
    assert (result, ending.early, ending.interrupted) == ("done", "", False)


async def test_a_timeout_of_the_work() -> None:
    """A timeout of the work is no time limit of the run."""

    async def work() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await run_limited(work(), seconds=60)
