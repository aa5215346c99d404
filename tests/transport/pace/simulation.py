"""A run against a limited server, in virtual time."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.transport import virtual
from tests.transport.pace.limiters import Limiter, Queue

from cxone_rollcall.transport.pace.gate import Pace

WORKERS = 140
"""Requests waiting to be sent, more than may be under way."""
MOST_THROTTLES = 50

Saying = Callable[[float], "float | None"]
"""What Retry-After says, given the seconds that are really left."""


def nothing(_: float) -> float | None:
    """Say nothing."""
    return None


def rounded_up(seconds: float) -> float | None:
    """Say whole seconds, at least one."""
    return float(max(1, math.ceil(seconds)))


@dataclass
class Run:
    """The result of a run. When good answers and refusals came, and how many requests were given up."""

    good: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    given_up: int = 0
    ended: float = 0.0
    most_under_way: int = 0
    latencies: list[float] = field(default_factory=list)

    def rate(self, begin: float = 0.0, end: float = math.inf) -> float:
        """Return the good answers a second between two moments."""
        end = min(end, self.ended)
        return sum(begin <= at < end for at in self.good) / (end - begin) if end > begin else 0.0

    def throttled(self, begin: float = 1.0, end: float = math.inf) -> float:
        """Return the share of requests that were refused between two moments."""
        refused = sum(begin <= at < end for at in self.refused)
        good = sum(begin <= at < end for at in self.good)
        return refused / (refused + good) if refused else 0.0


def simulate(
    limiter: Limiter,
    *,
    requests: int,
    retry_after: Saying = nothing,
    latency: tuple[float, float] = (0.05, 0.05),
    lasts: float = math.inf,
    busy: float = 0.0,
    seed: int = 1,
) -> Run:
    """Run this many requests, or until the time is over.

    Half of a latency is the way to the server. An answer makes the client `busy` for this many seconds, one after the
    other.
    """
    done: Run = virtual.run(_simulate(limiter, requests, retry_after, latency, lasts, busy, random.Random(seed)))
    return done


async def _simulate(
    limiter: Limiter,
    requests: int,
    retry_after: Saying,
    latency: tuple[float, float],
    lasts: float,
    busy: float,
    chance: random.Random,
) -> Run:
    loop = asyncio.get_running_loop()
    pace = Pace(clock=loop.time, random=chance.random)
    done, left, client = Run(), requests, Queue(1 / busy if busy else math.inf)

    async def come_back() -> None:
        await asyncio.sleep(chance.uniform(*latency) / 2)
        client.take(loop.time())
        await asyncio.sleep(client.free_at - loop.time())

    async def ask() -> None:
        for _ in range(MOST_THROTTLES):
            async with pace.turn() as turn:
                if pace.closed:
                    break
                sent = loop.time()
                await asyncio.sleep(chance.uniform(*latency) / 2)
                wait = limiter.take(loop.time())
                if not wait and isinstance(limiter, Queue):
                    await asyncio.sleep(limiter.free_at - loop.time())
                if not wait:
                    await come_back()
                    limiter.done(loop.time())
                    done.good.append(loop.time())
                    done.latencies.append(loop.time() - sent)
                    turn.succeeded()
                    return
                await come_back()
                done.refused.append(loop.time())
                if not turn.throttled(retry_after(wait)):
                    break
        done.given_up += 1

    async def work() -> None:
        nonlocal left
        while left and loop.time() < lasts:
            left -= 1
            await ask()

    await asyncio.gather(*(work() for _ in range(WORKERS)))
    done.ended = max(done.good, default=loop.time())
    done.most_under_way = pace.report.most_under_way
    return done
