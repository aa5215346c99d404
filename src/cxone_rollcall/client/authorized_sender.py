"""Sends requests with a token. A rejected token is renewed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from cxone_rollcall.client.bearer import MOST_RENEWALS, Bearer, TokenHistory
from cxone_rollcall.contracts.decoding import read_status
from cxone_rollcall.contracts.protocol import Answered, PastStates, RosterPage, StateRows
from cxone_rollcall.errors import AccessRefused
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import Renewal
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from cxone_rollcall.client.run_log import RunLog
    from cxone_rollcall.client.sender import Sender
    from cxone_rollcall.client.token_cache import TokenCache

REFUSALS = 2
"""Refusals (403, 409) in a row before one counts. One of two backends may refuse, or something in between."""
_REPEATED = frozenset({Stage.ROSTER, Stage.STATES})
"""Requests that are repeated after a refusal. Those of probes are repeated by the probes."""

T = TypeVar("T")
Rows = TypeVar("Rows", "RosterPage", "StateRows", "PastStates")


class AuthorizedSender:
    """Sends each request with the current token of `cache`.

    Every method returns an `Answered` value or raises `RequestFailed`. Without `retries`, at the first failure.
    """

    def __init__(self, sender: Sender, cache: TokenCache, *, retries: bool = True) -> None:
        self._sender = sender
        self._retries = retries
        self._cache = cache
        self._histories: dict[Stage, TokenHistory] = {}
        self._answered: set[Stage] = set()
        self._refused: set[Stage] = set()
        """Endpoints of this run that answered, or refused a request twice."""

    @property
    def log(self) -> RunLog:
        """The log of the current run."""
        return self._sender.log

    def begin_log(self) -> None:
        """Try endpoints again. They may have rejected tokens of another run or contract."""
        for history in self._histories.values():
            history.begin_log()
        self._answered.clear()
        self._refused.clear()

    async def send(self, request: Request, stage: Stage, read: Callable[[Response], T]) -> Answered[T]:
        """Send a request; after a 401, renew the token and send again. It stops when renewing no longer helps.

        If the roster or states are refused in another way, the request is sent once more, unless this endpoint has
        refused a request twice and answered none.
        """
        history = self._histories.setdefault(stage, TokenHistory())
        rejected_at = renewals = refusals = 0
        while True:
            bearer = Bearer(self._cache, await self._cache.token(), renewed=renewals > 0)
            try:
                answered = await self._sender.send(request, stage, read, bearer, retries=self._retries)
            except AccessRefused as refusal:
                if refusal.failure.kind is FailureKind.FORBIDDEN and stage in _REPEATED:
                    refusals += 1
                    if refusals < REFUSALS and (stage in self._answered or stage not in self._refused):
                        self.log.retried += 1
                        continue
                    self._refused.add(stage)
                    raise AccessRefused(replace(refusal.failure, tries=refusals)) from None
                if refusal.failure.kind is not FailureKind.UNAUTHORIZED or refusal.failure.stage is Stage.TOKEN:
                    raise
                spent = any(other.last_accepted == bearer.token.number for other in self._histories.values())
                if history.rejected(bearer.token, spent=spent) and history.last_accepted:
                    self._sender.pace.slow_down()  # tokens expire after a few requests: send fewer at once
                if history.hopeless or renewals == MOST_RENEWALS:
                    raise
                rejected_at = refusal.failure.exchange
            else:
                if rejected_at and history.last_accepted:
                    self.log.healed_tokens.append(Renewal(rejected_at, answered.exchange))
                history.accepted(bearer.token)
                self._answered.add(stage)
                return answered
            await self._cache.replace(bearer.token)
            renewals += 1
            self.log.retried += 1

    async def send_for_rows(self, request: Request, stage: Stage, read: Callable[[Response], Rows]) -> Answered[Rows]:
        """Send a request for rows. A complaint, which may quote the server, is shortened and redacted."""
        answered = await self.send(request, stage, read)
        if not answered.value.complaint:
            return answered
        complaint = self._sender.quotable(answered.value.complaint)
        return replace(answered, value=replace(answered.value, complaint=complaint))

    async def send_once(self, request: Request, stage: Stage, read: Callable[[Response], T]) -> Answered[T]:
        """Send an optional request once. It is not retried, and a 401 does not renew the token."""
        bearer = Bearer(self._cache, await self._cache.token(), renewed=False)
        return await self._sender.send(request, stage, read, bearer, retries=False)

    async def status_of(self, request: Request) -> Answered[int]:
        """The status of the response, sent once with the current token."""
        bearer = Bearer(self._cache, await self._cache.token(), renewed=False)
        return await self._sender.send(request, Stage.PROBE, read_status, bearer)
