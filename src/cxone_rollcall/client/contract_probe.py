"""Finds out whether a host supports a contract. One path is requested, without credentials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from cxone_rollcall.contracts.incontact.discovery import issuer_request
from cxone_rollcall.contracts.protocol import Answered
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.struct import Value, replace

SUPPORTED = frozenset({HTTPStatus.OK, HTTPStatus.UNAUTHORIZED})
"""Statuses that show the contract to a request without credentials. Other servers do not return them."""
NO_CONTRACTS_PATH = "/no-such-path-of-any-contract"


class ContractProbe(Value, frozen=True):
    """Whether the contract is supported, and the exchange that shows it. `status` is None without a response."""

    supported: bool
    exchange: int
    status: int | None


async def probe_contract(status_of: Callable[[Request], Awaitable[Answered[int]]], request: Request) -> ContractProbe:
    """Send `request`, a path of the contract. A host that answers 401 at any path supports nothing by that."""
    try:
        answered = await status_of(request)
    except RequestFailed as failed:
        return ContractProbe(supported=False, exchange=failed.failure.exchange, status=None)
    supported = answered.value in SUPPORTED
    if answered.value == HTTPStatus.UNAUTHORIZED:
        supported = not await _is_401_everywhere(status_of, request)
    return ContractProbe(supported=supported, exchange=answered.exchange, status=answered.value)


def discovery_request(host: str) -> Request:
    """What a discovery asks a host first. "" is the instance."""
    return issuer_request(f"https://{host}" if host else "")


async def _is_401_everywhere(status_of: Callable[[Request], Awaitable[Answered[int]]], request: Request) -> bool:
    """Whether a path that no contract has gets 401, too. True if there is no response."""
    control = replace(request, target=NO_CONTRACTS_PATH, purpose="does this host return 401 for any path?")
    try:
        return (await status_of(control)).value == HTTPStatus.UNAUTHORIZED
    except RequestFailed as failed:
        return failed.failure.kind is not FailureKind.NOT_THE_API  # a page is another answer than 401
