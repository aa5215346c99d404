"""Running many settings, each judged, on all cores: what each came to, as plain values."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from precision.expected import against_expectation
from precision.judge import BENIGN, Run, complaints, wrong_proven
from precision.plan import allowed
from precision.running import Setting, check, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

AT_ONCE_PER_CORE = 2
"""Runs under way on a core: one that waits leaves it to the other."""
STRONGEST = ("PROVEN", "SUSPECTED", "NOTE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run came to, and what is wrong with it.

    `codes` are those that a healthy tenant does not have, each with its greatest strength. `wrong` says what does
    not hold of the account, `proven` which codes are PROVEN that no fault which is on leads to, `otherwise` what is
    not as it should be with these faults.
    """

    setting: Setting
    exit: int
    codes: dict[str, str]
    sent: int
    probes: int
    seconds: float
    wrong: tuple[str, ...] = ()
    proven: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()

    @property
    def serious(self) -> tuple[str, ...]:
        """The codes above NOTE, in the order of the road."""
        return tuple(code for code, strength in sorted(self.codes.items()) if strength != "NOTE")


def judged(setting: Setting, run: Run, seconds: float) -> Outcome:
    """Judge one run against the truth."""
    strengths = {code: said for code, said in run.strengths.items() if code not in BENIGN or code == "RC604"}
    requests = run.document["requests"]
    outcome = Outcome(
        setting=setting,
        exit=run.exit,
        codes={code: next(one for one in STRONGEST if one in said) for code, said in strengths.items()},
        sent=requests["sent"],
        probes=requests["probes"],
        seconds=seconds,
        wrong=complaints(run, *setting.faults),
        proven=wrong_proven(run, allowed(setting.contract, setting.faults)),
    )
    return replace(outcome, otherwise=against_expectation(outcome))


def run_all(settings: Sequence[Setting], say: Callable[[int], None] = lambda done: None) -> list[Outcome]:
    """Run all settings, on all cores, and return what each came to, in their order."""
    workers = AT_ONCE_PER_CORE * (os.cpu_count() or 1)
    outcomes: list[Outcome] = []
    with (
        tempfile.TemporaryDirectory(prefix="precision-") as folder,
        multiprocessing.get_context("spawn").Pool(workers, _begin, (folder,)) as pool,
    ):
        for outcome in pool.imap(_one, settings, chunksize=4):
            outcomes.append(outcome)
            say(len(outcomes))
    return outcomes


def _begin(folder: str) -> None:
    prepare(Path(folder) / str(os.getpid()))


def _one(setting: Setting) -> Outcome:
    run, seconds = check(setting, Path.cwd() / "document.json")
    return judged(setting, run, seconds)
