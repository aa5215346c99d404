"""The environments of third-party clients, made once per checkout.

`NAME.in` names the packages and `NAME.txt` is its lock, with hashes: `uv pip compile --universal --generate-hashes
--no-header --python-version 3.11 NAME.in -o NAME.txt`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".conformance"
LONGEST = 240
"""Seconds that an installation may take."""
_RUN = "PYTEST_XDIST_TESTRUNUID"


class NotInstalledError(Exception):
    """A client cannot be installed here; the text says why."""


class Environment(NamedTuple):
    """A virtual environment with a client in it."""

    folder: Path

    def command(self, name: str) -> Path:
        """Return a command of this environment."""
        return self.folder / ("Scripts/" + name + ".exe" if os.name == "nt" else "bin/" + name)


def environment(name: str, *, lock: Path | None = None, cache: Path = CACHE) -> Environment:
    """Return the environment of a client, made now if missing.

    NotInstalledError says why it cannot be. Workers wait for one another, and a failed installation is not tried again
    by the others.
    """
    lock = lock or HERE / f"{name}.txt"
    wanted = hashlib.sha256(f"{sys.version} {sys.platform} ".encode() + lock.read_bytes()).hexdigest()[:12]
    made = Environment(cache / f"{name}-{wanted}")
    cache.mkdir(exist_ok=True)
    try:
        with FileLock(f"{made.folder}.lock", timeout=LONGEST + 60):
            _make(made, lock)
    except Timeout:
        raise NotInstalledError("another worker has been installing it for too long") from None
    return made


def _make(made: Environment, lock: Path) -> None:
    stamp, failed = made.folder / "installed", Path(f"{made.folder}.failed")
    if stamp.exists() and made.command("python").exists():
        return
    run = os.environ.get(_RUN, "")
    if run and failed.exists():
        by, _, reason = failed.read_text().partition("\n")
        if by == run:
            raise NotInstalledError(reason)
    shutil.rmtree(made.folder, ignore_errors=True)
    try:
        _call(sys.executable, "-m", "venv", made.folder)
        pip = (made.command("python"), "-m", "pip", "--no-input", "--disable-pip-version-check", "install", "-q")
        _call(*pip, "--require-hashes", "-r", lock)
    except NotInstalledError as reason:
        failed.write_text(f"{run}\n{reason}")
        raise
    failed.unlink(missing_ok=True)
    stamp.touch()


def _call(*command: str | Path) -> None:
    """Run a command to its end. If it fails or takes too long, it and its children are ended."""
    outside = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}}
    called = subprocess.Popen(
        [str(part) for part in command],
        env=outside,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        said, _ = called.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        if sys.platform == "win32":
            called.kill()
        else:
            os.killpg(called.pid, signal.SIGKILL)
        called.communicate()
        raise NotInstalledError(f"the installation took longer than {LONGEST} s") from None
    if called.returncode:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        errors = [line for line in lines if "ERROR" in line.upper()] or lines or ["it said nothing"]
        raise NotInstalledError(f"{' '.join(errors[-2:])} (exit code {called.returncode})")
