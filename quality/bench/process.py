"""Runs a command in its own process, and measures it."""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from threading import Timer
from typing import NamedTuple

LONGEST_RUN = 1800.0
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Used(NamedTuple):
    """What a process used, and its exit code.

    It has seconds, CPU seconds (user and system) and peak bytes of memory.
    """

    wall: float
    cpu: float
    peak: int
    exit: int = 0


def run_measured(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, exits: Container[int] = (0,)
) -> Used:
    """Run a command with exactly this environment; return what it used. Its output is discarded.

    Includes the start of the interpreter. RuntimeError if the exit code is not in `exits`.
    """
    with tempfile.TemporaryFile() as complaints:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        limit = Timer(LONGEST_RUN, process.kill)
        limit.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            limit.cancel()
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in exits:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said}")
    return Used(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT, process.returncode)


def own_peak() -> int:
    """Return this process's peak of memory, in bytes.

    `getrusage` may return the peak of our own parent; on Linux `/proc` is exact.
    """
    return _own("VmHWM")


def own_size() -> int:
    """Return this process's memory now, in bytes.

    A child starts as a copy of its parent, so a child's peak below this cannot be measured.
    """
    return _own("VmRSS")


def _own(what: str) -> int:
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(rf"^{what}:\s*(\d+) kB$", status.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def size_of(pid: int) -> int:
    """The memory of another process now, in bytes. Linux only."""
    found = re.search(r"^VmRSS:\s*(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def used_by(pid: int) -> float:
    """The CPU seconds of another process so far, user and system. Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
