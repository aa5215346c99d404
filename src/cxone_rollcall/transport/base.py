"""The interface of transports: a request in, a response or fault out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

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


class GuardedTransport:
    """A transport that asks before each request. `may_send` prevents it by raising."""

    def __init__(self, transport: Transport, may_send: Callable[[], None]) -> None:
        self._transport = transport
        self._may_send = may_send

    async def send(self, request: Request) -> Response:
        """Send once, unless that is prevented."""
        self._may_send()
        return await self._transport.send(request)
