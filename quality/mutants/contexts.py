"""Pytest plugin: notes the tests of each line. And the files of tests that start processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

STARTERS = Path(".files-that-start-processes")
"""The names of these files, one a line. Coverage does not see what their tests run elsewhere."""
AT_IMPORT = ""
"""Coverage's context of what no test runs, but the import."""
_STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"})
"""Audit events: https://docs.python.org/3/library/audit_events.html"""


class _Starters:
    """The files that started a process so far, and the current one."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.now = ""

    def note(self, event: str, _: tuple[object, ...]) -> None:
        """Note the file if this is a start."""
        if event in _STARTS and self.now:
            self.files.add(self.now)


_starters = _Starters()


def pytest_sessionstart() -> None:
    """Listen for the rest of the process. A hook cannot be removed."""
    sys.addaudithook(_starters.note)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Name what is run from now on after this test's function."""
    _starters.now = item.nodeid.partition("::")[0]
    measured = coverage.Coverage.current()
    if measured is not None:
        measured.switch_context(item.nodeid.partition("[")[0])
    return (yield)


def pytest_sessionfinish() -> None:
    """Write the names of the files."""
    STARTERS.write_text("\n".join(sorted(_starters.files)), encoding="utf-8")
