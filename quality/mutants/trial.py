"""Runs the tests against a mutant, in a copy of the checkout."""

from __future__ import annotations

import enum
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from coverage import CoverageData

from quality.mutants import forks
from quality.mutants.contexts import AT_IMPORT, STARTERS
from quality.mutants.fork_server import ForkServer
from quality.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src/cxone_rollcall")
TESTS = Path("tests")

NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", ".*_cache", ".hypothesis", ".dmypy.json", "site", "node_modules")
"""Not the source: history, environments, caches. Tests read other hidden files, such as `.gitignore`."""
NOT_RUN = ("tests/conformance", "tests/quality/mutants", "tests/quality/strikes/test_guards.py")
"""Tests of other people's clients, of this campaign, and of source text."""
PYTEST = ("-rfE", "-p", "no:cacheprovider", *(f"--ignore={path}" for path in NOT_RUN))
"""Options for pytest. Its summary lists what failed, whatever the settings of the checkout say."""

STATUS = ".dmypy.json"
"""The file of mypy's daemon. The daemon checks a changed file in a fraction of a second."""
ERROR = ": error: "
"""What a line of mypy has that finds an error. A crash has none."""
NOT_TYPES = "[redundant-expr]"
"""Findings of mypy about the change itself, such as `and False`. No option disables what the settings enable."""

SPARE = 60.0
"""Seconds that a run of tests may take on top. `SLOWER` times the seconds of all tests without a mutant come first."""
SLOWER = 3.0

TIME_LIMITS = ("no end within", "Timeout (0:")
"""Output of a run that a limit ended, ours or pytest's. On a busy machine that may be by chance."""
LAST_LINES = 40
"""Lines of output that show a failed test."""
MEASURED = ".coverage-by-test"
"""The file of coverage's data, in the first copy."""


class Ended(enum.Enum):
    """What the tests made of a mutant."""

    MISTYPED = "rejected by mypy"
    KILLED = "killed"
    NO_END = "killed by a time limit"
    SURVIVED = "survived"


_ENDED = {forks.SURVIVED: Ended.SURVIVED, forks.KILLED: Ended.KILLED, forks.NO_END: Ended.NO_END}
"""What the answers of the forks mean. There is none for a change that runs at the import."""


class Copy:
    """A copy of a checkout, which tries one mutant at a time."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self._forks: ForkServer | None = None
        shutil.copytree(root, folder, ignore=NOT_COPIED, symlinks=True)

    def measure(self, tests: Sequence[str]) -> float:
        """Run these tests without a mutant, and return the seconds. Notes which lines each test runs.

        RuntimeError with the output if mypy fails, or a test fails twice.
        """
        began = time.monotonic()
        measured = ["coverage", "run", f"--data-file={MEASURED}", f"--source={PACKAGE}", "-m"]
        noting = [*measured, "pytest", "-p", "quality.mutants.contexts"]
        failed = self._mypy(limit=None) or self._run([*noting, *PYTEST, *tests], limit=None)
        if failed is not None and (files := files_that_failed(failed)):
            failed = self._run(["pytest", *PYTEST, *files], limit=None)
        if failed is not None:
            raise RuntimeError("\n".join(["there is an error without a mutant:", *failed.splitlines()[-LAST_LINES:]]))
        return time.monotonic() - began

    def tests_by_line(self, file: str) -> dict[int, set[str]]:
        """Return the tests that run each line of a file, or `AT_IMPORT`."""
        data = CoverageData(str(self.folder / MEASURED))
        data.read()
        contexts = data.contexts_by_lineno(str((self.folder / file).resolve()))
        return {line: set(tests) for line, tests in contexts.items()}

    def files_that_start_processes(self) -> list[str]:
        """Return the measured files whose tests started a process."""
        return (self.folder / STARTERS).read_text(encoding="utf-8").split()

    def try_out(self, mutant: Mutant, running: Collection[str], starters: Sequence[str], limit: float) -> Ended:
        """Return what becomes of a mutant.

        `running` are the tests that run its lines, `starters` the files that start processes. `limit` is the longest
        run of tests in seconds.
        """
        if self._forks is None:
            every = ["pytest", *PYTEST, TESTS.as_posix()]
            self._forks = ForkServer(self.folder, every, self._environment(compiles=False))
        path = self.folder / mutant.file
        path.write_text(mutant.after, encoding="utf-8")
        try:
            if ERROR in (self._mypy(limit) or ""):
                return Ended.MISTYPED
            tests = [*in_order(mutant.file, running), *starters, forks.THOROUGH + mirror(mutant.file).as_posix()]
            ended = _ENDED.get(self._forks.ask(mutant, tests, limit))
            if ended is None or (ended is Ended.SURVIVED and AT_IMPORT in running):
                ended = self._at_import(mutant, limit)
            return ended
        finally:
            shutil.copy2(self.root / mutant.file, path)  # with its time, so that the compiled file is valid again
            if self._mypy(limit) is not None:
                self._stop_daemon()  # it keeps an error of this mutant, by which it would reject all others

    def _at_import(self, mutant: Mutant, limit: float) -> Ended:
        """Return what the quick tests make of a mutant, mirrored ones first."""
        for tests in filter(self._has, (mirror(mutant.file), TESTS)):
            if failed := self._run(["pytest", "-x", "-m", "not thorough", *PYTEST, tests.as_posix()], limit):
                return Ended.NO_END if any(sign in failed for sign in TIME_LIMITS) else Ended.KILLED
        return Ended.SURVIVED

    def _has(self, path: Path) -> bool:
        return (self.folder / path).exists()

    def close(self) -> None:
        """End what runs."""
        if self._forks is not None:
            self._forks.close()
        self._stop_daemon()

    def _stop_daemon(self) -> None:
        self._run(["mypy.dmypy", "--status-file", STATUS, "stop"], limit=None)

    def _mypy(self, limit: float | None) -> str | None:
        output = self._run(["mypy.dmypy", "--status-file", STATUS, "run", "--", PACKAGE.as_posix()], limit)
        errors = [line for line in (output or "").splitlines() if ERROR in line]
        return None if errors and all(line.endswith(NOT_TYPES) for line in errors) else output

    def _environment(self, *, compiles: bool) -> dict[str, str]:
        given = {**os.environ, "PYTHONPATH": f"{self.folder / 'src'}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": ""}
        # A mutant may have the size and the second of the next, so its compiled file would be taken for that one's.
        return given if compiles else {**given, "PYTHONDONTWRITEBYTECODE": "1"}

    def _run(self, module: Sequence[str], limit: float | None) -> str | None:
        """Return the output if the module fails or times out, else None."""
        with subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=self.folder,
            env=self._environment(compiles=limit is None),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                output = f"{TIME_LIMITS[0]} {limit:.0f} s"
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # also what a hanging test began
        return None if process.returncode == 0 else output


def files_that_failed(output: str) -> list[str]:
    """The files of the failed tests that pytest lists in its summary."""
    return sorted(set(re.findall(r"^(?:FAILED|ERROR) (.+?\.py)\b", output, re.MULTILINE)))


def mirror(file: str) -> Path:
    """The folder, or file, of the tests that mirror a source file."""
    part = Path(file).relative_to(PACKAGE).parts[0]
    return TESTS / (f"test_{part}" if part.endswith(".py") else part)


def in_order(file: str, running: Iterable[str]) -> list[str]:
    """The tests of changed lines. Mirrored ones, which are the likeliest to notice, come first."""
    first = mirror(file).as_posix()
    return sorted(filter(None, running), key=lambda test: (not test.startswith(first), test))
