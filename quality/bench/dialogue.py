"""A process that answers each line with a line of JSON. It writes the first one when it is ready."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

CHECKOUT = Path(__file__).resolve().parents[2]


class Dialogue:
    """Talks to such a process; `greeting` is its first line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.greeting = self._read()

    def ask(self, **wanted: object) -> dict[str, Any]:
        """Send a line and return the response."""
        to_process = _stream(self._process.stdin)
        to_process.write(json.dumps(wanted) + "\n")
        to_process.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        line = _stream(self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} has ended")
        said: dict[str, Any] = json.loads(line)
        return said


@contextmanager
def dialogue(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None, folder: Path = CHECKOUT
) -> Iterator[Dialogue]:
    """Run a module of the benchmark for the duration of the block. Closing its stdin ends it."""
    command: Sequence[str] = (sys.executable, "-m", module, *arguments)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=None if environment is None else {**environment, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Dialogue(process)
        finally:
            _stream(process.stdin).close()


def _stream(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the process was started without pipes")
    return stream
