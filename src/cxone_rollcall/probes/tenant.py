"""Probes about the tenant: business unit, clock, API versions, contract."""

from __future__ import annotations

from collections.abc import Sequence

from cxone_rollcall.client import discovery_request, probe_contract
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import AnswersDated, TokenGranted
from cxone_rollcall.model.observations.base import Failures, Observation, Observations, TenantAsked
from cxone_rollcall.model.observations.probes import (
    BusinessUnitAsked,
    NeighbourVersionsAsked,
    OtherContractAsked,
    ServerTimeAsked,
)
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.probes.json_search import asks_details, rows, values
from cxone_rollcall.probes.probe import BudgetedClient, BudgetSpent, Probe

PATH = "agents"
NEAREST, MOST_ASKED = 4, 10
NOT_FOUND = 404
MOST_LISTED = 2
"""Versions asked because the server lists them. A list shows nothing by itself: the path does, in that version."""


def _failures(seen: Observations, kind: FailureKind) -> list[Failure]:
    failures = seen.get(Failures)
    return [one for one in failures.items if one.kind is kind] if failures is not None else []


# Which tenant does the token belong to? Asked if a tenant is pinned and the token names none.


def _business_unit_not_needed(seen: Observations, _roll: Roll) -> str:
    tenant, granted, failures = seen.get(TenantAsked), seen.get(TokenGranted), seen.get(Failures)
    if tenant is None or not tenant.tenant_id:
        return "no tenant is pinned"
    if granted is None:
        return TokenGranted.unseen
    if granted.tenant:
        return "the token names its tenant"
    if failures is not None and not failures.answered:
        return "no request had a response"
    return asks_details(seen)


