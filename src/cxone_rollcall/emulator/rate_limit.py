"""A rate limit and its 429 responses."""

import math
from collections.abc import Callable
from email.utils import formatdate
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About
from cxone_rollcall.emulator.wire import Answer, problem

Wait = Annotated[
    Literal["seconds", "date", "none", "absurd", "garbled"],
    About("how Retry-After gives the wait; absurd is a year, garbled is unreadable"),
]


class Bucket:
    """A token bucket for the requests of one second, at least one."""

    def __init__(self, rate: float, now: Callable[[], float]) -> None:
        self._rate, self._now = rate, now
        self._size = max(rate, 1.0)
        self._level, self._seen = self._size, now()

    def take(self) -> float:
        """Take one request; return 0, or the seconds to wait."""
        now = self._now()
        self._level = min(self._size, self._level + max(0.0, now - self._seen) * self._rate)
        self._seen = now
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self._rate


def too_many_requests(wait: float, retry_after: Wait, now: float) -> Answer:
    """Return a 429 with the wait in seconds, written as `retry_after` says."""
    answer = problem(429, "Too many requests.")
    seconds = max(1, math.ceil(wait))
    match retry_after:
        case "seconds":
            return answer.with_header("Retry-After", str(seconds))
        case "date":
            # A date has whole seconds; one more, so that it is not already past.
            return answer.with_header("Retry-After", formatdate(now + seconds + 1, usegmt=True))
        case "absurd":
            return answer.with_header("Retry-After", "31536000")
        case "garbled":
            return answer.with_header("Retry-After", "a little while")
        case _:
            return answer
