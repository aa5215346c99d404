"""The settings to run, and the codes that each may lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from cxone_rollcall.emulator import FAULTS
from quality.common.expected_codes import incontact, v2
from quality.common.expected_codes.case import Case
from quality.common.judge import LEFT_OVER
from quality.common.run_command import Setting

CONTRACTS = ("v2", "incontact")
HEALTHY = (0, 1, 7, 120, 3000)
CASES: dict[str, tuple[Case, ...]] = {"v2": v2.CASES, "incontact": incontact.CASES}
NO_FAULT: dict[str, tuple[str, ...]] = {
    "v2": (*v2.ODD, *v2.SPARED),
    "incontact": (*incontact.ODD, *incontact.ELSEWHERE),
}
"""Faults that lead to no code, by contract, with their arguments."""

SLOW = {
    "hang": "each try waits for the time limit",
    "slow-drip": "each response takes longer than the time limit, on each try",
}
"""Faults that run alone but not in pairs. Each run takes many seconds."""

WAITED_FOR = ("latency", "rate-limit", "rate-limit-forever")
A_FEW = (7, 3)
"""Agents and seed of the small tenant."""

IN_PAIRS = {"no-content": "no-content=when=always"}
"""The arguments, in pairs, of faults without effect by default."""

ALSO: dict[tuple[str, ...], dict[str, str]] = {
    ("v2", "reset-some"): {
        "RC102": "one request has all agents, so this looks like a reset of all requests for states"
    },
    ("v2", "token-plain", "forbidden"): {"RC301": "the token does not name its scopes, so a missing one is suspected"},
    ("v2", "own-user-only", "ids-ignored"): {"RC605": "only one agent is visible, and no agent has a row"},
    ("v2", "own-user-only", "two-backends"): {"RC605": "only one agent is visible, and no agent has a row"},
    ("v2", "answers-cached"): {"RC515": "a cache that answers with older rows looks as if rows came and went"},
    ("v2", "two-backends", "answers-cached"): {
        "RC403": "the cache repeats an empty response for each batch with one of its ids, so the id is suspected"
    },
    ("incontact", "no-user", "token-plain"): {"RC301": "the token does not show that it has no user"},
    ("incontact", "token-plain", "own-user-only"): {"RC304": "the token does not name its own agent"},
    ("incontact", "team-hidden"): {
        "RC302": "an agent of the team is refused when requested alone; the team shows only if all other agents "
        "have a row"
    },
    ("incontact", "skip-ignored"): {"RC504": "only the agents of the first page are named"},
    ("incontact", "seen-elsewhere"): {"RC902": "without probes nothing explains the absence, and the account says so"},
}
"""More codes of a contract's faults, each with the reason. The faults are alone or together."""

GIVES_WAY: dict[tuple[str, str], str] = {
    ("reset-some", "scope-missing"): "the reset request has no response, so RC301 explains only the others",
    ("server-error-some", "scope-missing"): "RC105 explains the agents of the failed requests",
    ("server-error-some", "forbidden"): "RC105 explains the agents of the failed requests",
    ("foreign-tenant", "token-plain"): "the token does not name its tenant",
    ("scope-missing", "roster-empty"): "the roster is empty, so no states are requested and refused",
    ("forbidden", "roster-empty"): "the roster is empty, so no states are requested and refused",
    ("scope-missing", "rate-limit-forever"): "each try gets 429 before the refusal",
    ("forbidden", "rate-limit-forever"): "each try gets 429 before the refusal",
    ("token-plain", "own-user-only"): "the token does not name its own agent",
    ("own-user-only", "roster-empty"): "the roster is empty; it lacks even the token's own agent",
}
"""Pairs that do not end the run though one fault alone does. It ends with exit 4 or 5; each has its reason."""

