"""What one run came to, judged, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from precision.expected import against_expectation
from precision.judge import BENIGN, Run, complaints, wrong_proven
from precision.plan import allowed
from precision.running import Setting, check

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


def outcome_of(setting: Setting) -> Outcome:
    """Run one setting, in a process that is prepared for it, and judge it."""
    run, seconds = check(setting, Path.cwd() / "document.json")
    return judged(setting, run, seconds)
