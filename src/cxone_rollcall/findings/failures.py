"""What failed requests mean for a finding: the evidence, and the agents left without an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cxone_rollcall.findings.case import Case
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import Failure, FailureKind, Stage

MOST_EVIDENCE = 3
_STAGES = {Stage.TOKEN: "the token", Stage.ROSTER: "the roster", Stage.STATES: "the states", Stage.PROBE: "a probe"}


def from_failures(case: Case, failures: Sequence[Failure], *more: Evidence) -> dict[str, Any]:
    """The fields of a finding that failures give: evidence (and `more` of it), explains, explains_all."""
    return {
        "evidence": (*evidence_of(failures), *more),
        "explains": agents_hit(failures),
        "explains_all": hits_everyone(case, failures),
    }


def agents_hit(failures: Iterable[Failure]) -> tuple[str, ...]:
    """The agents whose states the failed requests asked for, each once."""
    return tuple(dict.fromkeys(agent for failure in failures for agent in failure.agents))


def hits_everyone(case: Case, failures: Iterable[Failure]) -> bool:
    """Whether the failures leave no agent with an answer: all states failed, or the run stopped before the states."""
    failures = tuple(failures)
    if len(case.roll):
        agents = set(agents_hit(failures))
        return all(entry.agent.agent_id in agents for entry in case.roll.entries)
    return any(failure.stage in (Stage.TOKEN, Stage.ROSTER) for failure in failures)


def stages_of(failures: Iterable[Failure]) -> str:
    """What failed, in words: "the token", "the roster and the states"."""
    return " and ".join(dict.fromkeys(_STAGES[failure.stage] for failure in failures))


def evidence_of(failures: Iterable[Failure]) -> tuple[Evidence, ...]:
    """The first failures as evidence: the last try of each, and its status or fault."""
    return tuple(
        Evidence(
            f"{failure.purpose}: no usable response on {_tries(failure.tries)}",
            failure.exchange,
            "status" if failure.status else "connection",
            _seen(failure),
        )
        for failure in tuple(failures)[:MOST_EVIDENCE]
    )


def _tries(tries: int) -> str:
    return "its one try" if tries == 1 else f"any of {tries} tries"


def _seen(failure: Failure) -> str:
    words = failure.detail or str(failure.kind)
    code = f" {failure.error}" if failure.error and failure.error not in words else ""
    return f"{failure.status}{code}: {words}" if failure.status else words


def of_kind(failures: Iterable[Failure], *kinds: FailureKind) -> tuple[Failure, ...]:
    """The failures of these kinds."""
    return tuple(failure for failure in failures if failure.kind in kinds)
