"""The client of one tenant: every question that can be asked, whichever contract its host speaks."""

from __future__ import annotations

import random
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import msgspec

from cxone_rollcall.client.authenticator import Authenticator
from cxone_rollcall.client.bearer import MOST_RENEWALS, Bearer, TokenHistory
from cxone_rollcall.client.incontact_api import Listing
from cxone_rollcall.client.run_log import RunLog
from cxone_rollcall.client.sender import Sender
from cxone_rollcall.client.server_clock import ServerClock
from cxone_rollcall.client.token_cache import TokenCache
from cxone_rollcall.contracts.decoding import decode, refuse_unless_ok
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.protocol import Answered, Callback
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.errors import AccessRefused, RequestFailed
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import Renewal
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.transport.pace.gate import Pace
from cxone_rollcall.transport.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cxone_rollcall.client.authenticator import LoginStore
    from cxone_rollcall.contracts.protocol import Contract, RosterPage, StateRows
    from cxone_rollcall.model.credentials import Credentials
    from cxone_rollcall.model.exchange import Request, Response
    from cxone_rollcall.model.token import Token
    from cxone_rollcall.redaction.secrets import Secrets
    from cxone_rollcall.transport.base import Transport

T = TypeVar("T")
Rows = TypeVar("Rows", "RosterPage", "StateRows")

SPOKEN = frozenset({200, 401})
"""Statuses that only a server of that contract gives to a question without credentials."""
NOWHERE = "/no-such-path-of-any-contract"
_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder()


