"""The pace finds each server's rate, whatever Retry-After says.

In virtual time. `reached` is the share of the allowed rate over a run of this many seconds, `settled` that share in its
last third.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from tests.support.thorough import mostly_thorough
from tests.transport.pace.limiters import (
    AtOnce,
    Changing,
    FixedWindow,
    Limiter,
    Moody,
    Nobody,
    OnceOnly,
    Queue,
    Shared,
    SlidingLog,
    TokenBucket,
)
from tests.transport.pace.simulation import Saying, nothing, rounded_up, simulate

EVEN = (0.05, 0.05)
QUICK = (0.001, 0.003)
JITTERY = (0.005, 0.5)


def exact(seconds: float) -> float | None:
    """Return the exact time left, with fractions."""
    return seconds


def short(_: float) -> float | None:
    """Say one second, whatever is really left."""
    return 1.0


@pytest.mark.parametrize("rate", mostly_thorough([50, 20, 200], quick=1))
@pytest.mark.parametrize("retry_after", [nothing, rounded_up])
@pytest.mark.parametrize("latency", [QUICK, EVEN])
@pytest.mark.parametrize(("seconds", "share"), mostly_thorough([(10, 0.9), (4, 0.77), (60, 0.95)], quick=1))
def test_the_targets(rate: int, retry_after: Saying, latency: tuple[float, float], seconds: int, share: float) -> None:
    """Ten seconds use 90 % of what a bucket allows, burst included. At most 2 % are refused."""
    run = simulate(TokenBucket(rate, rate), requests=rate * seconds + 2, retry_after=retry_after, latency=latency)
    assert len(run.good) >= share * rate * (1 + run.ended)
    assert run.throttled() <= 0.02
    assert run.given_up == 0


@pytest.mark.parametrize("busy", [0.001, 0.002, 0.003])
@pytest.mark.parametrize("retry_after", [nothing, rounded_up])
def test_a_busy_client(busy: float, retry_after: Saying) -> None:
    """A client that works on each answer still uses 88 %. It meets the limit later."""
    run = simulate(TokenBucket(200, 200), requests=2000, retry_after=retry_after, busy=busy)
    assert len(run.good) >= 0.88 * 200 * (1 + run.ended)
    assert run.throttled() <= 0.03


SERVERS: dict[str, tuple[Callable[[int], Limiter], float, float]] = {
    "bucket of 5": (lambda rate: TokenBucket(rate, 5), 0.7, 0.88),
    "bucket of 1": (lambda rate: TokenBucket(rate, 1), 0.7, 0.85),
    "window of 1 s": (lambda rate: FixedWindow(rate, 1, offset=0.3), 0.8, 0.85),
    "window of 10 s": (lambda rate: FixedWindow(10 * rate, 10, offset=3.3), 0.78, 0.6),
    "sliding second": (lambda rate: SlidingLog(rate, 1), 0.75, 0.75),
    "sliding ten seconds": (lambda rate: SlidingLog(10 * rate, 10), 0.55, 0.45),
    "bucket in debt": (lambda rate: TokenBucket(rate, rate, penalty=1, debt=2 * rate), 0.9, 0.9),
    "bucket shared with others": (lambda rate: Shared(TokenBucket(2 * rate, 2 * rate), rate), 0.9, 0.85),
    "queue of 10": (lambda rate: Queue(rate, 10), 0.7, 0.8),
    "queue without an end": (Queue, 0.98, 0.98),
}


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("retry_after", [nothing, rounded_up])
@pytest.mark.parametrize("rate", mostly_thorough([20, 200], quick=1))
def test_servers_with_other_limits(name: str, retry_after: Saying, rate: int) -> None:
    """Servers with other limits are used well over a minute. They refuse few requests, and answer all in the end."""
    limiter, reached, settled = SERVERS[name]
    run = simulate(limiter(rate), requests=60 * rate, lasts=60, retry_after=retry_after)
    third = run.ended - run.ended / 3
    assert run.rate() >= reached * rate
    assert run.rate(third) >= settled * rate
    assert run.throttled() <= 0.04
    assert run.given_up == 0


def test_no_limit() -> None:
    """Without 429s, full concurrency is reached at the third round trip."""
    run = simulate(Nobody(), requests=10_000)
    assert run.most_under_way == 64
    assert run.ended <= (10_000 / 64 + 2) * 0.05


def test_a_short_run_is_not_held_back() -> None:
    """Six requests take one round trip."""
    assert simulate(Nobody(), requests=6).ended == pytest.approx(0.05)
    assert simulate(TokenBucket(20, 20), requests=6).ended == pytest.approx(0.05)


@pytest.mark.parametrize("retry_after", [nothing, rounded_up])
def test_a_limit_that_drops(retry_after: Saying) -> None:
    """If the limit drops to a tenth, so does the pace.

    It follows within five seconds. It does not stay below the limit.
    """
    limiter = Changing([(20.0, TokenBucket(200, 200)), (math.inf, TokenBucket(20, 20))])
    run = simulate(limiter, requests=10**6, lasts=50, retry_after=retry_after)
    assert run.rate(25, 50) >= 0.8 * 20
    assert run.throttled(25, 50) <= 0.03
    assert run.given_up == 0


@pytest.mark.parametrize(("retry_after", "seconds"), [(nothing, 25), (rounded_up, 45)])
def test_a_limit_that_is_lifted(retry_after: Saying, seconds: int) -> None:
    """If the limit is lifted, the pace returns to full speed. It does so sooner if 429s cost little."""
    limiter = Changing([(20.0, TokenBucket(20, 20)), (math.inf, Nobody())])
    run = simulate(limiter, requests=10**6, lasts=20 + seconds, retry_after=retry_after)
    assert run.rate(20 + seconds - 1, 20 + seconds) >= 0.9 * 64 / 0.05


@pytest.mark.parametrize("retry_after", mostly_thorough([rounded_up, nothing, exact], quick=1))
def test_no_more_at_once_than_the_server_takes(retry_after: Saying) -> None:
    """A server that allows eight at once gets about eight."""
    run = simulate(AtOnce(8), requests=10**6, lasts=60, retry_after=retry_after)
    assert run.rate() >= 0.9 * 8 / 0.05
    assert run.throttled() <= 0.01


def test_a_server_that_queues_is_not_pushed() -> None:
    """If more requests only lengthen latencies, the window does not grow."""
    run = simulate(Queue(50), requests=1000)
    assert run.rate() >= 0.98 * 50
    assert max(run.latencies[200:]) <= 33 / 50 + 0.05


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1, 0.3])
@pytest.mark.parametrize("retry_after", [nothing, rounded_up])
def test_refused_by_chance(share: float, retry_after: Saying) -> None:
    """Random 429s cost their pauses, and no more."""
    run = simulate(Moody(share), requests=1000, retry_after=retry_after)
    assert len(run.good) == 1000
    assert run.ended <= 90


@pytest.mark.parametrize("rate", [1, 2])
def test_very_slow_servers(rate: int) -> None:
    """A server of one request a second is used, with few refusals."""
    run = simulate(TokenBucket(rate, 10), requests=200, retry_after=rounded_up)
    assert run.rate() >= 0.9 * rate
    assert run.throttled() <= 0.4
    assert run.given_up == 0


@pytest.mark.parametrize("latency", [JITTERY])
@pytest.mark.parametrize("rate", mostly_thorough([20, 50, 200], quick=1))
@pytest.mark.parametrize("retry_after", [nothing, rounded_up, exact])
def test_uneven_latencies(rate: int, retry_after: Saying, latency: tuple[float, float]) -> None:
    """Latencies of 5 to 500 ms cost little in the long run. More while the rate is learnt."""
    run = simulate(TokenBucket(rate, rate), requests=60 * rate, latency=latency, retry_after=retry_after)
    assert run.rate() >= 0.92 * rate
    assert run.throttled() <= (0.05 if retry_after is exact else 0.025)  # short pauses bring on a trial


def test_a_quota_for_a_minute() -> None:
    """After a used-up quota the run waits as Retry-After says. Then it goes on evenly; the quota is 1,200 a minute."""
    run = simulate(FixedWindow(1200, 60), requests=2300, retry_after=rounded_up)
    assert run.given_up == 0
    assert len(run.good) == 2300
    assert run.throttled(2) <= 0.02
    assert run.ended <= 125


@pytest.mark.parametrize(("said", "reached"), [(60.0, 0.1), (5.0, 0.7)])
def test_far_too_long(said: float, reached: float) -> None:
    """A Retry-After that is far too long is obeyed, and seldom met."""
    run = simulate(TokenBucket(20, 20), requests=10**6, lasts=300, retry_after=lambda _: said)
    assert run.given_up == 0
    assert run.rate() >= reached * 20


def test_a_retry_after_that_is_too_short() -> None:
    """If Retry-After is far too short, rollcall waits longer. So no request is given up."""
    run = simulate(FixedWindow(200, 10), requests=1000, retry_after=short)
    assert run.given_up == 0
    assert run.throttled() <= 0.1


def test_a_retry_after_of_a_year() -> None:
    """A Retry-After of a year ends the requests that get it. No others are sent."""
    run = simulate(TokenBucket(20, 20), requests=500, retry_after=lambda _: 31536000.0)
    assert run.given_up > 0
    assert len(run.good) + run.given_up == 500
    assert len(run.refused) <= 64
    assert run.ended <= 60


@pytest.mark.parametrize("wait", [1.0, 30.0])
def test_a_single_429_at_the_beginning(wait: float) -> None:
    """One 429 before any answer costs only its pause."""
    run = simulate(OnceOnly(), requests=2000, retry_after=lambda _: wait)
    assert len(run.good) == 2000
    assert run.ended <= wait + 5


def test_thousands_of_early_429s() -> None:
    """However long a server refuses too soon, the pace goes on."""
    run = simulate(TokenBucket(1, 1), requests=2500, retry_after=rounded_up)
    assert len(run.good) == 2500
