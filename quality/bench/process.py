"""Runs a command in its own process, and measures it."""

import os
import re
import resource
import subprocess
import sys
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

LONGEST_RUN = 1800.0
LAUNCHER = str(Path(__file__).with_name("launcher.py"))
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
    launched = subprocess.run(
        [sys.executable, "-IS", LAUNCHER, str(LONGEST_RUN), *command],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        text=True,
        errors="replace",
    )
    wall, cpu, peak, status = launched.stdout.split()
    code = os.waitstatus_to_exitcode(int(status))
    if code not in exits:
        raise RuntimeError(f"{' '.join(command)} ended with {code}: {launched.stderr[-2000:]}")
    return Used(float(wall), float(cpu), int(peak) * _RSS_UNIT, code)


def own_peak() -> int:
    """Return this process's peak of memory, in bytes.

    `getrusage` may return the peak of our own parent; on Linux `/proc` is exact.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(), re.MULTILINE)
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
