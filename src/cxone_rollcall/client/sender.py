"""Asking one question until it is answered or has failed: paced, retried, recorded, dated by the server's clock."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from cxone_rollcall.contracts.protocol import Answered, UnusableAnswer
from cxone_rollcall.errors import AccessRefused, AnswerUnusable, NotReached, RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.struct import replace
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.pace.backoff import read_http_date, read_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxone_rollcall.client.bearer import Bearer
    from cxone_rollcall.model.exchange import Request, Response
    from cxone_rollcall.transport.base import Transport
    from cxone_rollcall.transport.pace.gate import Pace
    from cxone_rollcall.transport.recorder import Recorder

T = TypeVar("T")

REQUEST_TIMEOUT = 20.0
MOST_THROTTLES = 50
MOST_REDIRECTS = 3
LONGEST_DETAIL = 100
"""Characters of the server's words that a failure quotes, cut only after the secrets are out of them."""

NOT_SENT = "not sent, because the server had asked to be left alone"

_NOT_REACHED = frozenset(
    {
        FailureKind.HOST_NOT_FOUND,
        FailureKind.UNREACHABLE,
        FailureKind.CERTIFICATE,
        FailureKind.TIMED_OUT,
        FailureKind.NOT_THE_API,
        FailureKind.NOT_FOUND,
    }
)
_REFUSED = frozenset({FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN, FailureKind.LOGIN_REQUIRED})


class Asker:
    """Sends questions and keeps what their answers say of the server beside what was asked.

    `clock` counts seconds and never goes back, `wall_clock` is seconds since the epoch, `correlation` makes an id for
    each request that is to have one.
    """

    def __init__(
        self,
        transport: Transport,
        recorder: Recorder,
        pace: Pace,
        *,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
        correlation: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.recorder = recorder
        self.pace = pace
        self.retried = 0
        self.answered = 0
        self.last_throttle: tuple[int, str | None] = (0, None)
        self.server_ahead: float | None = None
        self.oldest_answer: tuple[float, int] = (0.0, 0)
        self._refusal: Failure | None = None
        self._transport = transport
        self._clock = clock
        self._wall_clock = wall_clock
        self._correlation = correlation

    def server_now(self) -> float:
        """Return the server's time, seconds since the epoch, as far as its last token's answer told it."""
        return self._wall_clock() + (self.server_ahead or 0.0)

    def set_clock_by(self, response: Response) -> None:
        """Go by the date of this answer from now on."""
        served_at = read_http_date(response.headers.get("date", ""))
        self.server_ahead = None if served_at is None else served_at - self._wall_clock()

    async def ask(
        self, request: Request, stage: Stage, read: Callable[[Response], T], bearer: Bearer | None = None
    ) -> Answered[T]:
        """Ask until there is a usable answer, or raise `RequestFailed` where trying again has become pointless."""
        tries = throttles = 0
        while True:
            if bearer is not None:
                await bearer.wait()
            first = stage is Stage.TOKEN if bearer is None else bearer.renewed
            async with self.pace.turn(first=first) as turn:
                if bearer is not None and not bearer.at_hand:
                    continue  # its token was refused while it waited for its turn
                if self.pace.closed and self._refusal is not None:
                    refusal = replace(self._refusal, stage=stage, purpose=request.purpose, tries=1, detail=NOT_SENT)
                    raise error_of(refusal)
                sent = request if bearer is None else bearer.sign(request)
                outcome, retry_after = await self._exchange(sent, stage, read)
                if isinstance(outcome, Answered):
                    self.answered += stage is not Stage.TOKEN
                    turn.succeeded()
                    return outcome
                throttled = outcome.kind is FailureKind.RATE_LIMITED
                may_repeat = throttled and throttles < MOST_THROTTLES and turn.throttled(retry_after)
            if throttled:
                throttles += 1
                self._refusal = outcome
            else:
                tries += 1
                may_repeat = await self.pace.wait_before_retry(outcome.kind, tries, retry_after)
            if not may_repeat:
                raise error_of(replace(outcome, tries=max(1, tries + throttles)))
            self.retried += 1

    async def _exchange(
        self, request: Request, stage: Stage, read: Callable[[Response], T]
    ) -> tuple[Answered[T] | Failure, float | None]:
        if request.correlated:
            request = replace(request, headers=(*request.headers, ("CorrelationId", self._correlation())))
        started = self._clock()
        status, retry_after, error, proxy = None, None, "", ""
        try:
            request, response = await self._send(request)
        except TransportFault as fault:
            number = self.recorder.record(request, fault, seconds=self._clock() - started, began=started)
            kind, detail, proxy = fault.kind, fault.detail, fault.proxy
        else:
            seconds = self._clock() - started
            try:
                value: T | UnusableAnswer = read(response)
            except UnusableAnswer as unusable:
                value = unusable
            number = self.recorder.record(request, response, seconds=seconds, began=started)
            age = response.headers.get("age", "")
            if age.isascii() and age.isdecimal() and float(age[:12]) > self.oldest_answer[0]:
                self.oldest_answer = (float(age[:12]), number)
            if not isinstance(value, UnusableAnswer):
                return Answered(value, number), None
            kind, detail, error = value.kind, value.detail, value.error
            status = response.status
            retry_after = read_retry_after(response.headers, now=self._wall_clock())
            if kind is FailureKind.RATE_LIMITED:
                asked_for = response.headers.get("retry-after")
                self.last_throttle = (number, None if asked_for is None else self.recorder.redact(asked_for))
        failure = Failure(
            kind=kind,
            stage=stage,
            purpose=request.purpose,
            exchange=number,
            status=status,
            detail=self.quotable(detail),
            error=self.recorder.redact(error),
            host=urlsplit(request.base).netloc if request.base not in ("", self.recorder.home) else "",
            proxy=self.quotable(proxy),
        )
        return failure, retry_after

    async def _send(self, request: Request) -> tuple[Request, Response]:
        """Send, and send on within the host where a redirect says so; each hop is recorded as the exchange it is."""
        response, been_at = await self._transport.send(request), {request.target}
        for _ in range(MOST_REDIRECTS):
            if response.onward is None or response.onward in been_at:
                break
            been_at.add(response.onward)
            self.recorder.record(request, response, seconds=response.seconds, began=self._clock() - response.seconds)
            request = replace(request, target=response.onward)
            response = await self._transport.send(request)
        return request, response

    def quotable(self, words: str) -> str:
        """Return words of the server's in one short line, without any secret."""
        words = " ".join(self.recorder.redact(words).split())
        return words if len(words) <= LONGEST_DETAIL else words[:LONGEST_DETAIL] + "..."


def error_of(failure: Failure) -> RequestFailed:
    """Return a failure as the error that says what its reader can do."""
    if failure.kind in _NOT_REACHED:
        return NotReached(failure)
    return AccessRefused(failure) if failure.kind in _REFUSED else AnswerUnusable(failure)
