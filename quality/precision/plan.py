"""What is run: healthy tenants, every fault alone, and all pairs of faults; and which codes each may lead to."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from cxone_rollcall.emulator import FAULTS
from quality.common.expected_codes import incontact, v2
from quality.common.judge import LEFT_OVER
from quality.common.run_command import Setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from quality.common.expected_codes.case import Case

CONTRACTS = ("v2", "incontact")
HEALTHY = (0, 1, 7, 120, 3000)
CASES: dict[str, tuple[Case, ...]] = {"v2": v2.CASES, "incontact": incontact.CASES}
NO_FAULT: dict[str, tuple[str, ...]] = {
    "v2": (*v2.ODD, *v2.SPARED),
    "incontact": (*incontact.ODD, *incontact.ELSEWHERE),
}
"""Faults that lead to no code on a contract, with their arguments."""

SLOW = {
    "hang": "each request waits for its limit, on every try",
    "slow-drip": "each answer takes longer than the limit of a request, on every try",
}
"""Faults that are looked at alone, and not in pairs: each of those runs takes many seconds."""

WAITED_FOR = ("latency", "rate-limit", "rate-limit-forever")
A_FEW = (7, 3)
"""The small tenant, its agents and its seed; what holds of every account must hold there too."""

IN_PAIRS = {"no-content": "no-content=when=always"}
"""Faults that strike this tenant with other arguments than by default: those that they meet others with."""

ALSO: dict[tuple[str, ...], dict[str, str]] = {
    ("v2", "reset-some"): {
        "RC102": "where one request asks for everybody, it cannot be told from all requests for states being reset"
    },
    ("v2", "token-plain", "forbidden"): {"RC301": "the token does not say its scopes: a missing one is suspected"},
    ("v2", "own-user-only", "ids-ignored"): {"RC605": "only one agent may be seen, and nobody has a row"},
    ("incontact", "no-user", "token-plain"): {"RC301": "the token does not say that nobody is behind it"},
    ("incontact", "token-plain", "own-user-only"): {"RC304": "the token does not say who its own agent is"},
    ("incontact", "team-hidden"): {
        "RC302": "an agent of the team is refused when asked for alone; that it is the team shows only where every "
        "other agent has a row"
    },
    ("incontact", "skip-ignored"): {"RC503": "each page is the first one again, so that agents come twice"},
    ("incontact", "login-race"): {"RC606": "who has just logged in and has no row yet is seen by the open login"},
    ("incontact", "seen-elsewhere"): {"RC902": "without probes nothing explains the absence, and that is said"},
}
"""Codes that faults may lead to beside their own, alone or together, each with the reason; the contract first."""

GIVES_WAY: dict[tuple[str, str], str] = {
    ("reset-some", "scope-missing"): "the request that is struck has no answer of its own, so that RC301 explains the "
    "others only",
    ("server-error-some", "scope-missing"): "the same: RC105 explains those who were struck",
    ("server-error-some", "forbidden"): "the same: RC105 explains those who were struck",
    ("foreign-tenant", "token-plain"): "the token says nothing of its tenant",
    ("scope-missing", "roster-empty"): "nobody is on the roster, so that nobody's states are refused",
    ("forbidden", "roster-empty"): "nobody is on the roster, so that nobody's states are refused",
    ("scope-missing", "rate-limit-forever"): "429 comes before the refusal, on every try",
    ("forbidden", "rate-limit-forever"): "429 comes before the refusal, on every try",
    ("token-plain", "own-user-only"): "the token does not say who its own agent is",
    ("own-user-only", "roster-empty"): "the roster is empty: not even the token's own agent is on it",
}
"""Pairs of which one fault alone ends the run (exit 4 or 5) and both together do not, each with the reason."""

HIDES: dict[tuple[str, str], str] = {
    ("reset-some", "team-hidden"): "one request asks for everybody, and is reset: RC102 says so",
    ("foreign-tenant", "token-plain"): "the token says nothing of its tenant",
    ("no-user", "token-plain"): "the token does not say that nobody is behind it: RC301 is suspected",
    ("token-plain", "forbidden"): "the token does not say its scopes: RC301 is suspected",
    ("token-plain", "own-user-only"): "the token does not say who its own agent is",
    ("team-hidden", "hostile-names"): "the names of the teams are spoilt, so that no team can be told",
    (
        "team-hidden",
        "seen-elsewhere",
    ): "others have no row either, so that no team can be told (RC302)",
    ("batch-cut", "next-link-loops"): "the links are not followed, and what is read by rows received is not cut",
    ("skip-ignored", "no-total"): "the list is not counted; that it moved is said (RC503)",
    ("roster-short", "no-total"): "the list is not counted, so that nothing is missing",
    ("unasked-row", "seen-elsewhere"): "the list is not whole, so that nobody is absent, and nobody is looked for",
}
"""Pairs of which no code is named though one alone leads to one, each with the reason."""

OF_FEW = {
    0: {"RC501": "a tenant of nobody cannot be told from a roster that is kept from us"},
    1: {"RC605": "where the only agent is not logged in, nothing vouches for that"},
}
"""Codes that are suspected in healthy tenants of so many agents, each with the reason."""

ENDS = (4, 5)


def healthy() -> Iterator[Setting]:
    """Yield tenants without a fault, of each size on each contract."""
    for contract in CONTRACTS:
        for agents in HEALTHY:
            yield Setting(contract=contract, agents=agents)


def singles() -> Iterator[Setting]:
    """Yield every fault of every contract alone: by default, and with the arguments that the tests' tables have."""
    for contract in CONTRACTS:
        known = {one.fault: (one.agents, one.seed) for one in CASES[contract]}
        for fault in dict.fromkeys((*striking(contract), *known, *NO_FAULT[contract])):
            agents, seed = known.get(fault, (120, 1))
            yield Setting(contract=contract, faults=(fault,), agents=agents, seed=seed)


