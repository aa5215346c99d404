"""Runs and judges one setting."""

from __future__ import annotations

from dataclasses import replace

from quality.common.judge import BENIGN, Run, complaints, wrong_proven
from quality.common.run_command import Setting, check
from quality.precision.expected import against_expectation
from quality.precision.outcome import Outcome
from quality.precision.plan import allowed

STRONGEST = ("PROVEN", "SUSPECTED", "NOTE")


def judged(setting: Setting, run: Run, seconds: float) -> Outcome:
    """Return the outcome of a run, judged against the truth."""
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
    """Return the outcome of a setting. Call `run_command.prepare` first."""
    return judged(setting, *check(setting))
