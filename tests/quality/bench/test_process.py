"""The benchmark measures the process that it started, and no other."""

import os
import sys
from pathlib import Path

import pytest
from quality.bench.process import own_peak, run_measured

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="os.wait4 tells what a process has used")


def test_the_peak_is_the_command_s_own(tmp_path: Path) -> None:
    """A small command has a small peak, whoever measures it. A large command has a large one."""
    ballast = bytearray(os.urandom(1024)) * (64 * 1024)
    small = run_measured([sys.executable, "-IS", "-c", "pass"], os.environ, tmp_path)
    large = run_measured([sys.executable, "-IS", "-c", f"bytearray(b'x') * {len(ballast)}"], os.environ, tmp_path)
    assert small.peak < len(ballast) < own_peak()
    assert large.peak > len(ballast)


def test_cpu_and_wall_are_the_command_s_own(tmp_path: Path) -> None:
    """A command that waits uses wall time and little CPU."""
    used = run_measured([sys.executable, "-IS", "-c", "import time; time.sleep(0.3)"], os.environ, tmp_path)
    assert used.wall >= 0.3
    assert used.cpu < used.wall


def test_a_failed_command_ends_the_run(tmp_path: Path) -> None:
    """An unexpected exit code is an error that quotes the command's message. An expected one is a result."""
    failing = [sys.executable, "-IS", "-c", "import sys; sys.exit('no such thing')"]
    with pytest.raises(RuntimeError, match=r"ended with 1: no such thing"):
        run_measured(failing, os.environ, tmp_path)
    assert run_measured(failing, os.environ, tmp_path, exits=(1,)).exit == 1