class Client:
    """Asks one tenant over one contract: paced, retried, recorded, with a valid token. It may live for weeks.

    Every question either returns an `Answered` value or raises `RequestFailed`; an error never becomes an empty
    answer. What belongs to one roll call is in `log`; whoever calls the roll again begins a new one with `new_log`.

    `contract` is the one to begin with, `why` the reason for it, and `others` are those that the host may support
    instead. `instance` is the host as people know it. `clock` counts seconds and never goes back, `wall_clock` is
    seconds since the epoch.
    """

    def __init__(
        self,
        contract: Contract,
        transport: Transport,
        credentials: Credentials,
        *,
        others: Sequence[Contract] = (),
        logins: LoginStore | None = None,
        base_url: str = "",
        instance: str = "",
        why: str = "",
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        rng: Callable[[], float] = random.random,
        once: frozenset[FailureKind] = frozenset(),
    ) -> None:
        recorder = recorder if recorder is not None else Recorder()
        recorder.home = base_url
        self.instance = instance or urlsplit(base_url).netloc
        self.grant_type = credentials.grant_type
        self.separator = ","
        self.pace = Pace(clock=clock, random=rng, once=once)
        self.server_clock = ServerClock(wall_clock)
        self._preferred, self._why = contract, why
        log = RunLog(recorder, self.pace.report)
        self._sender = Sender(transport, self.pace, log, clock=clock, wall_clock=wall_clock)
        contracts = (contract, *others)
        self._authenticator = Authenticator(self._sender, self.server_clock, contracts, credentials, logins=logins)
        self._cache = TokenCache(self._authenticator.fetch_token, now=self.server_clock.now)
        self._histories: dict[Stage, TokenHistory] = {}

    @property
    def log(self) -> RunLog:
        """What belongs to the current roll call."""
        return self._sender.log

    def new_log(self) -> RunLog:
        """Begin another roll call, while no request is under way; exchanges are counted from 1 again."""
        log = RunLog(self.log.recorder.for_next_run(), self.pace.begin_report())
        self._sender.begin_log(log)
        self._cache.begin_log()
        for history in self._histories.values():
            history.begin_log()
        return log

    @property
    def secrets(self) -> Secrets:
        """The secrets that are taken out of what is kept and shown."""
        return self._sender.secrets

    @property
    def contract(self) -> Contract:
        """The contract in use, or tried first as long as no answer has shown which one the host supports."""
        return self._authenticator.contract

    @property
    def chosen(self) -> str:
        """Why this contract is used; "" if the settings name it."""
        if not self._why:
            return ""
        if self.contract is self._preferred:
            return f"auto: {self._why}"
        return f"auto: {self._preferred.name} is not spoken here"

    async def token(self) -> Token:
        """Return the current token; fetch one if there is none or it is about to expire."""
        return await self._cache.token()

    async def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Find the address at which a user's browser logs in; `challenge` is that of PKCE by S256."""
        callback = Callback(redirect_uri=redirect_uri, state=state, nonce=nonce, challenge=challenge)
        return await self._authenticator.authorize_url(callback)

    async def redeem(self, code: str, *, redirect_uri: str, verifier: str) -> Token:
        """Fetch a token with the code that the authorize page gave."""
        return await self._authenticator.redeem(Secret(code), Secret(verifier), redirect_uri)

    async def switch_contract(self) -> bool:
        """Switch to another contract if that was left open and the host supports one; False if not."""
        for contract in self._authenticator.others:
            for name, request in self.contract.other_contracts():
                if name == contract.name and await self._answers(request):
                    self._authenticator.settle_on(contract)
                    self._cache.clear()
                    self._histories.clear()
                    return True
        return False

    async def roster_page(self, page: int, size: int) -> Answered[RosterPage]:
        """Ask for one page of the roster, counted from 1, `size` agents a page."""
        contract = self.by_id
        return await self._ask_quotable(contract.roster_request(page, size), Stage.ROSTER, contract.read_roster)

    async def states(
        self, agent_ids: Sequence[str], *, state: str | None = None, stage: Stage = Stage.STATES
    ) -> Answered[StateRows]:
        """Ask for the states of these agents in one request, of all states or of one."""
        contract = self.by_id
        request = contract.states_request(agent_ids, state=state, separator=self.separator)
        asked = {agent_id: agent_id for agent_id in agent_ids}
        return await self._ask_quotable(request, stage, lambda response: contract.read_states(response, asked))

    @property
    def listing(self) -> Listing:
        """The questions of a contract that lists everybody; TypeError where the contract asks by id."""
        if not isinstance(self.contract, Incontact):
            raise TypeError(f"the {self.contract.name} contract lists no states")
        return Listing(self.contract, self._ask_quotable, self.log.fallbacks)

    async def detail(self, path: str) -> Answered[object]:
        """Ask for something else below the API's path, as plain values; None where the answer has no body."""
        contract = self.listing.contract
        return await self._ask_authorized(contract.detail_request(path), Stage.PROBE, contract.read_detail)

    async def roster_status(self, version: str) -> Answered[int]:
        """Ask for one agent in another API version, and return the status alone."""
        request = self.listing.contract.roster_request(0, 1, version=version)
        bearer = Bearer(self._cache, await self._cache.token(), renewed=False)
        return await self._sender.send(request, Stage.PROBE, _status, bearer)

    async def status_of(self, request: Request) -> Answered[int]:
        """Ask without credentials and return the status alone: is there an API at this address?

        A page in its place raises `RequestFailed`.
        """
        return await self._sender.send(request, Stage.PROBE, _status)

    @property
    def by_id(self) -> V2:
        """The contract, where it asks for states by id; TypeError where it lists them."""
        if not isinstance(self.contract, V2):
            raise TypeError(f"the {self.contract.name} contract asks nobody's state by id")
        return self.contract

    async def _answers(self, request: Request) -> bool:
        """Tell whether this path is served: not where the host says 401 at any path."""
        try:
            status = (await self.status_of(request)).value
            if status != HTTPStatus.UNAUTHORIZED:
                return status in SPOKEN
            return (await self.status_of(replace(request, target=NOWHERE))).value != HTTPStatus.UNAUTHORIZED
        except RequestFailed:
            return False

    async def _ask_quotable(self, request: Request, stage: Stage, read: Callable[[Response], Rows]) -> Answered[Rows]:
        """Ask for rows; a complaint about them, which quotes the server, comes back short and without any secret."""
        answered = await self._ask_authorized(request, stage, read)
        if not answered.value.complaint:
            return answered
        return replace(
            answered, value=replace(answered.value, complaint=self._sender.quotable(answered.value.complaint))
        )

    async def _ask_authorized(self, request: Request, stage: Stage, read: Callable[[Response], T]) -> Answered[T]:
        history = self._histories.setdefault(stage, TokenHistory())
        rejected_at = renewals = 0
        while True:
            bearer = Bearer(self._cache, await self._cache.token(), renewed=renewals > 0)
            try:
                answered = await self._sender.send(request, stage, read, bearer)
            except AccessRefused as refusal:
                if refusal.failure.kind is not FailureKind.UNAUTHORIZED or refusal.failure.stage is Stage.TOKEN:
                    raise
                spent = any(other.last_accepted == bearer.token.number for other in self._histories.values())
                if history.rejected(bearer.token, spent=spent) and history.last_accepted:
                    self.pace.slow_down()  # a token that is valid for a few requests must not meet more at once
                if history.hopeless or renewals == MOST_RENEWALS:
                    raise
                rejected_at = refusal.failure.exchange
            else:
                if rejected_at and history.last_accepted:
                    self.log.healed_tokens.append(Renewal(rejected_at, answered.exchange))
                history.accepted(bearer.token)
                return answered
            await self._cache.replace(bearer.token)
            renewals += 1
            self.log.retried += 1


def _status(response: Response) -> int:
    """Return the status of an answer; a page in the place of an API has none, nor has a server that is in trouble."""
    if response.status == HTTPStatus.TOO_MANY_REQUESTS or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        refuse_unless_ok(response)
    if 200 <= response.status < 300 and response.body.strip():
        decode(response.body, _ANYTHING)
    return response.status
