"""Is the roster served under another API version? Asked if the pinned version returns 404."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.base import Failures, Observation, Observations, TenantAsked
from cxone_rollcall.model.observations.probes import NeighbourVersionsAsked
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.probes.json_search import asks_details
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.probes.probe import BudgetedClient

PATH = "agents"
NEAREST, MOST_ASKED = 4, 10
NOT_FOUND = 404


def _pinned(seen: Observations) -> str | None:
    tenant = seen.get(TenantAsked)
    return tenant.pinned_version if tenant is not None else None


def _not_needed(seen: Observations, _roll: Roll) -> str:
    if not _pinned(seen):
        return "no API version is pinned"
    if asks_details(seen):
        return "the paths of this contract have no versions"
    failures = seen.get(Failures)
    missing = failures is not None and any(
        failure.kind is FailureKind.NOT_FOUND and failure.stage is Stage.ROSTER for failure in failures.items
    )
    return "" if missing else "the pinned API version serves the roster"


def neighbours(pinned: str, versions: Sequence[str]) -> tuple[str, ...]:
    """Other versions to ask: the nearest first, then a sample of the rest."""

    def distance(version: str) -> float:
        try:
            return abs(_number(version) - _number(pinned))
        except ValueError:
            return float("inf")

    others = [version for version in versions if _plain(version) != _plain(pinned)]
    nearest = sorted(others, key=distance)[:NEAREST]
    rest = [version for version in others if version not in nearest]
    step = max(1, -(-len(rest) // (MOST_ASKED - len(nearest))))
    return (*nearest, *rest[::step])


def _plain(version: str) -> str:
    return version.casefold().removeprefix("v").removesuffix(".0")


def _number(version: str) -> int:
    return int(_plain(version))


async def _ask(api: BudgetedClient, seen: Observations, _roll: Roll) -> Observation:
    pinned = _pinned(seen) or ""
    asked: list[str] = []
    exchange = 0
    lost: RequestFailed | None = None
    for version in neighbours(pinned, api.incontact.contract.api_versions):
        if asked and not api.left:
            break
        try:
            answered = await api.roster_status(version)
        except RequestFailed as failed:
            lost = failed
            continue
        asked.append(version)
        exchange = answered.exchange
        if answered.value != NOT_FOUND:
            return NeighbourVersionsAsked(
                path=PATH,
                pinned=pinned,
                exchange=exchange,
                asked=tuple(asked),
                served=version,
                status=answered.value,
            )
    if lost is not None and not asked:
        raise lost
    return NeighbourVersionsAsked(path=PATH, pinned=pinned, exchange=exchange, asked=tuple(asked))


NEIGHBOUR_VERSIONS = Probe(gives=NeighbourVersionsAsked, cost=MOST_ASKED, not_needed=_not_needed, ask=_ask)
