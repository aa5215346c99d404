"""How much of what a limit allowed was used: pure functions of what the server saw.

A server that takes `rate` requests a second holds a bucket of as many to begin with: in the `t` seconds since the
first request it lets `rate + rate * t` through at most, whatever a client does. That is what is *allowed*.
"""

from typing import NamedTuple

from quality.bench.results import Limit, Limited

STEADY_FROM = 1.0
"""Seconds after which a client is to have found the rate."""


class Reached(NamedTuple):
    """What one run came to, as shares of 1.

    `whole` is what was let through, of what was allowed from the first request to the last one let through. `steady`
    is the same from one second after the first request on, of the rate alone: more than 1 is burst that was left over.
    `throttled` is the share of 429s among the requests after that second.
    """

    whole: float
    steady: float
    throttled: float


def reached(run: Limited, limit: Limit) -> Reached:
    """Return what a run came to."""
    lasted = run.let_through[-1]
    later = sum(at > STEADY_FROM for at in run.let_through)
    turned_away = sum(at > STEADY_FROM for at in run.turned_away)
    return Reached(
        whole=len(run.let_through) / (limit.rate * (1 + lasted)),
        steady=later / (limit.rate * (lasted - STEADY_FROM)) if lasted > STEADY_FROM else 1.0,
        throttled=turned_away / (later + turned_away) if turned_away else 0.0,
    )


def shortest(requests: int, limit: Limit) -> float:
    """Return the seconds that so many requests take at least, from the first to the last."""
    return max(0.0, requests / limit.rate - 1)
