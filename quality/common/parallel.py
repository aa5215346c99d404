"""Running many settings in processes of their own, on all cores."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from quality.common.run_command import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Setting = TypeVar("Setting")
Outcome = TypeVar("Outcome")

CORES = os.cpu_count() or 1
AT_ONCE_PER_CORE = 2
"""Runs under way on a core: one that waits leaves it to the other."""


def run_all(
    one: Callable[[Setting], Outcome], settings: Sequence[Setting], *, at_once: int = AT_ONCE_PER_CORE * CORES
) -> Iterator[Outcome]:
    """Run all settings, so many at once, and yield what each came to, in their order. `one` is a module's function."""
    with (
        tempfile.TemporaryDirectory(prefix="rollcall-runs-") as folder,
        multiprocessing.get_context("spawn").Pool(at_once, _begin, (folder,)) as pool,
    ):
        yield from pool.imap(one, settings, chunksize=4)


def _begin(folder: str) -> None:
    prepare(Path(folder) / str(os.getpid()))
