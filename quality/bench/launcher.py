"""Runs a command and prints what it used.

Usage: launcher.py SECONDS COMMAND. It kills the command after SECONDS. It prints wall seconds, CPU seconds, peak
memory (in the system's unit) and the exit status of `os.wait4`. It is small on purpose: on Linux the peak memory of
a child is never less than that of its parent, and the benchmark itself is larger than some of what it measures.
"""

import os
import signal
import sys
import time

DISCARDED = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)


def main(seconds: str, *command: str) -> None:
    """Run the command once."""
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=[DISCARDED])
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, float(seconds))
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    print(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, status)


if __name__ == "__main__":
    main(*sys.argv[1:])
