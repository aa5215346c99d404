"""The emulated tenant as a process: `python -m bench.emulated AGENTS LATENCY_MS`, driven by `bench.server`.

It prints one JSON line with its address, then one for each line that it reads: what it has answered since the line
before, and the CPU seconds it has used so far. It ends with its standard input, so it cannot outlive whoever started
it.
"""

import asyncio
import gc
import json
import sys
import time

from rollcall.emulator import Emulator, EmulatorSettings


async def serve(agents: int, latency_ms: float) -> None:
    """Serve on a free port of loopback until standard input ends."""
    emulator = Emulator(EmulatorSettings(contracts=("v2", "incontact"), agents=agents, latency_ms=latency_ms))
    async with emulator.running() as address:
        gc.freeze()  # the rows of all agents stay: no later collection has to walk over them
        _say(url=address.url, **emulator.credentials._asdict())
        while await asyncio.to_thread(sys.stdin.readline):
            _say(
                requests=emulator.requests.total(), most_at_once=emulator.most_at_once, cpu_seconds=time.process_time()
            )
            emulator.requests.clear()
            emulator.most_at_once = 0


def _say(**values: object) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
