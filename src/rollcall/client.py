"""The client: a contract, a transport and a token put together. This is what a Python user imports."""

from __future__ import annotations

import base64
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from rollcall.auth import TokenKeeper
from rollcall.contracts.base import UnusableAnswer
from rollcall.contracts.v2 import V2
from rollcall.errors import AccessRefused, AnswerUnusable, NotReached, RequestFailed
from rollcall.model.exchange import Response
from rollcall.model.failure import Failure, FailureKind, Where
from rollcall.model.secret import Secret
from rollcall.transport.base import TransportFault
from rollcall.transport.http import HttpTransport
from rollcall.transport.pace import Pace, read_http_date, read_retry_after
from rollcall.transport.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from rollcall.contracts.base import Contract, RosterPage, StateRows
    from rollcall.model.credentials import Credentials
    from rollcall.model.exchange import Exchange, Request
    from rollcall.model.token import Token
    from rollcall.transport.base import Transport

T = TypeVar("T")
Rows = TypeVar("Rows", "RosterPage", "StateRows")

REQUEST_TIMEOUT = 20.0
HANG_SHARE = 0.9
"""The share of a run's time that one request may take, once: what is left is for saying so."""
MOST_RENEWALS = 30
"""How often one request may meet an expired token; a token that lives for a few requests expires that often."""
TOKENS_IN_A_ROW = 20
"""How many tokens, each newer than the last, may be refused where some were taken, before no more are asked for."""
MOST_THROTTLES = 50
MOST_REDIRECTS = 5
LONGEST_DETAIL = 100
"""Characters of the server's words that a failure quotes, cut only after the secrets are out of them."""

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
_REFUSED = frozenset({FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """A usable answer and the number of its exchange."""

    value: T
    exchange: int


@dataclass(slots=True)
class _Door:
    """How one part of the API has treated our tokens so far."""

    accepted: Token | None = None
    refused: Token | None = None
    refused_in_a_row: int = 0

    def take(self, token: Token) -> None:
        """Note that this token was taken."""
        self.accepted, self.refused_in_a_row = token, 0

    def refuse(self, token: Token) -> bool:
        """Note that this token was refused; False where it, or a newer one, was refused before."""
        if self.refused is not None and token.exchange <= self.refused.exchange:
            return False
        self.refused, self.refused_in_a_row = token, self.refused_in_a_row + 1
        return True

    @property
    def closed(self) -> bool:
        """A newer token is pointless: two were refused here and none was ever taken, or too many one after another."""
        return self.refused_in_a_row >= (2 if self.accepted is None else TOKENS_IN_A_ROW)


class _Bearer:
    """Signs a request when its turn has come: the token may have been replaced while it waited."""

    def __init__(self, keeper: TokenKeeper, token: Token, *, renewed: bool) -> None:
        self.token = token
        self.renewed = renewed
        self._keeper = keeper

    @property
    def at_hand(self) -> bool:
        """False while another token is being asked for, because the last one was refused."""
        return self._keeper.current is not None

    async def wait(self) -> None:
        """Wait for that token, if one is being asked for; who has waited for it goes before the others."""
        if not self.at_hand:
            self.token, self.renewed = await self._keeper.token(), True

    def sign(self, request: Request) -> Request:
        """Return the request with the newest token there is; `token` is that one from now on."""
        self.token = self._keeper.current or self.token
        bearer = ("Authorization", Secret(f"Bearer {self.token.access_token.reveal()}"))
        return replace(request, headers=(*request.headers, bearer))


class Client:
    """Asks one tenant over one contract: paced, retried, recorded, with a token that is kept fresh.

    Every question either returns an `Answered` value or raises `RequestFailed`; an error never becomes an empty
    answer. `instance` is the host as people know it. `clock` counts seconds and never goes back, `wall_clock` is
    seconds since the epoch.
    """

    def __init__(
        self,
        contract: Contract,
        transport: Transport,
        credentials: Credentials,
        *,
        instance: str = "",
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        rng: Callable[[], float] = random.random,
        once: frozenset[FailureKind] = frozenset(),
    ) -> None:
        self.contract = contract
        self.instance = instance
        self.grant_type = credentials.grant_type
        self.separator = contract.separators[0]
        self.recorder = recorder if recorder is not None else Recorder()
        self.pace = Pace(clock=clock, random=rng, once=once)
        self.retried = 0
        self.answered = 0
        self.healed_tokens: list[tuple[int, int]] = []
        self.last_throttle: tuple[int, str | None] = (0, None)
        self._transport = transport
        self._credentials = credentials
        self._clock = clock
        self._wall_clock = wall_clock
        self.server_ahead: float | None = None
        self.oldest_answer: tuple[float, int] = (0.0, 0)
        self._keeper = TokenKeeper(self._mint, now=self._server_time)
        self._doors: dict[Where, _Door] = {}
        for secret in (credentials.client_secret, credentials.access_key_secret, *_basic(credentials)):
            if secret is not None:
                self.recorder.learn(secret)

    async def token(self) -> Token:
        """Return the current token, asking for one where there is none or it is about to expire."""
        return await self._keeper.token()

    async def roster_page(self, page: int, size: int) -> Answered[RosterPage]:
        """Ask for one page of the roster, `size` agents a page."""
        request = self.contract.roster_request(page, size)
        answered = await self._ask_authorized(request, Where.ROSTER, self.contract.read_roster)
        return replace(answered, value=self._quotable(answered.value))

    async def states(
        self, agent_ids: Sequence[str], *, state: str | None = None, where: Where = Where.STATES
    ) -> Answered[StateRows]:
        """Ask for the states of these agents in one request, of all states or of one."""
        request = self.contract.states_request(agent_ids, state=state, separator=self.separator)
        answered = await self._ask_authorized(request, where, self.contract.read_states)
        return replace(answered, value=self._quotable(answered.value))

    async def status_of(self, request: Request) -> Answered[int]:
        """Ask without credentials and return the status alone: is there anything at this address?"""
        return await self._ask(request, Where.PROBE, lambda response: response.status)

    async def _mint(self) -> Token:
        def read(response: Response) -> Token:
            served_at = read_http_date(response.headers.get("date", ""))
            self.server_ahead = None if served_at is None else served_at - self._wall_clock()
            token = self.contract.read_token(response, now=self._server_time())
            self.recorder.learn(token.access_token)  # before the answer is recorded, wherever else it has the token
            return token

        answered = await self._ask(self.contract.token_request(self._credentials), Where.TOKEN, read)
        return replace(answered.value, exchange=answered.exchange)

    async def _ask_authorized(self, request: Request, where: Where, read: Callable[[Response], T]) -> Answered[T]:
        door = self._doors.setdefault(where, _Door())
        refused_at = renewals = 0
        while True:
            bearer = _Bearer(self._keeper, await self._keeper.token(), renewed=renewals > 0)
            try:
                answered = await self._ask(request, where, read, bearer)
            except AccessRefused as refusal:
                if refusal.failure.kind is not FailureKind.UNAUTHORIZED or refusal.failure.where is Where.TOKEN:
                    raise
                if door.refuse(bearer.token) and door.accepted is not None:
                    self.pace.slow_down()  # a token that is good for a few requests must not meet more at once
                if door.closed or renewals == MOST_RENEWALS:
                    raise
                refused_at = refusal.failure.exchange
            else:
                if refused_at and door.accepted is not None:
                    self.healed_tokens.append((refused_at, answered.exchange))
                door.take(bearer.token)
                return answered
            await self._keeper.replace(bearer.token)
            renewals += 1
            self.retried += 1

    async def _ask(
        self, request: Request, where: Where, read: Callable[[Response], T], bearer: _Bearer | None = None
    ) -> Answered[T]:
        tries = throttles = 0
        while True:
            if bearer is not None:
                await bearer.wait()
            first = where is Where.TOKEN if bearer is None else bearer.renewed
            async with self.pace.turn(first=first):
                if bearer is not None and not bearer.at_hand:
                    continue  # its token was refused while it waited for its turn
                sent = request if bearer is None else bearer.sign(request)
                outcome, retry_after = await self._exchange(sent, where, read)
                if isinstance(outcome, Answered):
                    self.answered += where is not Where.TOKEN
                    self.pace.succeeded()
                    return outcome
                throttled = outcome.kind is FailureKind.RATE_LIMITED
                may_repeat = throttled and throttles < MOST_THROTTLES and self.pace.throttled(retry_after)
            if throttled:
                throttles += 1
            else:
                tries += 1
                may_repeat = await self.pace.wait_before_retry(outcome.kind, tries, retry_after)
            if not may_repeat:
                raise _error(replace(outcome, tries=max(1, tries + throttles)))
            self.retried += 1

    async def _exchange(
        self, request: Request, where: Where, read: Callable[[Response], T]
    ) -> tuple[Answered[T] | Failure, float | None]:
        started = self._clock()
        status, retry_after, error = None, None, ""
        try:
            request, response = await self._send(request)
        except TransportFault as fault:
            number = self.recorder.record(request, fault, seconds=self._clock() - started)
            kind, detail = fault.kind, fault.detail
        else:
            seconds = self._clock() - started
            try:
                value: T | UnusableAnswer = read(response)
            except UnusableAnswer as unusable:
                value = unusable
            number = self.recorder.record(request, response, seconds=seconds)
            age = response.headers.get("age", "")
            if age.isascii() and age.isdecimal() and float(age[:12]) > self.oldest_answer[0]:
                self.oldest_answer = (float(age[:12]), number)
            if not isinstance(value, UnusableAnswer):
                return Answered(value, number), None
            kind, detail, error = value.kind, value.detail, value.error
            status = response.status
            retry_after = read_retry_after(response.headers, now=self._wall_clock())
            if kind is FailureKind.RATE_LIMITED:
                self.last_throttle = (number, response.headers.get("retry-after"))
        failure = Failure(
            kind=kind,
            where=where,
            purpose=request.purpose,
            exchange=number,
            status=status,
            detail=_shortened(self.recorder.redact(detail)),
            error=self.recorder.redact(error),
        )
        return failure, retry_after

    async def _send(self, request: Request) -> tuple[Request, Response]:
        """Send, and send on within the host where a redirect says so; each hop is recorded as the exchange it is."""
        response = await self._transport.send(request)
        for _ in range(MOST_REDIRECTS):
            if response.onward is None:
                break
            self.recorder.record(request, response, seconds=response.seconds)
            request = replace(request, target=response.onward)
            response = await self._transport.send(request)
        return request, response

    def _quotable(self, answer: Rows) -> Rows:
        """Return the answer with its complaint, which quotes the server, short and without any secret."""
        if not answer.complaint:
            return answer
        return replace(answer, complaint=_shortened(self.recorder.redact(answer.complaint)))

    def _server_time(self) -> float:
        return self._wall_clock() + (self.server_ahead or 0.0)


def _basic(credentials: Credentials) -> tuple[Secret, ...]:
    """Return the client's id and secret as the header Authorization joins them, with padding and without."""
    if credentials.client_id is None or not credentials.client_secret:
        return ()
    pair = f"{credentials.client_id}:{credentials.client_secret.reveal()}".encode("utf-8", "surrogateescape")
    spelt = (base64.b64encode(pair).decode(), base64.urlsafe_b64encode(pair).decode())
    return tuple(Secret(text) for one in spelt for text in (one, one.rstrip("=")))


def _shortened(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= LONGEST_DETAIL else words[:LONGEST_DETAIL] + "..."


def _error(failure: Failure) -> RequestFailed:
    if failure.kind in _NOT_REACHED:
        return NotReached(failure)
    return AccessRefused(failure) if failure.kind in _REFUSED else AnswerUnusable(failure)


@asynccontextmanager
async def connect(
    base_url: str,
    credentials: Credentials,
    *,
    request_timeout: float = REQUEST_TIMEOUT,
    run_limit: float | None = None,
    ca_bundle: Path | None = None,
    bodies: bool = False,
    watcher: Callable[[Exchange], None] | None = None,
) -> AsyncIterator[Client]:
    """Open a client for the tenant at `base_url` (`https://host[:port]`), and close its connections at the end.

    `watcher` is called with each exchange as it is recorded, with headers and bodies where `bodies` is set.
    `run_limit` is the seconds that the whole run may take: a server that hangs is found out just before they are over.
    """
    hurried = run_limit is not None and run_limit * HANG_SHARE < request_timeout
    longest = run_limit * HANG_SHARE if run_limit is not None and hurried else request_timeout
    transport = HttpTransport(base_url, timeout=longest, clock=time.monotonic, ca_bundle=ca_bundle)
    async with transport:
        yield Client(
            V2(),
            transport,
            credentials,
            instance=urlsplit(base_url).netloc,
            recorder=Recorder(bodies=bodies, watcher=watcher),
            once=frozenset({FailureKind.TIMED_OUT}) if hurried else frozenset(),
        )
