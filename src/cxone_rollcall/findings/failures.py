"""How much of the answer a failed request takes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.model.failure import Failure

MOST_EVIDENCE = 3
_PURPOSE = {Stage.TOKEN: "the token", Stage.ROSTER: "the roster", Stage.STATES: "the states", Stage.PROBE: "a probe"}


def agents_hit(failures: Iterable[Failure]) -> tuple[str, ...]:
    """Return the agents whose states the failed requests asked for, each once."""
    return tuple(dict.fromkeys(agent for failure in failures for agent in failure.agents))


def hits_everyone(case: Case, failures: Iterable[Failure]) -> bool:
    """Tell whether the failures leave no agent with an answer: nobody was named, or everybody's state was struck."""
    failures = tuple(failures)
    if len(case.roll):
        agents = set(agents_hit(failures))
        return all(entry.agent.agent_id in agents for entry in case.roll.entries)
    return any(failure.stage in (Stage.TOKEN, Stage.ROSTER) for failure in failures)


def stages_of(failures: Iterable[Failure]) -> str:
    """Name what was asked in vain: "the token", "the roster and the states"."""
    places = dict.fromkeys(_PURPOSE[failure.stage] for failure in failures)
    return " and ".join(places)


def evidence_of(failures: Iterable[Failure]) -> tuple[Evidence, ...]:
    """Return the evidence of the first few failures: the last try of each, and what came instead of an answer."""
    return tuple(
        Evidence(
            f"{failure.purpose}: no usable answer on {_tries(failure.tries)}",
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
    """Return the failures of these kinds."""
    return tuple(failure for failure in failures if failure.kind in kinds)