HIDES: dict[tuple[str, str], str] = {
    ("reset-some", "team-hidden"): "one request has all agents, and is reset: RC102",
    ("foreign-tenant", "token-plain"): "the token does not name its tenant",
    ("no-user", "token-plain"): "the token does not show that it has no user: RC301 is suspected",
    ("token-plain", "forbidden"): "the token does not name its scopes: RC301 is suspected",
    ("token-plain", "own-user-only"): "the token does not name its own agent",
    ("team-hidden", "hostile-names"): "team names are damaged, so no team is recognised",
    (
        "team-hidden",
        "seen-elsewhere",
    ): "agents of other teams have no row either (RC302)",
    (
        "batch-cut",
        "next-link-loops",
    ): "rollcall does not follow the links, and reading by rows received is not truncated",
    ("paging-ignored", "roster-shifts"): "the one page has all agents, in another order each time",
    ("roster-short", "no-total"): "the list has no total, so no agent is missing",
    ("unasked-row", "seen-elsewhere"): "the list is incomplete, so no agent is absent, and no probe runs",
}
"""Pairs without a code though one fault alone has one, with reasons."""

OF_FEW = {
    0: {"RC501": "an empty tenant looks like a roster that is hidden from us"},
    1: {
        "RC306": "if the only agent is the token's own, the account may see only itself",
        "RC605": "if the only agent is not logged in, no other agent confirms the response",
    },
}
"""Codes suspected in healthy tenants, by number of agents, with the reason."""

ENDS = (4, 5)


def healthy() -> Iterator[Setting]:
    """Yield healthy tenants of each size on each contract."""
    for contract in CONTRACTS:
        for agents in HEALTHY:
            yield Setting(contract=contract, agents=agents)


def singles() -> Iterator[Setting]:
    """Yield each fault alone, with its defaults and its cases' arguments."""
    for contract in CONTRACTS:
        known = {one.fault: (one.agents, one.seed) for one in CASES[contract]}
        for fault in dict.fromkeys((*faults_of(contract), *known, *NO_FAULT[contract])):
            agents, seed = known.get(fault, (120, 1))
            yield Setting(contract=contract, faults=(fault,), agents=agents, seed=seed)


def with_other_probes() -> Iterator[Setting]:
    """Yield healthy tenants and single faults, without probes and with all probes."""
    for probes in ("off", "deep"):
        for setting in (*healthy(), *singles()):
            if name_of(setting.faults[0] if setting.faults else "") not in SLOW:
                yield replace(setting, probes=probes)


def pairs() -> Iterator[Setting]:
    """Yield all pairs of faults on one contract, without slow ones."""
    for contract in CONTRACTS:
        quick = [IN_PAIRS.get(name, name) for name in faults_of(contract) if name not in SLOW]
        for one, other in combinations(quick, 2):
            yield Setting(contract=contract, faults=(one, other))


def pairs_of_few() -> Iterator[Setting]:
    """Yield the same pairs in a small tenant. Faults that make a short run long are left out."""
    for setting in pairs():
        if not any(name_of(fault) in WAITED_FOR for fault in setting.faults):
            yield replace(setting, agents=A_FEW[0], seed=A_FEW[1])


def faults_of(contract: str) -> tuple[str, ...]:
    """Return the names of a contract's faults, in the order of `FAULTS`."""
    return tuple(fault.name for fault in FAULTS if contract in fault.contracts)


def leads_to(contract: str, *faults: str) -> set[str]:
    """Return the codes of faults on a contract, at any strength."""
    names, none = {name_of(fault) for fault in faults}, {name_of(fault) for fault in NO_FAULT[contract]}
    codes = {code for fault in FAULTS if fault.name in names - none for code in fault.codes}
    return codes | {one.code for one in CASES[contract] if one.name in names}


def allowed(contract: str, faults: Iterable[str]) -> set[str]:
    """Return the codes above NOTE that these faults may lead to."""
    names = {name_of(fault) for fault in faults}
    beside = {code for one in CASES[contract] if one.name in names for code in one.beside}
    also = {code for (where, *of), codes in ALSO.items() if where == contract and names >= set(of) for code in codes}
    return leads_to(contract, *names) | beside | also | LEFT_OVER.keys()


def case_of(contract: str, fault: str) -> Case | None:
    """Return the case of a fault with exactly these arguments, or None."""
    return next((one for one in CASES[contract] if one.fault == fault), None)


def ends_the_run(contract: str, fault: str) -> bool:
    """Whether a fault alone ends the run with exit 4 or 5."""
    case = case_of(contract, fault)
    return case is not None and case.exit in ENDS


def name_of(fault: str) -> str:
    """Return a fault's name without its arguments."""
    return fault.partition("=")[0]
