"""Requests of other programs, read as their API prescribes. They are sent with their own token or with ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.protocol import Answered, RosterPage, StateRows
from cxone_rollcall.contracts.tokens import token_by_its_claims
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import Stage
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.token import Token

if TYPE_CHECKING:
    from cxone_rollcall.client.authorized_sender import AuthorizedSender
    from cxone_rollcall.client.sender import Sender
    from cxone_rollcall.client.server_clock import ServerClock

Rows = TypeVar("Rows", "RosterPage", "StateRows")

_CONTRACTS: dict[str, V2 | Incontact] = {"v2": V2(), "incontact": Incontact("")}


class ForeignApi:
    """Each call returns an `Answered` value or raises `RequestFailed`."""

    def __init__(self, sender: Sender, authorized: AuthorizedSender, server_clock: ServerClock) -> None:
        self._sender = sender
        self._authorized = authorized
        self._server_clock = server_clock

    def token(self, access_token: Secret) -> Token:
        """Another program's token, with what its claims say. The signature is not checked."""
        return token_by_its_claims(access_token, now=self._server_clock.now())

    async def roster(self, request: Request, contract: str, *, signed: bool) -> Answered[RosterPage]:
        """Request a page of agents. `contract` is the API of the path, `signed` adds our token."""
        return await self._send(request, _CONTRACTS[contract].read_roster, signed=signed)

    async def states(self, request: Request, contract: str, *, signed: bool) -> Answered[StateRows]:
        """Request states of agents. `contract` is the API of the path, `signed` adds our token."""
        return await self._send(request, _CONTRACTS[contract].read_states, signed=signed)

    async def _send(self, request: Request, read: Callable[[Response], Rows], *, signed: bool) -> Answered[Rows]:
        if signed:
            return await self._authorized.send_for_rows(request, Stage.PROBE, read)
        answered = await self._sender.send(request, Stage.PROBE, read)
        complaint = self._sender.quotable(answered.value.complaint)
        return replace(answered, value=replace(answered.value, complaint=complaint))
