"""Tries mutants out, one per process in parallel."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

from quality.mutants.mutant import Mutant
from quality.mutants.trial import NOT_RUN, PACKAGE, SLOWER, SPARE, TESTS, Copy, Ended

NOT_MUTATED = ("emulator", "testing.py", "pytest_plugin.py")
"""The world that tests run in. A change in it changes what is tested, not what users run."""


def sources(root: Path, packages: Sequence[str]) -> list[str]:
    """Return the paths of the sources of these packages below `root`.

    Without any, those of all but the tests' world.
    """
    found = [path.relative_to(root / PACKAGE) for path in (root / PACKAGE).rglob("*.py")]
    return sorted(
        (PACKAGE / path).as_posix()
        for path in found
        if (path.parts[0].removesuffix(".py") in packages if packages else path.parts[0] not in NOT_MUTATED)
    )


def try_out(root: Path, mutants: Sequence[Mutant], at_once: int) -> Iterator[tuple[Mutant, Ended]]:
    """Yield each mutant and what became of it. RuntimeError if the tests fail without a mutant."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-mutants-")))
        tests = parts(root, at_once)
        copies = [stack.enter_context(closing(Copy(root, folder / str(number)))) for number in range(len(tests))]
        threads = stack.enter_context(ThreadPoolExecutor(len(copies)))
        limit = SPARE + SLOWER * sum(threads.map(Copy.measure, copies, tests))
        starters = sorted({file for copy in copies for file in copy.files_that_start_processes()})
        free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        for copy in copies:
            free.put(copy)

        def one(mutant: Mutant) -> Ended:
            measured = [copy.tests_by_line(mutant.file) for copy in copies]
            running = {test for tests in measured for line in mutant.lines for test in tests.get(line, ())}
            copy = free.get()
            try:
                return copy.try_out(mutant, running, starters, limit)
            finally:
                free.put(copy)

        yield from zip(mutants, threads.map(one, mutants), strict=True)


def parts(root: Path, number: int) -> list[list[str]]:
    """The files of tests, in up to this many equal parts."""
    files = [path.relative_to(root) for path in (root / TESTS).rglob("test_*.py")]
    kept = sorted(path.as_posix() for path in files if not path.as_posix().startswith(NOT_RUN))
    return [part for place in range(number) if (part := kept[place::number])]
