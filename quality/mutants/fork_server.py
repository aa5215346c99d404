"""Asks a pytest process that tries mutants in forks of itself (`forks.py`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from quality.mutants.forks import PIPES
from quality.mutants.mutant import Mutant


class ForkServer:
    """The process. It collects these tests first, in a checkout without a mutant. RuntimeError if it cannot."""

    def __init__(self, folder: Path, pytest: Sequence[str], environment: Mapping[str, str]) -> None:
        (their_requests, requests), (answers, their_answers) = os.pipe(), os.pipe()
        self._requests = os.fdopen(requests, "w", encoding="utf-8")
        self._answers = os.fdopen(answers, encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *pytest, "-p", "quality.mutants.forks"],
            cwd=folder,
            env={**environment, PIPES: f"{their_requests} {their_answers}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(their_requests, their_answers),
            start_new_session=True,
        )
        os.close(their_requests)
        os.close(their_answers)
        self._answer()

    def ask(self, mutant: Mutant, tests: Sequence[str], limit: float) -> str:
        """Return what the tests make of a mutant within `limit` seconds. RuntimeError if the process has ended."""
        asked = {"file": mutant.file, "before": mutant.before, "after": mutant.after, "tests": tests, "limit": limit}
        print(json.dumps(asked), file=self._requests, flush=True)
        return self._answer()

    def _answer(self) -> str:
        answer = self._answers.readline().strip()
        if not answer:
            raise RuntimeError(f"the tests' process ended with {self._process.wait()}")
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()
