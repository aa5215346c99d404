"""Runs the tests against a mutant, in a copy of the checkout."""

from __future__ import annotations

import enum
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from coverage import CoverageData

from quality.mutants.contexts import STARTERS
from quality.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src/cxone_rollcall")
TESTS = Path("tests")

NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", ".*_cache", ".hypothesis", ".dmypy.json", "site", "node_modules")
"""Not the source: history, environments, caches. Tests read other hidden files, such as `.gitignore`."""
NOT_RUN = ("tests/conformance", "tests/quality/mutants", "tests/quality/strikes/test_guards.py")
"""Tests of other people's clients, of this campaign, and of source text."""

STATUS = ".dmypy.json"
"""The file of mypy's daemon. The daemon checks a changed file in a fraction of a second."""
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


class Copy:
    """A copy of a checkout, which tries one mutant at a time."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        shutil.copytree(root, folder, ignore=NOT_COPIED, symlinks=True)

    def seconds(self) -> float:
        """Return the seconds of all tests without a mutant. Notes which lines each test runs.

        RuntimeError with the output if mypy or a test fails.
        """
        began = time.monotonic()
        measured = ["coverage", "run", f"--data-file={MEASURED}", f"--source={PACKAGE}", "-m"]
        failed = self._mypy(limit=None) or self._test([TESTS.as_posix()], limit=None, by=measured)
        if failed is not None:
            raise RuntimeError("\n".join(["there is an error without a mutant:", *failed.splitlines()[-LAST_LINES:]]))
        return time.monotonic() - began

    def tests_by_line(self, file: str) -> dict[int, list[str]]:
        """Return the test functions that run each line of a source file. What runs at the import has none."""
        data = CoverageData(str(self.folder / MEASURED))
        data.read()
        contexts = data.contexts_by_lineno(str((self.folder / file).resolve()))
        return {line: sorted(filter(None, tests)) for line, tests in contexts.items()}

    def files_that_start_processes(self) -> list[str]:
        """Return the files whose tests started a process in `seconds`."""
        return (self.folder / STARTERS).read_text(encoding="utf-8").split()

    def try_out(self, mutant: Mutant, running: Sequence[str], starters: Sequence[str], limit: float) -> Ended:
        """Return what becomes of a mutant.

        `running` are the tests that run its lines, `starters` the files that start processes. `limit` is the longest
        run of tests in seconds.
        """
        path = self.folder / mutant.file
        path.write_text(mutant.after, encoding="utf-8")
        try:
            if self._mypy(limit) is not None:
                return Ended.MISTYPED
            tried = stages(self.root, mutant.file, running, starters)
            failed = next((output for tests in tried if (output := self._test(tests, limit)) is not None), None)
        finally:
            shutil.copy2(self.root / mutant.file, path)  # with its time, so that the compiled file is valid again
        if failed is None:
            return Ended.SURVIVED
        return Ended.NO_END if any(sign in failed for sign in TIME_LIMITS) else Ended.KILLED

    def close(self) -> None:
        """End mypy's daemon."""
        self._run(["mypy.dmypy", "--status-file", STATUS, "stop"], limit=None)

    def _mypy(self, limit: float | None) -> str | None:
        output = self._run(["mypy.dmypy", "--status-file", STATUS, "run", "--", PACKAGE.as_posix()], limit)
        errors = [line for line in (output or "").splitlines() if ": error: " in line]
        return None if errors and all(line.endswith(NOT_TYPES) for line in errors) else output

    def _test(self, tests: Sequence[str], limit: float | None, by: Sequence[str] = ()) -> str | None:
        plugins = ["-p", "no:cacheprovider", *(["-p", "quality.mutants.contexts"] if by else [])]
        left_out = [f"--ignore={path}" for path in NOT_RUN]
        return self._run([*by, "pytest", "-x", "-m", "not thorough", *plugins, *tests, *left_out], limit)

    def _run(self, module: Sequence[str], limit: float | None) -> str | None:
        """Return the output if the module fails or times out, else None."""
        environment = {**os.environ, "PYTHONPATH": f"{self.folder / 'src'}{os.pathsep}{ROOT}"}
        if limit is not None:
            environment["PYTHONDONTWRITEBYTECODE"] = "1"  # a mutant may have the size and the second of the next
        with subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=self.folder,
            env=environment,
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


def stages(root: Path, file: str, running: Sequence[str], starters: Sequence[str]) -> Iterator[list[str]]:
    """Yield arguments of pytest: the tests that may notice the change.

    Tests that mirror the file come first: they are the likeliest to notice, and pytest stops at the first failure. If
    tests run the changed lines, no others can notice, but those that start processes. Lines that run at the import have
    no tests of their own; all tests may notice.
    """
    part = Path(file).relative_to(PACKAGE).parts[0]
    mirror = TESTS / (f"test_{part}" if part.endswith(".py") else part)
    if running:
        yield sorted(running, key=lambda test: not test.startswith(mirror.as_posix()))
        if starters:
            yield list(starters)
        return
    if (root / mirror).exists():
        yield [mirror.as_posix()]
    yield [TESTS.as_posix()]
