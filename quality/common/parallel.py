"""Runs many settings in parallel, each in its own process."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from quality.common.run_command import prepare

Setting = TypeVar("Setting")
Outcome = TypeVar("Outcome")

CORES = os.cpu_count() or 1
AT_ONCE_PER_CORE = 2
"""Runs per core: while one waits, another uses the core."""


def run_all(
    one: Callable[[Setting], Outcome], settings: Sequence[Setting], *, at_once: int = AT_ONCE_PER_CORE * CORES
) -> Iterator[Outcome]:
    """Run all settings and yield the outcomes in their order. `at_once` run in parallel.

    `one` must be a function of a module, so that other processes can import it.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rollcall-runs-") as folder,
        multiprocessing.get_context("spawn").Pool(at_once, _begin, (folder,)) as pool,
    ):
        yield from pool.imap(one, settings, chunksize=4)


def _begin(folder: str) -> None:
    prepare(Path(folder) / str(os.getpid()))
