"""Renewals of sealed logins: one worker at a time. With a stream in memory."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import cast

import pytest
from tests.fleet.test_sealing import LOGIN, OLD, RENEWED

from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.fleet import logins
from cxone_rollcall.fleet.engine import Engine, Refused, Stored
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.logins import Logins, SealedLogin
from cxone_rollcall.fleet.sealing import Held, Keys, Unopened
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace


class Bucket:
    """A stream of one subject, in memory. `silent` requests are refused, `why` says how; `unconfirmed` writes get no
    confirmation.
    """

    def __init__(self) -> None:
        self.clock = time.monotonic
        self.data = b""
        self.sequence = 0
        self.silent = 0
        self.why = Refusal.SILENT
        self.unconfirmed = 0

    async def last(self, stream: str, subject: str, *, within: float) -> Stored | None:
        """The message."""
        assert (stream, subject) == ("TOKENS-eu", "token.eu.acme")
        if self.silent:
            self.silent -= 1
            raise Refused(self.why)
        return Stored(self.sequence, subject, self.data) if self.sequence else None

    async def publish(self, subject: str, data: bytes, *, after: int | None, within: float) -> int:
        """Replace the message, if `after` is its sequence."""
        if self.silent:
            self.silent -= 1
            raise Refused(self.why)
        if after != self.sequence:
            raise Refused(Refusal.MISMATCH)
        self.sequence, self.data = self.sequence + 1, data
        if self.unconfirmed:
            self.unconfirmed -= 1
            raise Refused(Refusal.SILENT)
        return self.sequence

    def keep(self, held: Held) -> None:
        """Replace the message in any case."""
        self.sequence, self.data = self.sequence + 1, Keys([OLD]).seal(held, "eu", "acme")

    @property
    def held(self) -> Held:
        """The login."""
        return Keys([OLD]).open(self.data, "eu", "acme", LOGIN.key)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A bucket with a login. Tries follow each other at once."""
    monkeypatch.setattr(logins, "AGAIN", 0.001)
    made = Bucket()
    made.keep(Held(LOGIN))
    return made


def _store(bucket: Bucket, owner: str = "w1") -> SealedLogin:
    sealed = Logins(cast("Engine", bucket), "eu", lambda: Keys([OLD]))
    return SealedLogin(sealed, "acme", LOGIN.key, owner=owner)


async def test_a_renewed_login_is_kept(bucket: Bucket) -> None:
    """While a login is renewed, the engine knows by whom. Then it has the new one."""
    store = _store(bucket)
    async with store.lock():
        assert bucket.held == Held(LOGIN, "w1")
        assert store.load() == LOGIN
        await asyncio.to_thread(store.save, RENEWED)
        assert bucket.held == Held(RENEWED)
    assert bucket.held == Held(RENEWED)


async def test_a_renewal_that_fails_leaves_the_login(bucket: Bucket) -> None:
    """Without a new token the login is as before, and free. An earlier renewal changes nothing of that."""
    store = _store(bucket)
    async with store.lock():
        await asyncio.to_thread(store.save, RENEWED)
    with pytest.raises(ValueError):
        async with store.lock():
            raise ValueError
    assert bucket.held == Held(RENEWED)


async def test_another_worker_waits_for_a_renewal(bucket: Bucket) -> None:
    """A refresh token is not used twice. The second one to come gets the next."""
    one, other = _store(bucket), _store(bucket, "w2")

    async def second() -> Login | None:
        async with other.lock():
            return other.load()

    async with one.lock():
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await asyncio.to_thread(one.save, RENEWED)
    assert await waiting == RENEWED


async def test_a_worker_that_died_while_it_renewed_is_waited_for_only_so_long(bucket: Bucket) -> None:
    """The note of a dead worker counts for half a minute. Our own does not."""
    time = [0.0]

    def clock() -> float:
        time[0] += 1.0
        return time[0]

    bucket.keep(Held(LOGIN, "dead"))
    bucket.clock = clock
    async with _store(bucket).lock():
        assert bucket.held == Held(LOGIN, "w1")
    assert time == [1.0 + logins.LONGEST_RENEWAL]
    bucket.keep(Held(LOGIN, "w1"))
    async with _store(bucket).lock():
        assert bucket.held == Held(LOGIN, "w1")
    assert time == [2.0 + logins.LONGEST_RENEWAL]


async def test_a_confirmation_that_is_lost_is_no_failure(bucket: Bucket) -> None:
    """A write that was not confirmed is found again."""
    store = _store(bucket)
    bucket.unconfirmed = 1
    async with store.lock():
        bucket.unconfirmed = 1
        await asyncio.to_thread(store.save, RENEWED)
    assert bucket.held == Held(RENEWED)


