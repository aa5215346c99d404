"""How much of a rate limit a run used. Pure functions of what the server saw.

The server's bucket holds `rate` requests at first. So in the `t` seconds since the first request it lets through at
most `rate + rate * t`: the *allowed* requests.
"""

from typing import NamedTuple

from quality.bench.results import Limit, Limited

STEADY_FROM = 1.0
"""Seconds in which a client should find the rate."""


class Reached(NamedTuple):
    """Shares of the allowed requests, from 0 to 1.

    `whole`: all requests let through, of the allowed ones. `steady`: those after the first second, of the rate alone;
    more than 1 is an unused burst. `throttled`: the share of 429s after the first second.
    """

    whole: float
    steady: float
    throttled: float


def reached(run: Limited, limit: Limit) -> Reached:
    """Return the shares of a run."""
    lasted = run.let_through[-1]
    later = sum(at > STEADY_FROM for at in run.let_through)
    turned_away = sum(at > STEADY_FROM for at in run.turned_away)
    return Reached(
        whole=len(run.let_through) / (limit.rate * (1 + lasted)),
        steady=later / (limit.rate * (lasted - STEADY_FROM)) if lasted > STEADY_FROM else 1.0,
        throttled=turned_away / (later + turned_away) if turned_away else 0.0,
    )


def shortest(requests: int, limit: Limit) -> float:
    """Return the least seconds from the first request to the last."""
    return max(0.0, requests / limit.rate - 1)
