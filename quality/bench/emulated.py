"""The emulated tenant as a process: `python -m quality.bench.emulated CONTRACTS AGENTS [CLOCK]`.

CONTRACTS are joined by commas. `server` drives it: it prints a JSON line with its address, then one for each line that
it reads, with what it has served since then, its CPU seconds and its peak of memory. A line may set `latency_ms`, and
`rate` (0 for none) with `retry_after`. Its people stand still, unless CLOCK is `running`, or `manual` and a line has
`advance` with some seconds. It ends when its stdin closes, so it does not outlive its parent.
"""

import asyncio
import gc
import json
import sys
import time
from dataclasses import replace
from typing import Any

from cxone_rollcall.emulator import Emulator, EmulatorSettings
from cxone_rollcall.emulator.faults.throttling import RateLimit
from quality.bench.process import own_peak

THROTTLED = "429"


class Watch:
    """Records when requests were answered or refused with 429. Times are seconds since the first one."""

    def __init__(self) -> None:
        self._began: float | None = None
        self.let_through: list[float] = []
        self.turned_away: list[float] = []

    def __call__(self, endpoint: str, answered: str) -> None:
        """Record one response."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
        (self.turned_away if answered == THROTTLED else self.let_through).append(round(now - self._began, 4))

    def clear(self) -> None:
        """Forget all; the next response is the first one."""
        self._began, self.let_through, self.turned_away = None, [], []


async def serve(contracts: str, agents: int, clock: str = "frozen") -> None:
    """Serve on a free port of loopback until stdin closes."""
    watch = Watch()
    wanted: dict[str, Any] = {"contracts": contracts.split(","), "agents": agents, "clock": clock}
    settings = EmulatorSettings(**wanted)
    emulator = Emulator(settings, watcher=watch)
    async with emulator.running() as address:
        gc.freeze()  # later collections skip the agents, who stay
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
    if "advance" in wanted:
        emulator.advance(wanted["advance"])


def _say(**values: object) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
