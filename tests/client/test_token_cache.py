"""All requests share one token. One request renews it before it expires, and a refused client is sent once."""

from __future__ import annotations

import asyncio

import pytest

from cxone_rollcall.client.token_cache import TokenCache, renewal_due
from cxone_rollcall.errors import AccessRefused, AnswerUnusable, RollcallError, SettingError
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token

REFUSED = AccessRefused(Failure(kind=FailureKind.UNAUTHORIZED, stage=Stage.TOKEN, purpose="token", exchange=1))
TROUBLE = AnswerUnusable(Failure(kind=FailureKind.SERVER_TROUBLE, stage=Stage.TOKEN, purpose="token", exchange=1))


class Source:
    """A source of tokens with a clock; `fails` are raised in order."""

    def __init__(self, life: float | None = 3600.0) -> None:
        self.life = life
        self.granted = self.asked = 0
        self.time = 1000.0
        self.fails: list[RollcallError] = []
        self.open = asyncio.Event()
        self.open.set()
        self.cache = TokenCache(self.fetch, now=lambda: self.time)

    async def fetch(self, *, anew: bool = False) -> Token:
        """Give a token, as soon as the source is open."""
        self.asked += 1
        await self.open.wait()
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop(0)
        self.granted += 1
        expires_at = None if self.life is None else self.time + self.life
        return Token(
            access_token=Secret(f"token-{self.granted}"),
            granted_at=self.time,
            expires_at=expires_at,
            exchange=self.asked,
        )

    async def everybody(self, count: int = 20) -> list[str]:
        """Let many ask for the token at once; return what each got."""
        got = await asyncio.gather(*(self.cache.token() for _ in range(count)), return_exceptions=True)
        return [one.access_token.reveal() if isinstance(one, Token) else type(one).__name__ for one in got]


@pytest.mark.parametrize(
    ("life", "due"), [(3600, 3540), (600, 540), (599, 539.1), (100, 90), (10, 9), (1, 0.9), (None, float("inf"))]
)
def test_when_renewal_is_due(life: float | None, due: float) -> None:
    """A token is renewed a minute before its end. A short-lived one after nine tenths of its life."""
    expires_at = None if life is None else 1000.0 + life
    token = Token(access_token=Secret("t"), granted_at=1000.0, expires_at=expires_at)
    assert renewal_due(token) == pytest.approx(1000.0 + due)


async def test_one_token_for_all() -> None:
    """Many requests at once share one token, fetched once."""
    source = Source()
    assert await source.everybody() == ["token-1"] * 20
    assert await source.everybody() == ["token-1"] * 20
    assert source.asked == 1


async def test_early_renewal() -> None:
    """The first request renews a token that is about to expire. It is renewed once."""
    source = Source()
    await source.everybody()
    source.time += 3539
    assert await source.everybody() == ["token-1"] * 20
    source.time += 1
    assert await source.everybody() == ["token-2"] * 20
    assert source.asked == 2


async def test_a_life_that_is_not_known() -> None:
    """A token of unknown life is kept until it is refused."""
    source = Source(life=None)
    await source.everybody()
    source.time += 1e9
    assert await source.everybody() == ["token-1"] * 20


async def test_a_rejected_token_is_replaced_once() -> None:
    """Many requests with a rejected token get one new token. A late one gets the token that is there."""
    source = Source()
    old = await source.cache.token()
    got = await asyncio.gather(*(source.cache.replace(old) for _ in range(20)))
    assert {one.access_token.reveal() for one in got} == {"token-2"}
    assert (await source.cache.replace(old)).access_token.reveal() == "token-2"
    assert source.asked == 2
    assert source.cache.current is got[0]


async def test_a_refused_client_is_sent_once() -> None:
    """A refused client is sent once. All requests get that refusal."""
    source = Source()
    source.fails = [REFUSED]
    assert await source.everybody() == ["AccessRefused"] * 20
    assert await source.everybody() == ["AccessRefused"] * 20
    assert source.asked == 1


@pytest.mark.parametrize("fails", [TROUBLE, SettingError("the login cannot be read")])
async def test_an_early_renewal_that_fails(fails: RollcallError) -> None:
    """After a failed early renewal, the old token stays valid."""
    source = Source()
    await source.everybody()
    source.time += 3545
    source.fails = [fails, TROUBLE, TROUBLE]
    assert await source.everybody() == ["token-1"] * 20
    assert source.asked == 2
    source.time += 10
    assert await source.everybody() == ["token-1"] * 20
    assert source.asked == 2
    source.fails.clear()
    source.time += 50
    assert await source.everybody() == ["token-2"] * 20


async def test_a_renewal_that_fails_at_the_end() -> None:
    """If the old token has expired, all requests get the renewal's failure."""
    source = Source()
    await source.everybody()
    source.time += 3601
    source.fails = [TROUBLE]
    assert await source.everybody() == ["AnswerUnusable"] * 20
    assert source.asked == 2


async def test_a_refused_token_is_never_handed_out_again() -> None:
    """A token that the server rejected is never used again. It may have life left, and no other may be available."""
    source = Source()
    old = await source.cache.token()
    source.fails = [TROUBLE]
    with pytest.raises(AnswerUnusable):
        await source.cache.replace(old)
    assert await source.everybody() == ["AnswerUnusable"] * 20
    assert source.asked == 2


async def test_cancelled_fetch() -> None:
    """If a fetching request is cancelled, the next one fetches."""
    source = Source()
    source.open.clear()
    asking = asyncio.create_task(source.cache.token())
    waiting = asyncio.create_task(source.cache.token())
    await asyncio.sleep(0)
    asking.cancel()
    source.open.set()
    assert (await waiting).access_token.reveal() == "token-1"
    assert asking.cancelled() or asking.cancelling()
    assert source.asked == 2


async def test_the_token_stays_in_a_new_log() -> None:
    """With a new log the token stays, without its exchange. A refusal is forgotten, so that it is tried again."""
    source = Source()
    first = await source.cache.token()
    source.cache.begin_log()
    kept = await source.cache.token()
    assert (kept.access_token, kept.number, kept.exchange) == (first.access_token, first.number, 0)
    source.fails = [REFUSED]
    with pytest.raises(AccessRefused):
        await source.cache.replace(first)
    source.cache.begin_log()
    assert await source.everybody() == ["token-2"] * 20
    assert source.asked == 3
