"""The seam between what is asked and how it travels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cxone_rollcall.model.exchange import Request, Response
    from cxone_rollcall.model.failure import FailureKind


class TransportFault(Exception):
    """No whole answer came: what kind of fault, what was seen, and the proxy (host:port) that stood between, if any."""

    def __init__(self, kind: FailureKind, detail: str, *, proxy: str = "") -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.proxy = proxy


class Transport(Protocol):
    """Sends one request and returns its whole answer, whatever its status; raises `TransportFault` otherwise."""

    async def send(self, request: Request) -> Response:
        """Send once: no retry, no pause, no judgement."""
