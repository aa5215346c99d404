"""Pytest plugin: tries mutants in forks.

The process has collected all tests. A fork takes milliseconds, where a new process would import and collect for
seconds. It reads requests, one JSON object a line, from the first file descriptor in `PIPES`, and writes the answers to
the second. Its own streams are pytest's.
"""

from __future__ import annotations

import gc
import json
import os
import signal
from collections import defaultdict
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import TypeAlias

import pytest

from quality.mutants.bytecode import Place, changed_functions

PIPES = "MUTANTS_PIPES"
"""The variable. The tests delete those that begin with the name of the tool."""
READY = "ready"
"""Said once, when all sources have been imported. From then on a file may have a mutant."""
THOROUGH = "thorough "
"""Before a folder of tests, or a file: all thorough tests there."""
AT_IMPORT, SURVIVED, NO_END, KILLED = "runs at the import", "survived", "no end", "killed"
"""The answers."""
_KILLED, _SURVIVED = 81, 82
"""Exit codes of the forks."""


Functions: TypeAlias = dict[tuple[str, Place], list[FunctionType]]
Patches: TypeAlias = list[tuple[FunctionType, CodeType]]


class _Forks:
    """Runs tests in forks, each with one mutant."""

    def __init__(self) -> None:
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        self._failed = self._failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Answer requests until there are no more."""
        tests: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            test = item.nodeid.partition("[")[0]
            file = test.partition("::")[0]
            package = "/".join(file.split("/")[:2])
            is_thorough = item.get_closest_marker("thorough") is not None
            for name in [THOROUGH + package] if is_thorough else [test, file]:
                tests[name].append(item)
        functions = _functions()
        reading, writing = map(int, os.environ.pop(PIPES).split())
        with (
            os.fdopen(reading, encoding="utf-8") as requests,
            os.fdopen(writing, "w", encoding="utf-8", buffering=1) as answers,
        ):
            print(READY, file=answers)
            for line in requests:
                asked = json.loads(line)
                patches = _patches(functions, asked["before"], asked["after"], str(Path(asked["file"]).resolve()))
                items = list(dict.fromkeys(item for name in asked["tests"] for item in tests[name]))
                answer = AT_IMPORT if patches is None else self._try_out(session, patches, items, asked["limit"])
                print(answer, file=answers)
        return True

    def _try_out(self, session: pytest.Session, patches: Patches, items: list[pytest.Item], limit: float) -> str:
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            signal.alarm(int(limit))
            try:
                self._run(session, patches, items)
            except BaseException:  # noqa: BLE001  what ends pytest must not go on as the server
                os._exit(_KILLED)
            os._exit(_KILLED if self._failed else _SURVIVED)
        _, status = os.waitpid(child, 0)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what its tests left running
        # A time limit, the alarm or pytest's, ends the process in another way.
        return {_KILLED: KILLED, _SURVIVED: SURVIVED}.get(os.waitstatus_to_exitcode(status), NO_END)

    def _run(self, session: pytest.Session, patches: Patches, items: list[pytest.Item]) -> None:
        """Run the tests up to the first that fails."""
        for function, code in patches:
            function.__code__ = code
        for item, following in zip_longest(items, items[1:]):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                break
        session.config.hook.pytest_sessionfinish(session=session, exitstatus=0)


def _patches(functions: Functions, before: str, after: str, file: str) -> Patches | None:
    """The functions to change, each with its new code. None if the change runs at the import."""
    changed = changed_functions(before, after, file)
    if changed is None:
        return None
    patches = []
    for place, code in changed.items():
        there = functions.get((file, place), [])
        if len({one.__code__ for one in there}) > 1:  # two lambdas in a line
            return None
        patches += [(one, code) for one in there]
    return patches


def _functions() -> Functions:
    """All functions of the process, by file and place."""
    found: Functions = defaultdict(list)
    gc.unfreeze()  # a frozen object is not listed
    for one in gc.get_objects():
        if isinstance(one, FunctionType):
            code = one.__code__
            found[code.co_filename, Place(code.co_qualname, code.co_firstlineno)].append(one)
    gc.freeze()
    return found


def pytest_configure(config: pytest.Config) -> None:
    """Take the place of the loop that runs all tests."""
    config.pluginmanager.register(_Forks())
