"""The page of the precision campaign, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from quality.common.judge import KEEPS_ROWS_BACK, LEFT_OVER, STALE
from quality.common.markdown import section, table
from quality.precision.expected import named
from quality.precision.outcome import Outcome
from quality.precision.plan import ALSO, CONTRACTS, GIVES_WAY, HIDES, IN_PAIRS, OF_FEW, SLOW

HEAD = """\
# Precision

Written by `python3 dev.py precision`; do not edit.

Does the diagnosis name the right cause? Each row is a run of `rollcall check` over a socket against an emulated tenant
of 120 agents with seed 1, unless the row says otherwise. The emulator knows the true state of each agent, so each run
is compared with the truth. To see a run: `rollcall check --demo --contract CONTRACT --fault FAULT`. Waits between the
tries of a request are shortened; no try is left out.

These rules must hold for each run:

- The counts add up.
- No agent who is logged in is reported as logged out, or as absent without a finding that explains it.
- Only codes of the active faults are `PROVEN`.
- Findings are sorted by code, and the first one belongs to an active fault.
- A fault that ends the run alone (exit 4 or 5) also ends it beside another fault.

The tables omit the codes of healthy tenants (RC601 to RC603).
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
    parts += section("All pairs", table(("contract", "result", "pairs"), _pairs(pairs)))
    parts += section("Exceptions", table(("exception", "where", "reason"), _exceptions()))
    parts += section("Errors", _wrong(everything))
    parts += section("Machine and versions", table(("what", "value"), machine.items()))
    return "\n".join(parts)


_COLUMNS = ("codes", "exit", "requests", "probes")


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
        "single faults": len(singles),
        "healthy tenants and single faults, with `--probes off` and with `--probes deep`": len(otherwise),
        "pairs of faults": len(pairs),
        "pairs of faults in a tenant of 7 agents": len(few),
        "runs with a wrong PROVEN": sum(bool(outcome.proven) for outcome in everything),
        "runs with wrong counts or standings": sum(bool(outcome.wrong) for outcome in everything),
        "runs with another unexpected result": sum(bool(one.otherwise) for one in everything),
        "requests of probes in a healthy tenant, at most": probes,
    }
    return table(("what", "number"), ((what, str(count)) for what, count in figures.items()))


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
        yield contract, "with wrong counts or standings", str(sum(bool(one.wrong) for one in of))


def _exceptions() -> Iterator[Sequence[str]]:
    for fault, why in SLOW.items():
        yield "not in pairs", f"`{fault}`", why
    for fault, arguments in IN_PAIRS.items():
        yield "in pairs", f"`{arguments}`", f"with its default arguments {fault} has no effect on this tenant"
    for agents, codes in OF_FEW.items():
        for code, why in codes.items():
            yield f"also {code}", f"a healthy tenant of {agents}", why
    for (contract, *faults), codes in ALSO.items():
        for code, why in codes.items():
            yield f"also {code}", f"{' and '.join(f'`{fault}`' for fault in faults)} on {contract}", why
    for code, why in LEFT_OVER.items():
        yield f"also {code}", "any fault", why
    for (one, other), why in GIVES_WAY.items():
        yield "does not end the run", f"`{one}` and `{other}`", why
    for (one, other), why in HIDES.items():
        yield "no code is reported", f"`{one}` and `{other}`", why
    for fault, why in KEEPS_ROWS_BACK.items():
        yield "absent, with a finding", f"`{fault}`", why
    for fault, why in STALE.items():
        yield "old states", f"`{fault}`", why


def _wrong(everything: Iterable[Outcome]) -> Iterator[str]:
    found = [one for one in everything if one.wrong or one.proven or one.otherwise]
    if not found:
        yield "None."
        return
    rows = (
        (
            f"`{one.setting.command}`",
            "; ".join((*(f"{code} is PROVEN" for code in one.proven), *one.wrong, *one.otherwise)),
        )
        for one in found
    )
    yield from table(("command", "error"), rows)
