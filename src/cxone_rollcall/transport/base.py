"""The interface of transports: a request in, its response or a fault out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cxone_rollcall.model.exchange import Request, Response
    from cxone_rollcall.model.failure import FailureKind


class TransportFault(Exception):
    """No complete answer: the kind of fault, what was seen, and the proxy (host:port) in between, "" without one."""

    def __init__(self, kind: FailureKind, detail: str, *, proxy: str = "") -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.proxy = proxy


class Transport(Protocol):
    """Sends one request and returns its complete answer, with any status, or raises `TransportFault`."""

    async def send(self, request: Request) -> Response:
        """Send once, without retry or pause."""
