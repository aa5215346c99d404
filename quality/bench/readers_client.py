"""Many readers of a board's events, in one process.

    python -m quality.bench.readers_client URL READERS

`readers` drives it. It prints a line when all are connected. A line with `seconds` lets them read for that long, and
is answered with the delays of each poll: seconds from the first reader who had it to each reader.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

_ID = re.compile(rb"^id: (\S+)$", re.MULTILINE)
LARGEST_BOARD = 1 << 24
"""Bytes."""
AT_ONCE = 100
"""Readers that connect at the same time."""


class Reader:
    """One connection. `arrived` has the time of each poll, by its id."""

    outgoing: asyncio.StreamWriter
    """Kept, since a writer that nobody has closes the connection."""

    def __init__(self) -> None:
        self.arrived: dict[bytes, float] = {}
        self.bytes = 0

    async def connect(self, host: str, port: int) -> asyncio.StreamReader:
        """Ask for the events, and wait for the first board."""
        incoming, self.outgoing = await asyncio.open_connection(host, port, limit=LARGEST_BOARD)
        self.outgoing.write(f"GET /api/v1/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        await incoming.readuntil(b"\nid: ")
        return incoming

    async def read(self, incoming: asyncio.StreamReader) -> None:
        """Note when each poll arrives, until cancelled."""
        rest = b""
        while block := await incoming.read(65536):
            now = time.monotonic()
            self.bytes += len(block)
            *whole, rest = (rest + block).split(b"\n\n")
            for event in whole:
                for poll in _ID.findall(event):
                    self.arrived.setdefault(poll, now)


async def main(url: str, number: int) -> None:
    """Connect all readers, then read as long as the parent says."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 80
    readers = [Reader() for _ in range(number)]
    connected: list[asyncio.StreamReader] = []
    for first in range(0, number, AT_ONCE):
        some = readers[first : first + AT_ONCE]
        connected += await asyncio.gather(*(reader.connect(host, port) for reader in some))
    reading = [asyncio.create_task(one.read(incoming)) for one, incoming in zip(readers, connected, strict=True)]
    print(json.dumps({"connected": number}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        for reader in readers:
            reader.arrived.clear()
            reader.bytes = 0
        await asyncio.sleep(json.loads(line)["seconds"])
        taken = {"delays": delays([one.arrived for one in readers]), "bytes": sum(one.bytes for one in readers)}
        print(json.dumps(taken), flush=True)
    for task in reading:
        task.cancel()


def delays(arrived: Sequence[Mapping[bytes, float]]) -> list[float]:
    """The delays of all polls but the first, which was under way. Each reader's polls have their times.

    A slow reader is given a later board instead of a poll: then that one counts. Raises `RuntimeError` if a reader had
    nothing.
    """
    if not all(arrived):
        raise RuntimeError("a reader had no poll: it may have lost its connection")
    firsts: dict[bytes, float] = {}
    for one in arrived:
        for poll, at in one.items():
            firsts[poll] = min(at, firsts.get(poll, at))
    _, *polls = sorted(firsts, key=firsts.__getitem__)
    found = []
    for one in arrived:
        had: float | None = None
        for poll in reversed(polls):
            had = one.get(poll, had)
            if had is not None:  # else it was under way at the end
                found.append(round(had - firsts[poll], 5))
    return found


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
