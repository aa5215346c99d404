"""Failed requests as evidence, and the agents they leave unanswered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cxone_rollcall.findings.case import Case
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.base import TenantAsked

MOST_EVIDENCE = 3
STAGES = {
    Stage.DISCOVERY: "the discovery",
    Stage.TOKEN: "the token",
    Stage.ROSTER: "the roster",
    Stage.STATES: "the states",
    Stage.PROBE: "a probe",
}
"""What the requests of a stage ask for, in words."""
FOR_A_TOKEN = frozenset({Stage.DISCOVERY, Stage.TOKEN})
"""The stages of a run before a token is granted."""
BEFORE_THE_API = frozenset({403, 407, 451})
"""Statuses of a proxy, an edge or an allow list. An OAuth error beside one is the token endpoint's."""
NETWORK_FIX = (
    "check what stands between: HTTPS_PROXY, a VPN, or an allow list of addresses at the tenant, to which this"
    " machine's public address may have to be added"
)
"""How to fix a refusal that is probably not the API's own."""


def hosts_fix(tenant: TenantAsked) -> str:
    """How to fix hosts of a tenant that discovery did not find."""
    area = "CXONE_INSTANCE to the host of your area, such as https://na1.nice-incontact.com"
    return f"check CXONE_TENANT_ID, or set {area}" if tenant.tenant_id else f"set CXONE_TENANT_ID, or {area}"


def from_failures(case: Case, failures: Sequence[Failure], *more: Evidence) -> dict[str, Any]:
    """A finding's fields that follow from failures.

    They are `evidence` (and `more` of it), `explains` and `explains_all`.
    """
    return {
        "evidence": (*evidence_of(failures), *more),
        "explains": agents_hit(failures),
        "explains_all": hits_everyone(case, failures),
    }


def agents_hit(failures: Iterable[Failure]) -> tuple[str, ...]:
    """The agents whose states the failed requests asked for, each once."""
    return tuple(dict.fromkeys(agent for failure in failures for agent in failure.agents))


def hits_everyone(case: Case, failures: Iterable[Failure]) -> bool:
    """Whether the failures leave no agent with an answer. All states failed, or the run stopped before the states."""
    failures = tuple(failures)
    if len(case.roll):
        agents = set(agents_hit(failures))
        return all(entry.agent.agent_id in agents for entry in case.roll.entries)
    return any(failure.stage in FOR_A_TOKEN or failure.stage is Stage.ROSTER for failure in failures)


UNREADABLE = (FailureKind.DAMAGED, FailureKind.TOO_MUCH)
"""Kinds of a body that came and was of no use."""


def stages_of(failures: Iterable[Failure]) -> str:
    """What failed, in words: "the token", "the roster and the states".

    An option is named if all requests of its stage were sent for it: "the states with --state Busy".
    """
    options: dict[Stage, set[str]] = {}
    for failure in failures:
        options.setdefault(failure.stage, set()).add(failure.option)
    return " and ".join(_with_option(STAGES[stage], beside) for stage, beside in options.items())


def _with_option(asked: str, options: set[str]) -> str:
    (option,) = options if len(options) == 1 else ("",)
    return f"{asked} with {option}" if option else asked


def evidence_of(failures: Iterable[Failure]) -> tuple[Evidence, ...]:
    """The first failures as evidence. The last try of each, and its status or fault."""
    return tuple(
        Evidence(
            f"{failure.purpose}: no usable response on {_tries(failure.tries)}",
            failure.exchange,
            _place(failure),
            _seen(failure),
        )
        for failure in tuple(failures)[:MOST_EVIDENCE]
    )


def _place(failure: Failure) -> str:
    """Where the fault shows: in the status, the body or the connection."""
    if failure.status:
        return "status"
    return "body" if failure.kind in UNREADABLE else "connection"


def _tries(tries: int) -> str:
    return "its one try" if tries == 1 else f"any of {tries} tries"


def _seen(failure: Failure) -> str:
    words = failure.detail or str(failure.kind)
    code = f" {failure.error}" if failure.error and failure.error not in words else ""
    return f"{failure.status}{code}: {words}" if failure.status else words


def of_kind(failures: Iterable[Failure], *kinds: FailureKind) -> tuple[Failure, ...]:
    """The failures of these kinds, after all their tries. RC512 has those of a run that was cut short before."""
    return tuple(failure for failure in failures if failure.kind in kinds and not failure.cut_short)
