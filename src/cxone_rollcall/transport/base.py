"""The interface of transports: a request in, a response or fault out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cxone_rollcall.model.exchange import Request, Response
    from cxone_rollcall.model.failure import FailureKind


class TransportFault(Exception):
    """No complete response: the kind of fault and what was seen.

    `proxy` is the host:port in between, "" without one.
    """

    def __init__(self, kind: FailureKind, detail: str, *, proxy: str = "") -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.proxy = proxy


class Transport(Protocol):
    """Sends one request and returns its complete response, whatever its status. Raises `TransportFault`."""

    async def send(self, request: Request) -> Response:
        """Send once, without retry or pause."""
