"""Compares an outcome with what its faults should lead to. That is code, order and budget."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from cxone_rollcall.diagnose import Probing
from quality.common.run_command import Setting
from quality.precision.outcome import Outcome
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

HIDDEN = ("one has a code, but the other hides it", "neither is reported")
MOST_PROBES_OF_HEALTHY = 2
OVERSHOOT = 3
"""Requests by which retries may exceed the budget of the probes."""


def against_expectation(outcome: Outcome) -> tuple[str, ...]:
    """Return the deviations from what these faults and probes should lead to."""
    if len(outcome.setting.faults) == 2 and outcome.setting.agents == A_FEW[0]:
        return tuple(_within_budget(outcome))  # a few agents are too little evidence for many codes
    return (*_as_listed(outcome), *_in_order(outcome), *_hidden(outcome), *_within_budget(outcome))


def _as_listed(outcome: Outcome) -> Iterator[str]:
    """A single fault leads to its case's code, strength and exit code."""
    setting = outcome.setting
    if len(setting.faults) != 1 or setting.probes != "auto":
        return
    case = case_of(setting.contract, setting.faults[0])
    if case is None or (case.agents, case.seed) != (setting.agents, setting.seed):
        return
    if outcome.codes.get(case.code) != case.strength:
        yield f"{case.code} is {outcome.codes.get(case.code, 'not reported')}, not {case.strength}"
    if outcome.exit != case.exit:
        yield f"exit {outcome.exit}, not {case.exit}"


def _in_order(outcome: Outcome) -> Iterator[str]:
    """Each code belongs to a fault. A fault that ends the run also ends it beside another."""
    contract, faults = outcome.setting.contract, outcome.setting.faults
    few = OF_FEW.get(outcome.setting.agents, {}) if not faults else {}
    for code in outcome.serious:
        if code not in allowed(contract, faults) | few.keys():
            yield f"{code} is reported, but none of the faults leads to it"
    ending = any(ends_the_run(contract, fault) for fault in faults)
    excused = len(faults) > 1 and tuple(map(name_of, faults)) in GIVES_WAY
    if ending and outcome.exit not in ENDS and outcome.setting.probes == "auto" and not excused:
        yield f"exit {outcome.exit}, but one of the faults ends the run"


def _hidden(outcome: Outcome) -> Iterator[str]:
    """Of two faults with codes, at least one is reported."""
    pair = tuple(map(name_of, outcome.setting.faults))
    if len(pair) == 2 and named(outcome.setting, outcome) in HIDDEN and pair not in HIDES:
        yield "no code of these faults is reported"


def _within_budget(outcome: Outcome) -> Iterator[str]:
    setting = outcome.setting
    most = Probing(setting.probes).most
    if not setting.faults and setting.probes == "auto":
        most = MOST_PROBES_OF_HEALTHY
    if outcome.probes > most + (OVERSHOOT if setting.faults and most else 0):
        yield f"{outcome.probes} requests of probes, more than {most}"


def named(setting: Setting, outcome: Outcome) -> str:
    """Return which faults of a pair are reported, as a sentence."""
    codes = [leads_to(setting.contract, fault) for fault in setting.faults]
    reported = sum(bool(of & outcome.codes.keys()) for of in codes)
    there = sum(map(bool, codes))
    if not there:
        return "neither has a code"
    if there == 1:
        return "one has a code, and is reported" if reported else HIDDEN[0]
    return (HIDDEN[1], "the earlier one is reported and hides the other", "both are reported")[reported]


def unneeded(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return the exceptions of the plan that no outcome needs."""
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
    reported = code in outcome.serious and code not in leads_to(contract, *on)
    return reported and setting.contract == contract and on >= set(faults)
