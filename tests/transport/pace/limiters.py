"""Servers that limit requests in different ways, in virtual time.

Written from documented behaviour, not from the client. Each has `take(now)`, called when a request arrives, and
`done(now)`, called when a request that got 0.0 has been served. `take` returns 0.0, or the seconds until it would be
answered.
"""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol


class Limiter(Protocol):
    """What decides whether a request is answered."""

    def take(self, now: float) -> float:
        """Return 0.0, or the seconds until a request would be answered."""

    def done(self, now: float) -> None:
        """Note that an answer has been sent."""


@dataclass
class Nobody:
    """No limit."""

    def take(self, now: float) -> float:
        """Take everything."""
        return 0.0

    def done(self, now: float) -> None:
        """Need nothing."""


@dataclass
class OnceOnly(Nobody):
    """Refuses the first request, and no other."""

    met: bool = False

    def take(self, now: float) -> float:
        """Refuse once."""
        refused, self.met = not self.met, True
        return 0.5 if refused else 0.0


@dataclass
class Moody(Nobody):
    """Refuses a share of all requests by chance, however slowly they come."""

    share: float
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def take(self, now: float) -> float:
        """Refuse or not, whatever the time."""
        return 0.5 if self.chance.random() < self.share else 0.0


@dataclass
class TokenBucket(Nobody):
    """`rate` tokens a second, `burst` at most. Refused requests cost `penalty` tokens, down to `-debt`."""

    rate: float
    burst: float
    penalty: float = 0.0
    debt: float = 0.0
    level: float = field(init=False)
    seen: float = 0.0

    def __post_init__(self) -> None:
        self.level = self.burst

    def take(self, now: float) -> float:
        """Take a token, or say when there is one."""
        self.level = min(self.burst, self.level + (now - self.seen) * self.rate)
        self.seen = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        self.level = max(-self.debt, self.level - self.penalty)
        return (1 - self.level) / self.rate


@dataclass
class FixedWindow(Nobody):
    """`count` requests in each window of `seconds`. The first window began `offset` before the run."""

    count: int
    seconds: float
    offset: float = 0.0
    window: int = -1
    used: int = 0

    def take(self, now: float) -> float:
        """Use this window, or return the seconds until the next."""
        window = math.floor((now + self.offset) / self.seconds)
        if window != self.window:
            self.window, self.used = window, 0
        if self.used < self.count:
            self.used += 1
            return 0.0
        return (window + 1) * self.seconds - (now + self.offset)


@dataclass
class SlidingLog(Nobody):
    """`count` answered requests in any `seconds`."""

    count: int
    seconds: float
    log: deque[float] = field(default_factory=deque)

    def take(self, now: float) -> float:
        """Take a place, or say when the oldest one falls out."""
        while self.log and self.log[0] <= now - self.seconds:
            self.log.popleft()
        if len(self.log) < self.count:
            self.log.append(now)
            return 0.0
        return self.log[0] + self.seconds - now


@dataclass
class AtOnce(Nobody):
    """At most `most` requests being served."""

    most: int
    under_way: int = 0

    def take(self, now: float) -> float:
        """Take a place, or say to try in a second."""
        if self.under_way < self.most:
            self.under_way += 1
            return 0.0
        return 1.0

    def done(self, now: float) -> None:
        """Free a place."""
        self.under_way -= 1


@dataclass
class Changing(Nobody):
    """Limiters one after the other, each until a moment."""

    stages: list[tuple[float, Limiter]]

    def take(self, now: float) -> float:
        """Ask the one whose time it is."""
        return next(limiter for until, limiter in self.stages if now < until).take(now)


@dataclass
class Shared(Nobody):
    """A limiter with other clients: `others` requests per second, for a time."""

    limiter: Limiter
    others: float
    begin: float = 0.0
    end: float = math.inf
    last: float = 0.0

    def take(self, now: float) -> float:
        """Let the others in first, each at its time."""
        while (at := max(self.last, self.begin) + 1 / self.others) <= min(now, self.end):
            self.last = at
            self.limiter.take(at)
        return self.limiter.take(now)


@dataclass
class Queue(Nobody):
    """A leaky bucket: one request after the other, `rate` a second.

    `most` may wait; the wait is part of the response. `free_at` is when the last one in the queue is served.
    """

    rate: float
    most: float = math.inf
    free_at: float = 0.0

    def take(self, now: float) -> float:
        """Take a place in the queue, or say when there is one."""
        waiting = max(0.0, self.free_at - now) * self.rate
        if waiting >= self.most:
            return (waiting - self.most + 1) / self.rate
        self.free_at = max(self.free_at, now) + 1 / self.rate
        return 0.0
