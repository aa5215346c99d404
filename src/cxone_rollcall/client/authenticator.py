"""Authentication: detects the contract and gets tokens by key, client or login."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, TypeVar

from cxone_rollcall.client.renewal_time import RenewalTime
from cxone_rollcall.client.sender import error_of
from cxone_rollcall.contracts.incontact.trust import UNTRUSTED_HOST
from cxone_rollcall.contracts.protocol import Answered, Callback, Contract, Question, Steps, UnusableAnswer
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.login import Login
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.token import Token

if TYPE_CHECKING:
    from cxone_rollcall.client.sender import Sender
    from cxone_rollcall.client.server_clock import ServerClock

T = TypeVar("T")

_NOT_SUPPORTED = frozenset({FailureKind.NOT_FOUND, FailureKind.NOT_THE_API})


class LoginStore(Protocol):
    """Keeps a user's login between runs; calls may block for long. A call may wait for a disk or for the user."""

    def load(self) -> Login | None:
        """Return the stored login, if any."""

    def save(self, login: Login) -> None:
        """Store this login in place of the one before."""

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from renewing the same login. A refresh token may be valid only once."""


class Authenticator:
    """Fetches tokens from the first of `contracts` that the host supports. It stays with that contract."""

    def __init__(
        self,
        sender: Sender,
        clock: ServerClock,
        contracts: Sequence[Contract],
        credentials: Credentials,
        *,
        logins: LoginStore | None = None,
        renewal_time: RenewalTime,
    ) -> None:
        self.contract = contracts[0]
        self._candidates = list(contracts)
        self._sender = sender
        self._clock = clock
        self._credentials = credentials
        self._logins = logins
        self._renewal_time = renewal_time
        self._renewable: Token | None = None
        for secret in (credentials.client_secret, credentials.access_key_secret, *_basic(credentials)):
            if secret is not None:
                sender.secrets.keep(secret)

    @property
    def others(self) -> tuple[Contract, ...]:
        """The other contracts that the host may support; none after `settle_on`."""
        return tuple(one for one in self._candidates if one is not self.contract)

    def settle_on(self, contract: Contract) -> None:
        """Use only this contract from now on. Refresh tokens of another contract are forgotten."""
        if contract is not self.contract:
            self._renewable = None
        self._candidates = [contract]
        self.contract = contract

    async def fetch_token(self, *, anew: bool) -> Token:
        """Fetch a token, with the refresh token or the credentials. If `anew`, always with the credentials."""
        if self._credentials.grant_type == "authorization_code":
            return self._keep(await self._renew_login())
        last, self._renewable = self._renewable, None
        if last is not None and last.refresh_token is not None and not anew:
            try:
                return self._keep(await self._run(self._renewal(last.refresh_token)))
            except RequestFailed as refused:
                if refused.failure.status is None:
                    raise
        return self._keep(await self._first_supported(self._sign_in))

    async def authorize_url(self, callback: Callback) -> str:
        """Find the address at which a user's browser logs in."""
        return await self._first_supported(lambda contract: contract.tokens.authorize_url(self._credentials, callback))

    async def redeem(self, code: Secret, verifier: Secret, redirect_uri: str) -> Token:
        """Fetch a token with the code that the authorize page gave."""
        for secret in (code, verifier):
            self._sender.secrets.learn(secret)
        tokens, now = self.contract.tokens, self._clock.now
        return await self._run(tokens.redeem(code, verifier, redirect_uri, self._credentials, now=now))

    async def _first_supported(self, steps: Callable[[Contract], Steps[T]]) -> T:
        """Take the steps in the first contract that the host supports.

        If there is none, raise the first contract's failure.
        """
        preferred = self._candidates[0]
        unsupported: RequestFailed | None = None
        for contract in self._candidates:
            self.contract = contract
            try:
                done = await self._run(steps(contract))
            except RequestFailed as failed:
                if _is_not_supported(failed.failure):
                    unsupported = unsupported or failed
                    continue
                if unsupported is not None and _may_pass(failed.failure):
                    break  # a server in trouble does not show what it supports
                self.settle_on(contract)
                raise
            # A token does not prove that the API itself is supported: the others stay candidates.
            self._candidates = [contract, *(one for one in self._candidates if one is not contract)]
            return done
        self.contract = preferred
        assert unsupported is not None  # noqa: S101  there is at least one candidate
        raise unsupported

    def _sign_in(self, contract: Contract) -> Steps[Token]:
        return contract.tokens.sign_in(self._credentials, now=self._clock.now)

    def _renewal(self, refresh_token: Secret) -> Steps[Token]:
        return self.contract.tokens.renew(refresh_token, self._credentials, now=self._clock.now)

    async def _renew_login(self) -> Token:
        """Renew and store the stored login, while other processes are locked out."""
        if self._logins is None:
            raise _login_required("no login is kept")
        await self._renewal_time.wait_if_late()
        async with self._logins.lock():
            login = await asyncio.to_thread(self._logins.load)
            if login is None:
                raise _login_required("nobody has logged in yet")
            # Once the server was asked, its new refresh token must be saved even if the run ends: the old one is dead.
            renewal = asyncio.ensure_future(self._renew_and_save(self._logins, login))
            try:
                return await asyncio.shield(renewal)
            except asyncio.CancelledError:
                await _wait(renewal, self._renewal_time.farewell)
                raise

    async def _renew_and_save(self, logins: LoginStore, login: Login) -> Token:
        for contract in self._candidates:
            if contract.name == login.contract:
                self.settle_on(contract)
        token = await self._run(self._renewal(login.refresh_token))
        if token.refresh_token is not None and token.refresh_token != login.refresh_token:
            await asyncio.to_thread(logins.save, replace(login, refresh_token=token.refresh_token))
        return token

    def _keep(self, token: Token) -> Token:
        if token.refresh_token is not None:
            self._renewable = token
        return token

    async def _run(self, steps: Steps[T]) -> T:
        """Send one request after another until the steps return a value."""
        answered: Answered[object] | None = None
        failed: RequestFailed | None = None
        while True:
            try:
                question = steps.throw(failed) if failed is not None else steps.send(answered)  # type: ignore[arg-type]
            except StopIteration as done:
                value: T = done.value
                return value
            except UnusableAnswer as unusable:
                raise self._failure_of_last(unusable) from None
            failed = None
            try:
                answered = await self._sender.send(question.request, question.stage, self._reader(question))
            except RequestFailed as failure:
                failed = failure

    def _reader(self, question: Question[object]) -> Callable[[Response], object]:
        def read(response: Response) -> object:
            self._clock.set_by(response)
            value = question.read(response)
            self._learn(value)  # before the exchange is recorded: the answer may hold the token a second time
            return value

        return read

    def _learn(self, value: object) -> None:
        for name in ("access_token", "refresh_token"):
            secret = getattr(value, name, None)
            if isinstance(secret, Secret):
                self._sender.secrets.learn(secret)

    def _failure_of_last(self, unusable: UnusableAnswer) -> RequestFailed:
        """A failure that cites the last exchange. For responses that are usable alone but not together."""
        failure = Failure(
            kind=unusable.kind,
            stage=Stage.TOKEN,
            purpose="the tenant's API",
            exchange=len(self._sender.log.exchanges),
            detail=self._sender.quotable(unusable.detail),
            error=unusable.error,
        )
        return error_of(failure)


