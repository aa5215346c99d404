"""The client of one tenant."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cxone_rollcall.client.authenticator import Authenticator
from cxone_rollcall.client.authorized_sender import AuthorizedSender
from cxone_rollcall.client.contract_probe import probe_contract
from cxone_rollcall.client.foreign_api import ForeignApi
from cxone_rollcall.client.incontact_api import IncontactApi
from cxone_rollcall.client.renewal_time import RenewalTime
from cxone_rollcall.client.run_log import RunLog
from cxone_rollcall.client.sender import Sender
from cxone_rollcall.client.server_clock import ServerClock
from cxone_rollcall.client.token_cache import TokenCache
from cxone_rollcall.client.v2_api import V2Api
from cxone_rollcall.contracts.decoding import read_status
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.protocol import Answered, Callback, Contract
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.identity import TenantIdentity, identifier
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token
from cxone_rollcall.transport.base import Transport
from cxone_rollcall.transport.pace.gate import Pace
from cxone_rollcall.transport.recorder import Recorder

if TYPE_CHECKING:
    from cxone_rollcall.client.authenticator import LoginStore
    from cxone_rollcall.redaction.secrets import Secrets


class Client:
    """Sends a tenant's requests: paced, retried, recorded, with a valid token.

    It may live for weeks. The calls are in `api`, those that another program made in `foreign`. Each returns an
    `Answered` value or raises `RequestFailed`; an error never becomes an empty answer. What belongs to one roll call is
    in `log`. To call the roll again, begin a new log with `new_log`.

    `contract` is the one to begin with, `why` the reason for it, and `others` are those that the host may support
    instead. `instance` is the host as people know it. `clock` counts seconds and never goes back, `wall_clock` is
    seconds since the epoch. `tenant_id` is the tenant that the settings name, None if they name none.
    """

    def __init__(
        self,
        contract: V2 | Incontact,
        transport: Transport,
        credentials: Credentials,
        *,
        others: Sequence[V2 | Incontact] = (),
        logins: LoginStore | None = None,
        base_url: str = "",
        instance: str = "",
        why: str = "",
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        rng: Callable[[], float] = random.random,
        once: frozenset[FailureKind] = frozenset(),
        run_limit: float | None = None,
        tenant_id: str | None = None,
    ) -> None:
        recorder = recorder if recorder is not None else Recorder()
        recorder.home = base_url
        self.instance = instance or urlsplit(base_url).netloc
        self.grant_type = credentials.grant_type
        self._tenant_id = tenant_id
        self._account = " ".join(filter(None, (self.instance, credentials.client_id or credentials.access_key_id)))
        self.has_client = credentials.client_id is not None
        self._new_pace: Callable[[], Pace] = partial(Pace, clock=clock, random=rng, once=once)
        self.pace = self._new_pace()
        self.server_clock = ServerClock(wall_clock, clock)
        self._preferred, self._why = contract, why
        log = RunLog(recorder, self.pace.report)
        self._transport, self._clock = transport, clock
        self._sender = self._sender_of(log, self.pace)
        contracts = (contract, *others)
        self._authenticator = Authenticator(
            self._sender,
            self.server_clock,
            contracts,
            credentials,
            logins=logins,
            renewal_time=RenewalTime(run_limit, clock),
        )
        self._cache = TokenCache(self._authenticator.fetch_token, now=self.server_clock.now)
        self._authorized = AuthorizedSender(self._sender, self._cache)
        self.foreign = ForeignApi(self._sender, self._authorized, self.server_clock)
        self._apis = {one.name: self._api_of(one) for one in contracts}

    def _sender_of(self, log: RunLog, pace: Pace) -> Sender:
        return Sender(self._transport, pace, log, self.server_clock, clock=self._clock)

    def _api_of(self, contract: V2 | Incontact) -> V2Api | IncontactApi:
        if isinstance(contract, V2):
            return V2Api(contract, self._authorized)
        return IncontactApi(contract, self._authorized, self.server_clock)

    @property
    def log(self) -> RunLog:
        """What belongs to the current roll call."""
        return self._sender.log

    def new_log(self) -> RunLog:
        """Begin another roll call, counting exchanges from 1 again. No request may be in flight."""
        log = RunLog(self.log.recorder.for_next_run(), self.pace.begin_report())
        self._sender.begin_log(log)
        self._cache.begin_log()
        self._authorized.begin_log()
        return log

    def beside(self) -> IncontactApi | None:
        """The calls of `incontact` beside roll calls, None on another contract.

        They have a log and a pace of their own, so a 429 of theirs delays no roll call. They share connections and
        token with the roll calls, and are not repeated if they fail. So they may be in flight when another roll call
        begins.
        """
        contract = self.contract
        if not isinstance(contract, Incontact):
            return None
        pace = self._new_pace()
        sender = self._sender_of(RunLog(self.log.recorder.for_next_run(), pace.report), pace)
        return IncontactApi(contract, AuthorizedSender(sender, self._cache, retries=False), self.server_clock)

    @property
    def secrets(self) -> Secrets:
        """The secrets that are taken out of what is kept and shown."""
        return self._sender.secrets

    @property
    def contract(self) -> Contract:
        """The contract in use. Until an answer has shown which one the host supports, the one tried first."""
        return self._authenticator.contract

    @property
    def chosen(self) -> str:
        """Why this contract is used; "" if the settings name it."""
        if not self._why:
            return ""
        if self.contract is self._preferred:
            return f"auto: {self._why}"
        return f"auto: {self._preferred.name} is not supported here"

    @property
    def api(self) -> V2Api | IncontactApi:
        """The calls of the contract in use."""
        return self._apis[self.contract.name]

    @property
    def token_expires_at(self) -> float | None:
        """When the current token expires, by the server's clock. None without a token or without a known expiry."""
        token = self._cache.current
        return None if token is None else token.expires_at

    @property
    def identity(self) -> TenantIdentity:
        """What is known of the tenant. A token tells more, and so does a list."""
        token, api = self._cache.current, self.api
        claims = {**token.id_claims, **token.claims} if token is not None else {}
        listed = api.business_unit if isinstance(api, IncontactApi) else None
        return TenantIdentity(
            tenant_id=identifier(claims.get("tenantId")) or identifier(self._tenant_id),
            business_unit=identifier(claims.get("icBUId")) or listed,
            account=self._account,
        )

    async def token(self) -> Token:
        """Return the current token. Fetches one if there is none or it is about to expire."""
        return await self._cache.token()

    @property
    def token_number(self) -> int:
        """The number of the current token, 0 without one. A new token has another number."""
        return self._cache.current.number if self._cache.current is not None else 0

    async def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Find the address at which a user's browser logs in. `challenge` is that of PKCE by S256."""
        callback = Callback(redirect_uri=redirect_uri, state=state, nonce=nonce, challenge=challenge)
        return await self._authenticator.authorize_url(callback)

    async def redeem(self, code: str, *, redirect_uri: str, verifier: str) -> Token:
        """Fetch a token with the code that the authorize page gave."""
        return await self._authenticator.redeem(Secret(code), Secret(verifier), redirect_uri)

    async def switch_contract(self) -> bool:
        """Switch to another contract; False if that is impossible.

        It takes a contract that was left open and a host that supports it.
        """
        for contract in self._authenticator.others:
            for name, request in self.contract.other_contracts():
                if name == contract.name and (await probe_contract(self.status_of, request)).supported:
                    self._authenticator.settle_on(contract)
                    self._cache.clear()
                    self._authorized.begin_log()
                    return True
        return False

    async def status_of(self, request: Request) -> Answered[int]:
        """The status of the response, sent without credentials. A page raises `RequestFailed`."""
        return await self._sender.send(request, Stage.PROBE, read_status)
