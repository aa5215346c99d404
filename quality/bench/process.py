"""Running one command in a process of its own, and what the process used."""

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
    """What a process used, from its start to its end: seconds, CPU seconds (user and system), peak bytes of memory.

    `exit` is the code that it ended with.
    """

    wall: float
    cpu: float
    peak: int
    exit: int = 0


def run_measured(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, exits: Container[int] = (0,)
) -> Used:
    """Run a command with this environment alone, its output thrown away; raises `RuntimeError` where it fails.

    It fails where it ends with another code than `exits` names.

    The start of the interpreter is in all of it.
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
    """Return the most memory this program has had, in bytes.

    A child starts as an image of its parent, so its peak cannot be told from this where it is smaller. For the same
    reason Linux is asked in `/proc`: what `getrusage` says there is at least the peak of whoever started this program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
