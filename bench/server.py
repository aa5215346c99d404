"""The emulated tenant as the benchmark holds it: another process, asked what it has done."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

CHECKOUT = Path(__file__).resolve().parent.parent


class Served(NamedTuple):
    """What the server did since it was last asked: `cpu_seconds` counts from its start."""

    requests: int
    most_at_once: int
    cpu_seconds: float


class Server:
    """A running emulated tenant; `environment` is what a client needs to be let in."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        greeting = self._read()
        self.url: str = greeting["url"]
        self.environment = {
            "CXONE_INSTANCE": self.url,
            "CXONE_CLIENT_ID": greeting["client_id"],
            "CXONE_CLIENT_SECRET": greeting["client_secret"],
        }

    def served(self) -> Served:
        """Return what was answered since the last call."""
        to_server = _stream(self._process.stdin)
        to_server.write("\n")
        to_server.flush()
        return Served(**self._read())

    def _read(self) -> dict[str, Any]:
        line = _stream(self._process.stdout).readline()
        if not line:
            raise RuntimeError("the emulated tenant has ended")
        said: dict[str, Any] = json.loads(line)
        return said


@contextmanager
def running_server(agents: int, latency_ms: float) -> Iterator[Server]:
    """Run an emulated tenant with so many agents for as long as the block lasts."""
    command = [sys.executable, "-m", "bench.emulated", str(agents), str(latency_ms)]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield Server(process)
        finally:
            _stream(process.stdin).close()  # which ends it


def _stream(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the server was started without pipes")
    return stream
