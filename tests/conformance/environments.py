"""The environments of third-party clients, made once per checkout.

A client in Python: `NAME.in` names the packages and `NAME.txt` is its lock, with hashes: `uv pip compile --universal
--generate-hashes --no-header --python-version 3.11 NAME.in -o NAME.txt`. A client in JavaScript: the folder `NAME` has
a package.json and its lock: `npm install --package-lock-only --ignore-scripts`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
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
    """A folder with a client in it. One in Python has a virtual environment, one in JavaScript `node_modules`."""

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
    return _made(name, f"{sys.version} {sys.platform} ".encode() + lock.read_bytes(), cache, _install(lock))


def node_environment(name: str, *, cache: Path = CACHE) -> Environment:
    """Return the folder of a client in JavaScript, made now if missing. Errors as for `environment`."""
    folder = HERE / name
    files = sorted(path for path in folder.iterdir() if path.is_file())
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotInstalledError("there is no Node.js with npm here")

    def install(made: Environment) -> None:
        shutil.copytree(folder, made.folder)
        _call(npm, "--prefix", made.folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund")

    return _made(name, sys.platform.encode() + b"".join(path.read_bytes() for path in files), cache, install)


def _made(name: str, of: bytes, cache: Path, install: Callable[[Environment], None]) -> Environment:
    made = Environment(cache / f"{name}-{hashlib.sha256(of).hexdigest()[:12]}")
    cache.mkdir(exist_ok=True)
    try:
        with FileLock(f"{made.folder}.lock", timeout=LONGEST + 60):
            _make(made, install)
    except Timeout:
        raise NotInstalledError("another worker has been installing it for too long") from None
    return made


def _install(lock: Path) -> Callable[[Environment], None]:
    """What makes the environment of a client in Python."""

    def install(made: Environment) -> None:
        _call(sys.executable, "-m", "venv", made.folder)
        pip = (made.command("python"), "-m", "pip", "--no-input", "--disable-pip-version-check", "install", "-q")
        _call(*pip, "--require-hashes", "-r", lock)

    return install


def _make(made: Environment, install: Callable[[Environment], None]) -> None:
    stamp, failed = made.folder / "installed", Path(f"{made.folder}.failed")
    if stamp.exists() and (made.command("python").exists() or (made.folder / "node_modules").exists()):
        return
    run = os.environ.get(_RUN, "")
    if run and failed.exists():
        by, _, reason = failed.read_text().partition("\n")
        if by == run:
            raise NotInstalledError(reason)
    shutil.rmtree(made.folder, ignore_errors=True)
    try:
        install(made)
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
