"""The page of the precision, as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from quality.common.judge import KEEPS_ROWS_BACK, LEFT_OVER, STALE
from quality.common.markdown import section, table
from quality.precision.expected import named
from quality.precision.plan import ALSO, CONTRACTS, GIVES_WAY, HIDES, IN_PAIRS, OF_FEW, SLOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from quality.precision.outcome import Outcome

HEAD = """\
# Precision

Written by `python3 dev.py precision`; do not edit.

Each row is a run of `rollcall check` over a socket against an emulated tenant of 120 agents, seed 1, where nothing else
is said, and is judged against what is true of each agent there. The same is shown by
`rollcall check --demo --contract CONTRACT --fault FAULT`. The pauses between the tries of a request are shortened, none
is left out. What must hold of every run: the account balances; nobody who is logged in is called logged out, or
absent without a finding that says why; nothing is PROVEN that no fault which is on leads to; the findings are in
the order of the road, and the first one is of a fault that is on; what ends the run alone (exit 4 or 5) ends it beside
another fault, too. Codes that a healthy tenant has as well (RC601 to RC603) are left out of the tables.
"""


def page(
    healthy: Sequence[Outcome],
    singles: Sequence[Outcome],
    otherwise: Sequence[Outcome],
    pairs: Sequence[Outcome],
    few: Sequence[Outcome],
    *,
    machine: Mapping[str, str],
) -> str:
    """Return the whole page."""
    everything = (*healthy, *singles, *otherwise, *pairs, *few)
    parts = [
        HEAD,
        *section("In short", _in_short(everything, healthy, singles, otherwise, pairs, few)),
        *section("Healthy tenants", table(("contract", "agents", *_COLUMNS), map(_healthy, healthy))),
    ]
    for contract in CONTRACTS:
        of = [outcome for outcome in singles if outcome.setting.contract == contract]
        parts += section(f"Every fault: {contract}", table(("fault", *_COLUMNS), map(_single, of)))
    parts += section("All pairs", table(("contract", "what became of them", "pairs"), _pairs(pairs)))
    parts += section("Exceptions, by name", table(("what", "which", "why"), _exceptions()))
    parts += section("What is wrong", _wrong(everything))
    parts += section("Machine and versions", table(("what", "is"), machine.items()))
    return "\n".join(parts)


_COLUMNS = ("codes", "exit", "requests", "of them probes")


def _in_short(
    everything: Sequence[Outcome],
    healthy: Sequence[Outcome],
    singles: Sequence[Outcome],
    otherwise: Sequence[Outcome],
    pairs: Sequence[Outcome],
    few: Sequence[Outcome],
) -> Iterator[str]:
    probes = max((outcome.probes for outcome in healthy), default=0)
    figures = {
        "runs": len(everything),
        "healthy tenants": len(healthy),
        "faults alone, each with the arguments that the tests know": len(singles),
        "all of these without any probe, and with `--probes deep`": len(otherwise),
        "pairs of faults": len(pairs),
        "the same in a tenant of 7 agents, but for those that are waited for": len(few),
        "wrong PROVEN": sum(bool(outcome.proven) for outcome in everything),
        "accounts that do not balance, or slander somebody": sum(bool(outcome.wrong) for outcome in everything),
        "other codes, strengths, exits or costs than there should be": sum(bool(one.otherwise) for one in everything),
        "requests for probes that a healthy tenant takes, at most": probes,
    }
    return table(("what", "how many"), ((what, str(count)) for what, count in figures.items()))


def _healthy(outcome: Outcome) -> Sequence[str]:
    return (outcome.setting.contract, f"{outcome.setting.agents:,}", *_columns(outcome))


def _single(outcome: Outcome) -> Sequence[str]:
    setting = outcome.setting
    usual = (setting.agents, setting.seed) == (120, 1)
    where = "" if usual else f" ({setting.agents} agents, seed {setting.seed})"
    return (f"`{setting.faults[0]}`{where}", *_columns(outcome))


def _columns(outcome: Outcome) -> Sequence[str]:
    codes = ", ".join(f"{code} {strength}" for code, strength in sorted(outcome.codes.items()))
    return codes or "none", str(outcome.exit), str(outcome.sent), str(outcome.probes)


def _pairs(pairs: Sequence[Outcome]) -> Iterator[Sequence[str]]:
    for contract in CONTRACTS:
        of = [outcome for outcome in pairs if outcome.setting.contract == contract]
        for what, count in sorted(Counter(named(one.setting, one) for one in of).items()):
            yield contract, what, str(count)
        yield contract, "all", str(len(of))
        yield contract, "with a wrong PROVEN", str(sum(bool(one.proven) for one in of))
        yield contract, "with somebody slandered, or no balance", str(sum(bool(one.wrong) for one in of))


def _exceptions() -> Iterator[Sequence[str]]:
    for fault, why in SLOW.items():
        yield "not in pairs", f"`{fault}`", why
    for fault, arguments in IN_PAIRS.items():
        yield "in pairs", f"`{arguments}`", f"with its default arguments {fault} does not strike this tenant"
    for agents, codes in OF_FEW.items():
        for code, why in codes.items():
            yield f"{code} too", f"a healthy tenant of {agents}", why
    for (contract, *faults), codes in ALSO.items():
        for code, why in codes.items():
            yield f"{code} too", f"{' and '.join(f'`{fault}`' for fault in faults)} on {contract}", why
    for code, why in LEFT_OVER.items():
        yield f"{code} too", "any fault", why
    for (one, other), why in GIVES_WAY.items():
        yield "does not end the run", f"`{one}` and `{other}`", why
    for (one, other), why in HIDES.items():
        yield "no code is named", f"`{one}` and `{other}`", why
    for fault, why in KEEPS_ROWS_BACK.items():
        yield "absent, with a finding", f"`{fault}`", why
    for fault, why in STALE.items():
        yield "states of then", f"`{fault}`", why


def _wrong(everything: Iterable[Outcome]) -> Iterator[str]:
    found = [one for one in everything if one.wrong or one.proven or one.otherwise]
    if not found:
        yield "Nothing."
        return
    rows = (
        (
            f"`{one.setting.command}`",
            "; ".join((*(f"{code} is PROVEN" for code in one.proven), *one.wrong, *one.otherwise)),
        )
        for one in found
    )
    yield from table(("command", "what is wrong"), rows)