async def test_the_login_of_a_user_who_has_logged_in_anew_stays(bucket: Bucket) -> None:
    """A renewed token does not replace a newer login. It replaces the one that it came from."""
    newer = replace(LOGIN, refresh_token=Secret("of-a-newer-login"), granted_at=200.0)
    store = _store(bucket)
    async with store.lock():
        bucket.keep(Held(newer))
        await asyncio.to_thread(store.save, RENEWED)
    assert bucket.held == Held(newer)
    bucket.keep(Held(LOGIN))
    async with store.lock():
        bucket.keep(Held(LOGIN, "w2"))
        await asyncio.to_thread(store.save, RENEWED)
    assert bucket.held == Held(RENEWED)


async def test_without_the_engine_nothing_is_renewed(bucket: Bucket) -> None:
    """Without the engine nothing is sent to the tenant. A renewed token is not given up."""
    for bucket.why in (Refusal.LEADERLESS, Refusal.SILENT):
        bucket.silent = logins.MOST_TRIES
        with pytest.raises(EngineError, match="does not answer"):
            async with _store(bucket).lock():
                raise AssertionError
    store = _store(bucket)
    async with store.lock():
        bucket.silent = 10 * logins.MOST_TRIES
        await asyncio.to_thread(store.save, RENEWED)
    assert bucket.held == Held(RENEWED)


async def test_an_engine_that_sometimes_answers_is_asked_on(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only tries in a row count, also while another worker renews."""
    last, asked = bucket.last, itertools.count(1)
    bucket.keep(Held(LOGIN, "w2"))

    async def answer(stream: str, subject: str, *, within: float) -> Stored | None:
        number = next(asked)
        if number == 2 * logins.MOST_TRIES:
            bucket.keep(Held(LOGIN))
        bucket.silent = number % logins.MOST_TRIES
        return await last(stream, subject, within=within)

    monkeypatch.setattr(bucket, "last", answer)
    async with _store(bucket).lock():
        assert bucket.held == Held(LOGIN, "w1")


async def test_the_engine_rests_between_two_tries_to_store_a_token(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that is choosing a leader is not flooded."""
    monkeypatch.setattr(logins, "AGAIN", 3600.0)
    store = _store(bucket)
    async with store.lock():
        bucket.silent = 9
        saving = asyncio.create_task(store._save(RENEWED))  # noqa: SLF001
        for _ in range(20):
            await asyncio.sleep(0)
        assert bucket.silent == 8
        await ended([saving])


async def test_a_key_that_is_missing_for_a_moment_loses_no_token(bucket: Bucket) -> None:
    """While the file of the key is replaced, a renewed token waits."""
    missing = [False, False, True, True]  # a renewal reads and writes before

    def keys() -> Keys:
        if missing and missing.pop(0):
            raise SettingError("no key")
        return Keys([OLD])

    store = SealedLogin(Logins(cast("Engine", bucket), "eu", keys), "acme", LOGIN.key, owner="w1")
    async with store.lock():
        await asyncio.to_thread(store.save, RENEWED)
    assert bucket.held == Held(RENEWED)
    assert missing == []


async def test_a_token_that_is_not_stored_for_long_is_told(bucket: Bucket) -> None:
    """The error is that of the engine, or of the missing key. It is tried for two minutes."""
    tried = 0
    is_missing = False

    def clock() -> float:
        nonlocal tried
        tried += 1
        return 60.0 * tried

    def keys() -> Keys:
        if is_missing:
            raise SettingError("no key")
        return Keys([OLD])

    bucket.clock = clock
    store = SealedLogin(Logins(cast("Engine", bucket), "eu", keys), "acme", LOGIN.key, owner="w1")
    for error in (EngineError("the engine does not answer"), SettingError("no key")):
        bucket.silent = 0
        async with store.lock():
            tried, bucket.silent, is_missing = 0, 9, isinstance(error, SettingError)
            with pytest.raises(type(error), match=str(error)):
                await asyncio.to_thread(store.save, RENEWED)
            assert tried == 3


async def test_a_login_that_cannot_be_read_after_a_conflict_is_read_again(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has written. Whose login it is shows when the engine, or the key, is there again."""
    newer = replace(LOGIN, refresh_token=Secret("of-a-newer-login"), granted_at=200.0)
    sealed = Logins(cast("Engine", bucket), "eu", lambda: Keys([OLD]))
    store = SealedLogin(sealed, "acme", LOGIN.key, owner="w1")
    async with store.lock():
        bucket.keep(Held(newer))
        read, failures = sealed.read, [Refused(Refusal.SILENT), SettingError("no key")]

        async def failing(tenant: str, key: LoginKey) -> tuple[int, Held]:
            if failures:
                raise failures.pop()
            return await read(tenant, key)

        monkeypatch.setattr(sealed, "read", failing)
        await asyncio.to_thread(store.save, RENEWED)
    assert (bucket.held, failures) == (Held(newer), [])


async def test_nobody_has_logged_in() -> None:
    """Without a login, the error says what to type."""
    with pytest.raises(Unopened, match="rollcall auth login, then rollcall fleet apply"):
        await _store(Bucket()).check()