def otherwise() -> Iterator[Setting]:
    """Yield the same faults alone, with no probe and with all of them."""
    for probes in ("off", "deep"):
        for setting in (*healthy(), *singles()):
            if name_of(setting.faults[0] if setting.faults else "") not in SLOW:
                yield replace(setting, probes=probes)


def pairs() -> Iterator[Setting]:
    """Yield all pairs of faults that can meet: both strike the contract, and neither is slow."""
    for contract in CONTRACTS:
        quick = [IN_PAIRS.get(name, name) for name in striking(contract) if name not in SLOW]
        for one, other in combinations(quick, 2):
            yield Setting(contract=contract, faults=(one, other))


def few() -> Iterator[Setting]:
    """Yield the same pairs in a tenant of a few agents, but for those that make each of these short runs long."""
    for setting in pairs():
        if not any(name_of(fault) in WAITED_FOR for fault in setting.faults):
            yield replace(setting, agents=A_FEW[0], seed=A_FEW[1])


def striking(contract: str) -> tuple[str, ...]:
    """Return the names of the faults that strike a contract, in the order of the road."""
    return tuple(fault.name for fault in FAULTS if contract in fault.contracts)


def leads_to(contract: str, *faults: str) -> set[str]:
    """Return the codes by which faults are known on a contract, however sure; none for what is odd and no fault."""
    names, none = {name_of(fault) for fault in faults}, {name_of(fault) for fault in NO_FAULT[contract]}
    codes = {code for fault in FAULTS if fault.name in names - none for code in fault.codes}
    return codes | {one.code for one in CASES[contract] if one.name in names}


def allowed(contract: str, faults: Iterable[str]) -> set[str]:
    """Return the codes that may be named above NOTE where these faults are on."""
    names = {name_of(fault) for fault in faults}
    beside = {code for one in CASES[contract] if one.name in names for code in one.beside}
    also = {code for (where, *of), codes in ALSO.items() if where == contract and names >= set(of) for code in codes}
    return leads_to(contract, *names) | beside | also | LEFT_OVER.keys()


def case_of(contract: str, fault: str) -> Case | None:
    """Return what a fault with these very arguments is expected to lead to, None where no table says it."""
    return next((one for one in CASES[contract] if one.fault == fault), None)


def ends_the_run(contract: str, fault: str) -> bool:
    """Tell whether a fault alone ends the run: nobody is reached, or nobody is let in."""
    case = case_of(contract, fault)
    return case is not None and case.exit in ENDS


def name_of(fault: str) -> str:
    """Return a fault's name, without its arguments."""
    return fault.partition("=")[0]
