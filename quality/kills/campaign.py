"""Starts recorders of one file and kills each at a random moment."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import NamedTuple

from quality.kills.judge import judge
from quality.kills.recorder import STEP, Life, live, read_acknowledged

IN_ITS_START = 0.25
"""Share of recorders that are killed while they start. Others have polled."""
START, LIFE = 0.4, 0.3
"""Seconds in which a recorder starts, and of its polling then."""
LOOKS = 0.005
"""Seconds between two looks for the first poll."""
LONGEST_DOWN = 900.0
BEGIN = 1_772_440_200.0
"""2026-03-02T08:30:00Z: the floor fills."""
_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["quality.kills.recorder", "cxone_rollcall.diagnose", "aiohttp.web"])


class Killed(NamedTuple):
    """A killed recorder: the polls that it acknowledged, and what is wrong."""

    acknowledged: int
    wrong: list[str]


def kill_recorders(folder: Path, *, contract: str, number: int, seed: int, agents: int = 120) -> Iterator[Killed]:
    """Kill some recorders of one history and yield what each left."""
    history, begin = folder / "history.db", BEGIN
    rng = Random(seed)  # noqa: S311  repeatable, no secret
    for place in range(number):
        life = Life(history, folder / f"acknowledged-{place}", contract, agents, begin)
        process = _CONTEXT.Process(target=live, args=(life,))
        process.start()
        longest = START
        if rng.random() > IN_ITS_START:
            longest = LIFE
            while process.is_alive() and not read_acknowledged(life.acknowledged):
                process.join(LOOKS)
        process.join(rng.uniform(0.0, longest))
        ended_early = process.exitcode is not None
        process.kill()
        process.join()
        acknowledged = read_acknowledged(life.acknowledged)
        wrong = judge(history, acknowledged)
        yield Killed(len(acknowledged), ["the recorder ended before it was killed", *wrong] if ended_early else wrong)
        seen = acknowledged[-1].as_of / 1000 if acknowledged else begin
        begin = seen + 2 * STEP + rng.uniform(1.0, LONGEST_DOWN)
