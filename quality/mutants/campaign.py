"""Tries mutants out, one per process in parallel."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

from quality.mutants.mutant import Mutant
from quality.mutants.trial import PACKAGE, SLOWER, SPARE, Copy, Ended

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
        first = stack.enter_context(closing(Copy(root, folder / "0")))
        limit = SPARE + SLOWER * first.seconds()
        starters = first.files_that_start_processes()
        copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        copies.put(first)
        for number in range(1, at_once):  # with the files that the first run compiled
            copies.put(stack.enter_context(closing(Copy(first.folder, folder / str(number)))))
        threads = stack.enter_context(ThreadPoolExecutor(at_once))

        def one(mutant: Mutant) -> Ended:
            copy = copies.get()
            try:
                tests = first.tests_by_line(mutant.file)
                running = sorted({test for line in mutant.lines for test in tests.get(line, ())})
                return copy.try_out(mutant, running, starters, limit)
            finally:
                copies.put(copy)

        yield from zip(mutants, threads.map(one, mutants), strict=True)