async def _ask_business_unit(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    answered = await api.detail("business-unit")
    named = [(pointer, value) for pointer, value in values(answered.value, "tenantid") if value]
    if len({value.casefold() for _, value in named}) != 1:  # none or several: unclear which is the token's
        return BusinessUnitAsked(exchange=answered.exchange, tenant=None)
    pointer, tenant = named[0]
    return BusinessUnitAsked(exchange=answered.exchange, tenant=tenant, pointer=pointer)


BUSINESS_UNIT = Probe(gives=BusinessUnitAsked, cost=1, not_needed=_business_unit_not_needed, ask=_ask_business_unit)


# Does the server accept the token? Its time needs no permission: asked if `incontact` returned 401.


def _server_time_not_needed(seen: Observations, _roll: Roll) -> str:
    if all(one.stage is Stage.TOKEN for one in _failures(seen, FailureKind.UNAUTHORIZED)):
        return "no request returned 401"
    return asks_details(seen)


def _server_time_not_needed_deep(seen: Observations, roll: Roll) -> str:
    """Why not to request the server's time; "" if needed.

    Without `Date` headers it is needed, because it shows whether the clocks agree.
    """
    dated = seen.get(AnswersDated)
    undated = dated is not None and dated.ahead is None
    return asks_details(seen) if undated else _server_time_not_needed(seen, roll)


async def _ask_server_time(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    try:
        answered = await api.detail("server-time")
    except RequestFailed as failed:
        # Only a 401 from the API itself is about the token.
        if failed.failure.kind is not FailureKind.UNAUTHORIZED or failed.failure.stage is Stage.TOKEN:
            raise
        return ServerTimeAsked(exchange=failed.failure.exchange, status=failed.failure.status, accepted=False)
    ours = api.client.server_clock.ours()
    server_times = [
        when for _, value in values(answered.value, "servertime") if (when := parse_timestamp(value)) is not None
    ]
    return ServerTimeAsked(
        exchange=answered.exchange, status=200, accepted=True, ahead=server_times[0] - ours if server_times else None
    )


SERVER_TIME = Probe(
    gives=ServerTimeAsked,
    cost=1,
    not_needed=_server_time_not_needed,
    not_needed_deep=_server_time_not_needed_deep,
    ask=_ask_server_time,
)


# Is the roster served under another API version? Asked if the pinned version returns 404.


def _pinned(seen: Observations) -> str | None:
    tenant = seen.get(TenantAsked)
    return tenant.pinned_version if tenant is not None else None


def _neighbour_versions_not_needed(seen: Observations, _roll: Roll) -> str:
    if not _pinned(seen):
        return "no API version is pinned"
    if asks_details(seen):
        return "the paths of this contract have no versions"
    missing = any(one.stage is Stage.ROSTER for one in _failures(seen, FailureKind.NOT_FOUND))
    return "" if missing else "the pinned API version serves the roster"


def neighbours(pinned: str, versions: Sequence[str]) -> tuple[str, ...]:
    """Other versions to ask: the nearest first, then a sample."""
    others = [version for version in versions if _plain(version) != _plain(pinned)]
    nearest = sorted(others, key=lambda version: _distance(version, pinned))[:NEAREST]
    rest = [version for version in others if version not in nearest]
    step = max(1, -(-len(rest) // (MOST_ASKED - len(nearest))))
    return (*nearest, *rest[::step])


def listed(body: object, path: str, pinned: str, versions: Sequence[str]) -> tuple[str, ...]:
    """The versions that a list has for a path, the nearest first.

    At most `MOST_LISTED`. The members of the list are not published: a row is about the path if a text of it is, and
    has a version if a text of it is one.
    """
    found: set[str] = set()
    for _, row in rows(body):
        texts = [str(value).strip("/ ").casefold() for value in row.values()]
        if any(text == path or text.endswith(f"/{path}") for text in texts):
            found.update(map(_plain, texts))
    known = [version for version in versions if _plain(version) in found - {_plain(pinned)}]
    return tuple(sorted(known, key=lambda version: _distance(version, pinned))[:MOST_LISTED])


def _distance(version: str, pinned: str) -> float:
    try:
        return abs(int(_plain(version)) - int(_plain(pinned)))
    except ValueError:
        return float("inf")


def _plain(version: str) -> str:
    return version.casefold().removeprefix("v").removesuffix(".0")


async def _ask_neighbour_versions(api: BudgetedClient, seen: Observations, _roll: Roll) -> Observation:
    pinned = _pinned(seen) or ""
    asked: list[str] = []
    was_listed = False
    exchange, served, status = 0, None, None
    lost: RequestFailed | None = None
    versions = api.incontact.contract.api_versions
    waiting = list(neighbours(pinned, versions))
    while waiting:
        if asked and not api.left:
            break
        if len(asked) == NEAREST and not was_listed:
            was_listed = True
            first = await _listed_versions(api, pinned, without=asked)
            waiting = [*first, *(one for one in waiting if one not in first)]
            continue
        version = waiting.pop(0)
        try:
            answered = await api.roster_status(version)
        except RequestFailed as failed:
            lost = failed
            continue
        asked.append(version)
        exchange = answered.exchange
        if answered.value != NOT_FOUND:
            served, status = version, answered.value
            break
    if lost is not None and not asked:
        raise lost
    found = NeighbourVersionsAsked(
        path=PATH, pinned=pinned, exchange=exchange, asked=tuple(asked), served=served, status=status
    )
    return found if served is None else replace(found, repeated=await _are_so_again(api, served, found))


async def _listed_versions(api: BudgetedClient, pinned: str, *, without: Sequence[str]) -> tuple[str, ...]:
    """The versions to ask because the server lists them. () if it lists no others, or has no such list."""
    try:
        body = (await api.listed_versions(PATH)).value
    except RequestFailed:
        return ()
    others = [version for version in api.incontact.contract.api_versions if version not in without]
    return listed(body, PATH, pinned, others)


async def _are_so_again(api: BudgetedClient, served: str, found: NeighbourVersionsAsked) -> bool:
    """Whether the served version is unchanged, and the pinned one 404 twice. They are requested in this order.

    Two backends may answer alternately: each of them gets the pinned version.
    """
    try:
        again = (await api.roster_status(served)).value == found.status
        return again and [(await api.roster_status(found.pinned)).value for _ in range(2)] == [NOT_FOUND, NOT_FOUND]
    except (RequestFailed, BudgetSpent):
        return False


NEIGHBOUR_VERSIONS = Probe(
    gives=NeighbourVersionsAsked,
    cost=MOST_ASKED + MOST_LISTED + 4,
    not_needed=_neighbour_versions_not_needed,
    ask=_ask_neighbour_versions,
)


# Does this host serve the other contract? Asked if our path returned 404.


def _other_contract_not_needed(seen: Observations, _roll: Roll) -> str:
    return "" if _failures(seen, FailureKind.NOT_FOUND) else "no request returned 404"


async def _ask_other_contract(api: BudgetedClient, seen: Observations, _roll: Roll) -> Observation:
    (contract, request), *_ = api.client.contract.other_contracts()
    found = await probe_contract(api.status_of, request)
    clear = found.supported or found.status == NOT_FOUND
    ours = _ours(api, _failures(seen, FailureKind.NOT_FOUND)[0])
    return OtherContractAsked(
        contract=contract,
        target=request.target,
        exchange=found.exchange,
        status=found.status,
        answers=found.supported,
        repeated=clear and await _are_as_before(api, ours, request, found.status),
    )


def _ours(api: BudgetedClient, failure: Failure) -> Request:
    """The request that was 404, or one that must be, too. It needs no credentials."""
    if failure.stage is Stage.DISCOVERY:
        return discovery_request(failure.host)
    return api.client.api.contract.roster_request(1, 1)


async def _are_as_before(api: BudgetedClient, ours: Request, other: Request, status: int | None) -> bool:
    """Whether the other path is unchanged, and ours 404 twice.

    They are requested in this order, without credentials. Two backends may answer alternately: each of them gets ours.
    """
    try:
        again = (await api.status_of(other)).value == status
        return again and [(await api.status_of(ours)).value for _ in range(2)] == [NOT_FOUND, NOT_FOUND]
    except (RequestFailed, BudgetSpent):
        return False


OTHER_CONTRACT = Probe(gives=OtherContractAsked, cost=5, not_needed=_other_contract_not_needed, ask=_ask_other_contract)
