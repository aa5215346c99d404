"""Commands as processes, each forked from one process with all modules loaded.

A fork has its own standard streams, limits and working directory, and ends like `python -m cxone_rollcall`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

MODULES = (
    "aiohttp.web",
    "cxone_rollcall.cli.check",
    "cxone_rollcall.cli.why",
    "cxone_rollcall.cli.states",
    "cxone_rollcall.cli.agents",
    "cxone_rollcall.cli.explain",
    "cxone_rollcall.cli.case",
    "cxone_rollcall.cli.auth.next_command",
    "cxone_rollcall.cli.auth.status",
    "cxone_rollcall.cli.session",
    "cxone_rollcall.diagnose",
    "cxone_rollcall.emulator",
    "cxone_rollcall.casefile.writer",
    "cxone_rollcall.why",
    "cxone_rollcall.casefile.reader",
    "cxone_rollcall.views.account",
    "cxone_rollcall.views.html",
    "cxone_rollcall.views.json",
    "cxone_rollcall.views.junit",
    "cxone_rollcall.views.csv",
    "cxone_rollcall.views.why",
    "cxone_rollcall.cli.row_writers",
    "cxone_rollcall.cli.case_files",
    "cxone_rollcall.cli.auth.claims",
    "concurrent.futures.thread",
    "asyncio",
)
LONGEST_JOB = 65_536


class Ended(NamedTuple):
    """The exit code and stderr of a command."""

    code: int
    err: str


class Forking:
    """The process that is forked, until `close`."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self._answers = self._ours.makefile("rb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forking", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()

    def start(
        self,
        command: Sequence[str],
        streams: Sequence[int],
        folder: Path,
        *,
        environment: Mapping[str, str] | None = None,
        largest: int | None = None,
    ) -> int:
        """Start a command with these streams, closed here; return its pid. One at a time."""
        more = {"environment": dict(environment) if environment is not None else None, "largest": largest}
        job = json.dumps({"command": list(command), "folder": str(folder), **more}).encode()
        assert len(job) < LONGEST_JOB
        socket.send_fds(self._ours, [job], list(streams))
        for stream in streams:
            os.close(stream)
        return int(self._answers.readline())

    def ended(self) -> int:
        """Wait for the command to end; return its exit code."""
        return int(self._answers.readline())

    def run(
        self,
        command: str,
        stdout: int,
        folder: Path,
        *,
        largest: int | None = None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> Ended:
        """Run a command in this folder. Its stdout is closed here; files may have `largest` bytes.

        `meanwhile` is called as soon as it runs.
        """
        with tempfile.TemporaryFile() as err:
            self.start(command.split(), (stdout, os.dup(err.fileno())), folder, largest=largest)
            meanwhile()
            code = self.ended()
            err.seek(0)
            return Ended(code, err.read().decode())

    def close(self) -> None:
        """End it."""
        self._answers.close()
        self._ours.close()
        assert self._process.wait(10) == 0


def serve(connection: socket.socket) -> None:
    """Run each requested command in a fork, and send its exit code."""
    while True:
        job, streams, _, _ = socket.recv_fds(connection, LONGEST_JOB, 2)
        if not job:
            return
        child = os.fork()
        if child == 0:
            connection.close()
            begin(json.loads(job), streams)
            return
        for stream in streams:
            os.close(stream)
        connection.sendall(b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def begin(job: dict[str, Any], streams: list[int]) -> None:
    """Turn this process into the requested command."""
    for place, stream in enumerate(streams, start=1):
        os.dup2(stream, place)
        os.close(stream)
    os.chdir(job["folder"])
    if job["environment"] is not None:
        os.environ.clear()
        os.environ.update(job["environment"])
    if job["largest"] is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (job["largest"], job["largest"]))
    sys.argv = ["rollcall", *job["command"]]
    from cxone_rollcall.cli.entry import entry

    entry()


if __name__ == "__main__":
    import gc
    import importlib

    for module in MODULES:
        importlib.import_module(module)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
