"""What an outcome should be, beyond what holds of every account: the code that was told, the order, the budget."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cxone_rollcall.diagnose import Probing
from quality.precision.plan import (
    A_FEW,
    ALSO,
    ENDS,
    GIVES_WAY,
    HIDES,
    OF_FEW,
    allowed,
    case_of,
    ends_the_run,
    leads_to,
    name_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from quality.common.run_command import Setting
    from quality.precision.outcome import Outcome

HIDDEN = ("one leads to a code, and the other hides it", "neither is named")
MOST_PROBES_OF_HEALTHY = 2
OVERSHOOT = 3
"""Requests by which the tries of one question may go beyond the budget of the probes."""


def against_expectation(outcome: Outcome) -> tuple[str, ...]:
    """Say what is not as it should be with these faults, and these probes."""
    if len(outcome.setting.faults) == 2 and outcome.setting.agents == A_FEW[0]:
        return tuple(_within_budget(outcome))  # of few agents, much cannot be told that of many can
    return (*_as_told(outcome), *_in_order(outcome), *_hidden(outcome), *_within_budget(outcome))


def _as_told(outcome: Outcome) -> Iterator[str]:
    """A fault alone leads to the code, strength and exit that the tests' tables name."""
    setting = outcome.setting
    if len(setting.faults) != 1 or setting.probes != "auto":
        return
    case = case_of(setting.contract, setting.faults[0])
    if case is None or (case.agents, case.seed) != (setting.agents, setting.seed):
        return
    if outcome.codes.get(case.code) != case.strength:
        yield f"{case.code} is {outcome.codes.get(case.code, 'not named')}, not {case.strength}"
    if outcome.exit != case.exit:
        yield f"exit {outcome.exit}, not {case.exit}"


def _in_order(outcome: Outcome) -> Iterator[str]:
    """The first code is one that a fault leads to; and what ends the run alone ends it together with another, too."""
    contract, faults = outcome.setting.contract, outcome.setting.faults
    few = OF_FEW.get(outcome.setting.agents, {}) if not faults else {}
    for code in outcome.serious:
        if code not in allowed(contract, faults) | few.keys():
            yield f"{code} is named, and no fault that is on leads to it"
    ending = any(ends_the_run(contract, fault) for fault in faults)
    excused = len(faults) > 1 and tuple(map(name_of, faults)) in GIVES_WAY
    if ending and outcome.exit not in ENDS and outcome.setting.probes == "auto" and not excused:
        yield f"exit {outcome.exit}, though one of them ends the run"


def _hidden(outcome: Outcome) -> Iterator[str]:
    """Of two faults that lead to codes one is named at least."""
    pair = tuple(map(name_of, outcome.setting.faults))
    if len(pair) == 2 and named(outcome.setting, outcome) in HIDDEN and pair not in HIDES:
        yield "no code of a fault that is on is named"


def _within_budget(outcome: Outcome) -> Iterator[str]:
    setting = outcome.setting
    most = Probing(setting.probes).most
    if not setting.faults and setting.probes == "auto":
        most = MOST_PROBES_OF_HEALTHY
    if outcome.probes > most + (OVERSHOOT if setting.faults and most else 0):
        yield f"{outcome.probes} requests for probes, of at most {most}"


def named(setting: Setting, outcome: Outcome) -> str:
    """Say how many of a pair are known by a code of theirs."""
    codes = [leads_to(setting.contract, fault) for fault in setting.faults]
    told = sum(bool(of & outcome.codes.keys()) for of in codes)
    there = sum(map(bool, codes))
    if not there:
        return "neither leads to a code"
    if there == 1:
        return "one leads to a code, and is named" if told else HIDDEN[0]
    return (HIDDEN[1], "the first break is named, and hides the other", "both are named")[told]


def unneeded(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return the exceptions of the plan that no outcome needs any more."""
    pairs: defaultdict[tuple[str, ...], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.setting.agents != A_FEW[0]:
            pairs[tuple(map(name_of, one.setting.faults))].append(one)
    also = [
        f"{code} beside {' and '.join(faults)} on {contract}"
        for (contract, *faults), codes in ALSO.items()
        for code in codes
        if not any(_needs(one, contract, faults, code) for one in outcomes)
    ]
    ends = [pair for pair in GIVES_WAY if all(one.exit in ENDS for one in pairs.get(pair, ()))]
    hides = [pair for pair in HIDES if all(named(one.setting, one) not in HIDDEN for one in pairs.get(pair, ()))]
    return (*also, *(" and ".join(pair) for pair in (*ends, *hides)))


def _needs(outcome: Outcome, contract: str, faults: Sequence[str], code: str) -> bool:
    setting = outcome.setting
    on = {name_of(fault) for fault in setting.faults}
    told = code in outcome.serious and code not in leads_to(contract, *on)
    return told and setting.contract == contract and on >= set(faults)
