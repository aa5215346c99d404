"""Runs one setting and judges it."""

from __future__ import annotations

from dataclasses import replace

from quality.common.judge import BENIGN, Run, complaints, wrong_proven
from quality.common.run_command import Setting, check
from quality.precision.expected import against_expectation
from quality.precision.outcome import Outcome
from quality.precision.plan import allowed

STRONGEST = ("PROVEN", "SUSPECTED", "NOTE")


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


def outcome_of(setting: Setting) -> Outcome:
    """Run one setting, in a process that is prepared for it, and judge it."""
    return judged(setting, *check(setting))
