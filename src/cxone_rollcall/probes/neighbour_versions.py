"""Is the roster served in another API version than the one that the settings pin? Asked where that one is 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.base import Failures, Observation, TenantAsked
from cxone_rollcall.model.observations.probes import NeighbourVersionsAsked
from cxone_rollcall.probes.json_search import asks_details
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes.probe import Questions, Seen

PATH = "agents"
NEAREST, MOST_ASKED = 4, 10
NOT_FOUND = 404


def _pinned(seen: Seen) -> str | None:
    tenant = seen.get(TenantAsked)
    return tenant.pinned_version if isinstance(tenant, TenantAsked) else None


def _pointless(seen: Seen, _roll: Roll) -> str:
    if not _pinned(seen):
        return "no API version is pinned"
    if asks_details(seen):
        return "the paths of this contract have no versions"
    failures = seen.get(Failures)
    missing = isinstance(failures, Failures) and any(
        failure.kind is FailureKind.NOT_FOUND and failure.stage is Stage.ROSTER for failure in failures.items
    )
    return "" if missing else "the roster is there in the pinned API version"


def neighbours(pinned: str, versions: Sequence[str]) -> tuple[str, ...]:
    """Return other versions to ask: the nearest ones, then some spread over the rest, the newest first."""

    def far(version: str) -> float:
        try:
            return abs(_number(version) - _number(pinned))
        except ValueError:
            return float("inf")

    others = [version for version in versions if _spelt(version) != _spelt(pinned)]
    nearest = sorted(others, key=far)[:NEAREST]
    rest = [version for version in others if version not in nearest]
    step = max(1, -(-len(rest) // (MOST_ASKED - len(nearest))))
    return (*nearest, *rest[::step])


def _spelt(version: str) -> str:
    return version.casefold().removeprefix("v").removesuffix(".0")


def _number(version: str) -> int:
    return int(_spelt(version))


async def _ask(questions: Questions, seen: Seen, _roll: Roll) -> Observation:
    pinned = _pinned(seen) or ""
    asked: list[str] = []
    exchange = 0
    lost: RequestFailed | None = None
    for version in neighbours(pinned, questions.contract.api_versions):
        if asked and not questions.left:
            break
        try:
            answered = await questions.roster_status(version)
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


NEIGHBOUR_VERSIONS = Probe(gives=NeighbourVersionsAsked, cost=MOST_ASKED, pointless=_pointless, ask=_ask)
