"""Sends one request until it is answered or fails. It is paced, retried and recorded."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from cxone_rollcall.contracts.decoding import LONGEST_QUOTE
from cxone_rollcall.contracts.protocol import Answered, UnusableAnswer
from cxone_rollcall.errors import AccessRefused, AnswerUnusable, NotReached, RequestFailed
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import ReadUncompressed
from cxone_rollcall.model.struct import replace
from cxone_rollcall.transport.base import Transport, TransportFault
from cxone_rollcall.transport.pace.backoff import read_http_date, read_retry_after
from cxone_rollcall.transport.pace.gate import Pace

if TYPE_CHECKING:
    from cxone_rollcall.client.bearer import Bearer
    from cxone_rollcall.client.run_log import RunLog
    from cxone_rollcall.client.server_clock import ServerClock
    from cxone_rollcall.redaction.secrets import Secrets

T = TypeVar("T")

REQUEST_TIMEOUT = 20.0
MOST_THROTTLES = 50
MOST_REDIRECTS = 3
LONGEST_DETAIL = 100
"""Characters of a server's text quoted in a failure, after redaction."""

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
_FOR_A_TOKEN = frozenset({Stage.DISCOVERY, Stage.TOKEN})
_REFUSED = frozenset({FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN, FailureKind.LOGIN_REQUIRED})


