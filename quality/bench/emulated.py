"""The emulated tenant as a process: `python -m quality.bench.emulated CONTRACTS AGENTS`, driven by `server`.

CONTRACTS are joined by commas. It prints one JSON line with its address, then one for each line that it reads: what it
has answered since the line before, when, and the CPU seconds and the peak of memory that it has used so far. Such a
line may say what is wanted from then on: `latency_ms`, and `rate` (0 for none) with `retry_after`. It ends with its
standard input, so it cannot outlive whoever started it.
"""

import asyncio
import gc
import json
import sys
import time
from dataclasses import replace
from typing import Any

from cxone_rollcall.emulator import Emulator, EmulatorSettings
from cxone_rollcall.emulator.faults.rate_limit import RateLimit
from quality.bench.process import own_peak

THROTTLED = "429"


class Watch:
    """Notes when requests were answered, in seconds since the first of them, apart for those that were turned away."""

    def __init__(self) -> None:
        self._began: float | None = None
        self.let_through: list[float] = []
        self.turned_away: list[float] = []

    def __call__(self, endpoint: str, answered: str) -> None:
        """Note one answer."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
        (self.turned_away if answered == THROTTLED else self.let_through).append(round(now - self._began, 4))

    def clear(self) -> None:
        """Forget all of it: the next answer is the first one."""
        self._began, self.let_through, self.turned_away = None, [], []


async def serve(contracts: str, agents: int) -> None:
    """Serve on a free port of loopback until standard input ends."""
    watch = Watch()
    settings = EmulatorSettings(contracts=contracts.split(","), agents=agents)  # type: ignore[arg-type]
    emulator = Emulator(settings, watcher=watch)
    async with emulator.running() as address:
        gc.freeze()  # the rows of all agents stay: no later collection has to walk over them
        _say(url=address.url, **emulator.credentials._asdict())
        while line := await asyncio.to_thread(sys.stdin.readline):
            _say(
                let_through=watch.let_through,
                turned_away=watch.turned_away,
                most_at_once=emulator.most_at_once,
                cpu_seconds=time.process_time(),
                peak=own_peak(),
            )
            watch.clear()
            emulator.requests.clear()
            emulator.most_at_once = 0
            _become(emulator, **json.loads(line))


def _become(emulator: Emulator, **wanted: Any) -> None:
    if "latency_ms" in wanted:
        emulator.settings = replace(emulator.settings, latency_ms=wanted["latency_ms"])
    if "rate" in wanted:
        limit = [RateLimit(rate=wanted["rate"], retry_after=wanted["retry_after"], at="any")]
        emulator.switch_on(limit if wanted["rate"] else ())


def _say(**values: object) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