async def _wait(renewal: asyncio.Future[Token], seconds: float) -> None:
    """Wait for a renewal, however often this is cancelled meanwhile."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not renewal.done() and (left := end - loop.time()) > 0:
        with suppress(asyncio.CancelledError):
            await asyncio.wait({renewal}, timeout=left)


def _is_not_supported(failure: Failure) -> bool:
    if failure.error == UNTRUSTED_HOST:
        return False  # it is supported, and names a host that must not get our secrets
    return failure.kind in _NOT_SUPPORTED or failure.status == HTTPStatus.METHOD_NOT_ALLOWED


def _may_pass(failure: Failure) -> bool:
    return failure.status is None or failure.kind is FailureKind.SERVER_TROUBLE


def _login_required(why: str) -> RequestFailed:
    failure = Failure(
        kind=FailureKind.LOGIN_REQUIRED, stage=Stage.TOKEN, purpose="token of a login", exchange=0, detail=why
    )
    return error_of(failure)


def _basic(credentials: Credentials) -> tuple[Secret, ...]:
    """Return id and secret joined for the header, with and without padding."""
    if credentials.client_id is None or not credentials.client_secret:
        return ()
    pair = f"{credentials.client_id}:{credentials.client_secret.reveal()}".encode("utf-8", "surrogateescape")
    spelled = (base64.b64encode(pair).decode(), base64.urlsafe_b64encode(pair).decode())
    return tuple(Secret(text) for one in spelled for text in (one, one.rstrip("=")))