class Sender:
    """Sends requests, and notes in the run's log what answers show.

    `server_clock` follows the dates of answers. `clock` counts seconds and never goes back, `correlation` makes an id
    for each request that carries one.
    """

    def __init__(
        self,
        transport: Transport,
        pace: Pace,
        log: RunLog,
        server_clock: ServerClock,
        *,
        clock: Callable[[], float],
        correlation: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.pace = pace
        self.log = log
        self._last_throttle: Failure | None = None
        self._transport = transport
        self._clock = clock
        self._server_clock = server_clock
        self._correlation = correlation

    def begin_log(self, log: RunLog) -> None:
        """Write to another log from now on. Exchanges of the one before are not cited any more."""
        self.log = log
        if self._last_throttle is not None:
            self._last_throttle = replace(self._last_throttle, exchange=0)

    @property
    def secrets(self) -> Secrets:
        """The secrets that are never quoted."""
        return self.log.recorder.secrets

    async def send(
        self,
        request: Request,
        stage: Stage,
        read: Callable[[Response], T],
        bearer: Bearer | None = None,
        *,
        retries: bool = True,
    ) -> Answered[T]:
        """Send a request until it is answered.

        Raises `RequestFailed` once retrying is pointless; without `retries`, at the first failure.
        """
        tries = throttles = 0
        waiting, key = False, object()
        while True:
            if bearer is not None:
                await bearer.wait()
            first = stage in _FOR_A_TOKEN if bearer is None else bearer.renewed
            async with self.pace.turn(first=first) as turn:
                if bearer is not None and not bearer.available:
                    continue  # its token was refused while it waited for its turn
                if self.pace.closed and self._last_throttle is not None:
                    self.log.throttled_now -= waiting
                    self.log.unanswered.pop(key, None)
                    raise error_of(
                        replace(self._last_throttle, stage=stage, purpose=request.purpose, tries=1, detail=NOT_SENT)
                    )
                sent = request if bearer is None else bearer.sign(request)
                outcome, retry_after = await self._exchange(sent, stage, read)
                self.log.throttled_now -= waiting
                waiting = False
                failed = self.log.unanswered.pop(key, None)
                if isinstance(outcome, Answered):
                    if failed is not None and failed.is_undecodable:
                        self.log.uncompressed.append(
                            ReadUncompressed(
                                asked=stage, reason=failed.detail, unread=failed.exchange, read=outcome.exchange
                            )
                        )
                    self.log.answered += stage not in _FOR_A_TOKEN
                    turn.succeeded()
                    return outcome
                throttled = outcome.kind is FailureKind.RATE_LIMITED
                may_repeat = throttled and turn.throttled(retry_after) and throttles < MOST_THROTTLES and retries
            if throttled:
                throttles += 1
                self._last_throttle = outcome
                waiting = may_repeat
                self.log.throttled_now += waiting  # stays, if the run is cut short before the next try
            else:
                tries += 1
                # Stays, if the run is cut short before the next answer.
                self.log.unanswered[key] = replace(outcome, tries=tries + throttles, cut_short=True)
                may_repeat = retries and await self.pace.wait_before_retry(outcome.kind, tries, retry_after)
            if not may_repeat:
                self.log.unanswered.pop(key, None)
                raise error_of(replace(outcome, tries=max(1, tries + throttles)))
            self.log.retried += 1

    async def _exchange(
        self, request: Request, stage: Stage, read: Callable[[Response], T]
    ) -> tuple[Answered[T] | Failure, float | None]:
        if request.correlated:
            request = replace(request, headers=(*request.headers, ("CorrelationId", self._correlation())))
        log, started = self.log, self._clock()
        status, retry_after, error, proxy = None, None, "", ""
        try:
            request, response = await self._follow(request)
        except TransportFault as fault:
            number = log.recorder.record(request, fault, seconds=self._clock() - started, began=started)
            kind, detail, proxy = fault.kind, fault.detail, fault.proxy
        else:
            began = self._clock() - response.seconds  # not `started`, which is that of the first hop
            try:
                value: T | UnusableAnswer = read(response)
            except UnusableAnswer as unusable:
                value = unusable.with_traceback(None)  # whose frames would keep the whole answer
            number = log.recorder.record(request, response, seconds=response.seconds, began=began)
            self._server_clock.follow(response)
            age = response.headers.get("age")
            if age and age.isascii() and age.isdecimal() and float(age[:12]) > log.oldest_answer[0]:
                log.oldest_answer = (float(age[:12]), number)
            if not isinstance(value, UnusableAnswer):
                served_at = read_http_date(response.headers.get("date"))
                return Answered(value, number, served_at, len(response.body)), None
            kind, detail, error = value.kind, value.detail, value.error
            status = response.status
            retry_after = read_retry_after(response.headers, now=self._server_clock.ours())
            if kind is FailureKind.RATE_LIMITED:
                asked_for = response.headers.get("retry-after")
                log.last_throttle = (number, None if asked_for is None else self.secrets.redact(asked_for))
        failure = Failure(
            kind=kind,
            stage=stage,
            purpose=request.purpose,
            exchange=number,
            status=status,
            detail=self.quotable(detail),
            error=self.quotable(error),
            host=urlsplit(request.base).netloc if request.base not in ("", log.recorder.home) else "",
            proxy=self.quotable(proxy),
        )
        return failure, retry_after

    async def _follow(self, request: Request) -> tuple[Request, Response]:
        """Send and follow redirects within the host. Each hop is recorded as an exchange."""
        response, been_at = await self._transport.send(request), {request.target}
        for _ in range(MOST_REDIRECTS):
            if response.onward is None or response.onward in been_at:
                break
            been_at.add(response.onward)
            self.log.recorder.record(
                request, response, seconds=response.seconds, began=self._clock() - response.seconds
            )
            request = replace(request, target=response.onward)
            response = await self._transport.send(request)
        return request, response

    def quotable(self, words: str) -> str:
        """Return a text of the server in one short line, without secrets."""
        is_cut = len(words) >= LONGEST_QUOTE
        words = self.secrets.redact_cut(words) if is_cut else self.secrets.redact(words)
        words = " ".join(words.split())
        return words if len(words) <= LONGEST_DETAIL else words[:LONGEST_DETAIL] + "..."


def error_of(failure: Failure) -> RequestFailed:
    """Return the exception for a failure; its class says what helps."""
    if failure.kind in _NOT_REACHED:
        return NotReached(failure)
    return AccessRefused(failure) if failure.kind in _REFUSED else AnswerUnusable(failure)
