"""Being let in: which contract the host speaks, and a token from it by key, by client, or by a login that is kept."""

from __future__ import annotations

import asyncio
import base64
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, TypeVar

from cxone_rollcall.client.sender import error_of
from cxone_rollcall.contracts.incontact.discovery import LED_ELSEWHERE
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from cxone_rollcall.client.sender import Asker
    from cxone_rollcall.contracts.protocol import Answered, Callback, Contract, Question, Steps
    from cxone_rollcall.model.credentials import Credentials
    from cxone_rollcall.model.exchange import Response
    from cxone_rollcall.model.login import Login
    from cxone_rollcall.model.token import Token

T = TypeVar("T")

_NOT_SPOKEN = frozenset({FailureKind.NOT_FOUND, FailureKind.NOT_THE_API})
LONGEST_FAREWELL = 5.0
"""Seconds for which a run that was cut short waits for the renewal of a login that is under way."""


class LoginStore(Protocol):
    """Where a user's login is kept between runs. Each call may wait for a disk, or for a user."""

    def load(self) -> Login | None:
        """Return the login that is kept, if any."""

    def save(self, login: Login) -> None:
        """Keep this login in place of the one before."""

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from renewing the same login: a refresh token may be good only once."""


class Access:
    """Asks for tokens over the first of `contracts` that the host speaks, and stays with it."""

    def __init__(
        self,
        asker: Asker,
        contracts: Sequence[Contract],
        credentials: Credentials,
        *,
        logins: LoginStore | None = None,
    ) -> None:
        self.contract = contracts[0]
        self._candidates = list(contracts)
        self._asker = asker
        self._credentials = credentials
        self._logins = logins
        self._renewable: Token | None = None
        for secret in (credentials.client_secret, credentials.access_key_secret, *_basic(credentials)):
            if secret is not None:
                asker.recorder.learn(secret)

    @property
    def others(self) -> tuple[Contract, ...]:
        """The contracts that may be spoken here as well, until one was found to be."""
        return tuple(one for one in self._candidates if one is not self.contract)

    def speak(self, contract: Contract) -> None:
        """Speak this contract from now on, and no other: what another one gave is not shown to it."""
        if contract is not self.contract:
            self._renewable = None
        self._candidates = [contract]
        self.contract = contract

    async def mint(self, *, anew: bool) -> Token:
        """Ask for a token: with the refresh token of the last one, or, `anew`, with what it was got with at first."""
        if self._credentials.grant_type == "authorization_code":
            return self._keep(await self._renew_login())
        last, self._renewable = self._renewable, None
        if last is not None and last.refresh_token is not None and not anew:
            try:
                return self._keep(await self._run(self._renewal(last.refresh_token)))
            except RequestFailed as refused:
                if refused.failure.status is None:
                    raise
        return self._keep(await self._first_spoken(self._sign_in))

    async def authorize_url(self, callback: Callback) -> str:
        """Find the address at which a user's browser logs in."""
        return await self._first_spoken(lambda contract: contract.authorize_url(self._credentials, callback))

    async def redeem(self, code: Secret, verifier: Secret, redirect_uri: str) -> Token:
        """Ask for a token with the code that the authorize page gave."""
        for secret in (code, verifier):
            self._asker.recorder.learn(secret)
        now = self._asker.server_now
        return await self._run(self.contract.redeem(code, verifier, redirect_uri, self._credentials, now=now))

    async def _first_spoken(self, steps: Callable[[Contract], Steps[T]]) -> T:
        """Take the steps in the first contract that the host speaks; where it speaks none, the first one's failure."""
        preferred = self._candidates[0]
        unspoken: RequestFailed | None = None
        for contract in self._candidates:
            self.contract = contract
            try:
                done = await self._run(steps(contract))
            except RequestFailed as failed:
                if _is_not_spoken(failed.failure):
                    unspoken = unspoken or failed
                    continue
                if unspoken is not None and (failed.failure.status or 500) >= 500:
                    break  # which says nothing of what is spoken
                self.speak(contract)
                raise
            # A token does not tell that the API itself is spoken: the others stay candidates.
            self._candidates = [contract, *(one for one in self._candidates if one is not contract)]
            return done
        self.contract = preferred
        assert unspoken is not None  # noqa: S101  there is at least one candidate
        raise unspoken

    def _sign_in(self, contract: Contract) -> Steps[Token]:
        return contract.sign_in(self._credentials, now=self._asker.server_now)

    def _renewal(self, refresh_token: Secret) -> Steps[Token]:
        return self.contract.renew(refresh_token, self._credentials, now=self._asker.server_now)

    async def _renew_login(self) -> Token:
        """Renew the login that is kept, and keep what comes of it; no other process renews it meanwhile."""
        if self._logins is None:
            raise _login_required("no login is kept")
        async with self._logins.lock():
            # Once the server was asked, its new refresh token must be kept whatever ends this run: the old one is dead.
            renewal = asyncio.ensure_future(self._renew_and_save(self._logins))
            try:
                return await asyncio.shield(renewal)
            except asyncio.CancelledError:
                await asyncio.wait({renewal}, timeout=LONGEST_FAREWELL)
                raise

    async def _renew_and_save(self, logins: LoginStore) -> Token:
        login = await asyncio.to_thread(logins.load)
        if login is None:
            raise _login_required("nobody has logged in yet")
        for contract in self._candidates:
            if contract.name == login.contract:
                self.speak(contract)
        token = await self._run(self._renewal(login.refresh_token))
        if token.refresh_token is not None and token.refresh_token != login.refresh_token:
            await asyncio.to_thread(logins.save, replace(login, refresh_token=token.refresh_token))
        return token

    def _keep(self, token: Token) -> Token:
        if token.refresh_token is not None:
            self._renewable = token
        return token

    async def _run(self, steps: Steps[T]) -> T:
        """Ask one question after another until they come to a value."""
        answered: Answered[object] | None = None
        failed: RequestFailed | None = None
        while True:
            try:
                question = steps.throw(failed) if failed is not None else steps.send(answered)  # type: ignore[arg-type]
            except StopIteration as done:
                value: T = done.value
                return value
            except UnusableAnswer as unusable:
                raise self._said_by_the_last(unusable) from None
            failed = None
            try:
                answered = await self._asker.ask(question.request, Stage.TOKEN, self._reader(question))
            except RequestFailed as failure:
                failed = failure

    def _reader(self, question: Question[object]) -> Callable[[Response], object]:
        def read(response: Response) -> object:
            self._asker.set_clock_by(response)
            value = question.read(response)
            self._learn(value)  # before the answer is recorded, wherever else it has the token
            return value

        return read

    def _learn(self, value: object) -> None:
        for name in ("access_token", "refresh_token"):
            secret = getattr(value, name, None)
            if isinstance(secret, Secret):
                self._asker.recorder.learn(secret)

    def _said_by_the_last(self, unusable: UnusableAnswer) -> RequestFailed:
        """Return as a failure what the answers came to, though each of them was usable by itself."""
        failure = Failure(
            kind=unusable.kind,
            stage=Stage.TOKEN,
            purpose="the tenant's API",
            exchange=len(self._asker.recorder.exchanges),
            detail=self._asker.quotable(unusable.detail),
            error=unusable.error,
        )
        return error_of(failure)


def _is_not_spoken(failure: Failure) -> bool:
    if failure.error == LED_ELSEWHERE:
        return False  # it is spoken, and leads where nothing of ours goes
    return failure.kind in _NOT_SPOKEN or failure.status == HTTPStatus.METHOD_NOT_ALLOWED


def _login_required(why: str) -> RequestFailed:
    failure = Failure(
        kind=FailureKind.LOGIN_REQUIRED, stage=Stage.TOKEN, purpose="token of a login", exchange=0, detail=why
    )
    return error_of(failure)


def _basic(credentials: Credentials) -> tuple[Secret, ...]:
    """Return the client's id and secret as the header Authorization joins them, with padding and without."""
    if credentials.client_id is None or not credentials.client_secret:
        return ()
    pair = f"{credentials.client_id}:{credentials.client_secret.reveal()}".encode("utf-8", "surrogateescape")
    spelt = (base64.b64encode(pair).decode(), base64.urlsafe_b64encode(pair).decode())
    return tuple(Secret(text) for one in spelt for text in (one, one.rstrip("=")))
