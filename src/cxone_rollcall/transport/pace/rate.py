"""The server's rate limit, learnt from its 429s. Nothing is limited before the first one.

At a 429 the server has used up what it allows. So the answers between two 429s are what it allowed in that time,
whether it uses a token bucket or a window. Requests then leave at even distances, slightly below that rate. While no
429 comes, the rate is kept for a time and then grows, slowly at first, until the next 429.

Pure: times are arguments, in seconds of any clock that never goes back. The constants were chosen by simulation of some
twenty kinds of servers; `tests/transport/pace/test_limiters.py` holds what they reach.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from cxone_rollcall.transport.pace.trial import Trial

BELOW = 0.97
"""Share of the measured rate that we use. Clocks and networks are uneven."""
USUAL_BURST = 1.0
"""Seconds' worth of requests that most servers accept after a pause."""
SLOWEST = 1.0
"""Least requests per second, however many 429s arrive."""
_LAST_STEP = 5
"""Early 429s in a row after which steps down stop growing."""
_FAR_OFF = 4.0
"""Growth that shows that the guessed rate was far too low. The growth then also overshot the true rate."""
_OVERSHOT = 0.85
"""Least share to keep of a rate that overshot."""
_FIRST_KEPT, _LEAST_KEPT = 0.93, 0.5
"""Share of a grown rate kept after a 429: first, and least. It falls if the rate kept was too fast, and rises if it
was right."""
_MOST_LATE = 0.02
"""Seconds by which late requests of a busy machine may catch up."""
_LONGEST_STEP = 5.0
"""Most seconds between two requests that count as time of growth."""
_LONGEST_HOLD = 40.0
"""Most seconds for which a rate stays unchanged."""
_REMEMBERED = 2000
"""Answers before the first 429 to remember. The guess uses the time in which they were densest."""


class Growth(NamedTuple):
    """How a rate grows without a 429. It stays for `hold` seconds, then doubles within `doubling` seconds."""

    hold: float
    doubling: float

    def times(self, seconds: float) -> float:
        """The factor after these seconds: flat first, then ever steeper."""
        share = max(0.0, seconds - self.hold) / self.doubling
        return math.exp2(min(share * share, 16.0))


def growth_of_a_guess(pause: float) -> Growth:
    """The growth of a guessed rate. The guess is right for most servers and far too low for some."""
    return Growth(hold=min(max(pause, 1.0), _LONGEST_HOLD), doubling=max(pause, 3.0))


def growth_once_found(pause: float) -> Growth:
    """The growth of a measured rate. The longer the pause of a 429, the later the next one is provoked."""
    hold = min(max(16 * pause, 6.0), _LONGEST_HOLD)
    return Growth(hold=hold, doubling=hold)


class Span(NamedTuple):
    """Good answers since the last 429, or since the first answer."""

    since: float
    answers: int


class Rate:
    """The rate at which requests leave: `per_second`, None before the first 429.

    Nothing may be sent before `opens_at`, which is 0 before the first 429. We assume that the server decides halfway
    between the request and its answer.
    """

    def __init__(self) -> None:
        self.per_second: float | None = None
        self.opens_at = 0.0
        self.growth = growth_of_a_guess(0.0)
        self._set_to = self._grown_for = self._sent_at = 0.0
        self._span: Span | None = None
        self._last_span: Span | None = None
        self._guessed = False
        self._at_first: deque[float] = deque(maxlen=_REMEMBERED)
        self._burst_lasted = self._at_once = self._throttled_at = self._resumed_at = 0.0
        self._tried = False
        self._kept = _FIRST_KEPT
        self._soon = 0
        self._trial = Trial()

    @property
    def suspended(self) -> bool:
        """Whether a trial suspends the rate limit. Then only pauses hold requests back."""
        return self._trial.suspended

    def sent(self, now: float, *, waited: bool) -> None:
        """Note that a request leaves. `waited` if it had to wait for its turn."""
        if self.per_second is None:
            return
        if waited and now - self.opens_at <= _MOST_LATE:  # it waited for the rate
            self._grown_for += min(now - self._sent_at, _LONGEST_STEP)
            self.per_second = self._set_to * self.growth.times(self._grown_for)
        self._sent_at = now
        late = min(_MOST_LATE, self._at_once / 2 / self.per_second)
        self.opens_at = max(self.opens_at, now - late) + 1 / self.per_second

    def answered(self, sent_at: float, now: float) -> None:
        """Note a good answer."""
        at = (sent_at + now) / 2
        if self._span is None:
            self._span = Span(at, 0)
        if self._last_span is None:
            self._at_first.append(at)
        elif self._guessed and sent_at <= self._throttled_at:
            self._last_span = Span(self._last_span.since, self._last_span.answers + 1)
            self._guess(self._last_span, self.opens_at)
        elif self.per_second is None or at > self._span.since:
            self._span = Span(self._span.since, self._span.answers + 1)

    def refused(self, sent_at: float, now: float, pause: float) -> None:
        """Note a 429 with a pause in seconds. Its request left after the previous 429 had come."""
        at = (sent_at + now) / 2
        span = self._span or Span(at, 0)
        first = self._last_span is None
        if first and not self._at_first:
            self.opens_at = now + pause  # and the rate stays unknown
            return
        if not first and self._is_tried(at, span, now + pause):
            return
        again = self._last_span is not None and not span.answers
        if self._last_span is not None and again:
            span = self._last_span
        if first:
            span = _busiest(self._at_first, at) or span
            self._burst_lasted = at - span.since
        if first or (again and self._guessed):
            self._guess(span, at + pause)
            self._at_once = max(0.0, span.answers - self._set_to * self._burst_lasted)
            self._guessed, self.growth = True, growth_of_a_guess(pause)
        else:
            self._set(self._found(span, at) * BELOW)
            self._guessed, self.growth = False, growth_once_found(pause)
        self._last_span, self._span = span, Span(at, 0)
        self._grown_for = 0.0
        self._throttled_at = now
        self._resumed_at = self._sent_at = self.opens_at = now + pause

    def _is_tried(self, at: float, span: Span, opens_at: float) -> bool:
        """Whether a trial decides after this 429. It suspends the rate, or restores the old one when it ends."""
        before = self._trial.suspended
        self._trial.refused(at, span.answers, lowered=self._grown_for <= self.growth.hold)
        if self._trial.suspended:
            self.per_second = None
        elif before and not self._trial.paid_off:
            self.per_second = self._set_to
        else:
            return False
        self._last_span, self._span, self._guessed = span, Span(at, 0), False
        self._grown_for = 0.0
        self._resumed_at = self._sent_at = self.opens_at = opens_at
        return True

    def refused_too(self) -> None:
        """Note a 429 for a request sent before the last 429."""
        self._trial.refused_too()

    def extend(self, until: float) -> None:
        """Send nothing before this time."""
        self._resumed_at = self._sent_at = self.opens_at = max(self.opens_at, until)
        if self._guessed and self._last_span is not None:
            self._guess(self._last_span, self.opens_at)

    def forget(self) -> None:
        """Limit nothing until the next 429. For a server that answered nothing for long."""
        self.per_second, self.opens_at = None, 0.0

    def _set(self, per_second: float) -> None:
        self._set_to = self.per_second = max(SLOWEST, per_second)

    def _guess(self, span: Span, full_at: float) -> None:
        """Guess the rate, assuming a token bucket that is full at `full_at`.

        It was also full at first. Most servers need `USUAL_BURST` seconds to refill; a shorter pause counts as that.
        """
        lasted = max(full_at - span.since, self._burst_lasted + USUAL_BURST)
        self._set(span.answers / lasted)

    def _found(self, span: Span, at: float) -> float:
        """The server's rate, from its answers in this span."""
        rate, lasted = self.per_second, max(at - span.since, 1e-3)
        if rate is None:
            return span.answers / lasted
        if self._grown_for <= self.growth.hold:
            # Too fast without growth: go down to what was answered, in steps that grow with each early 429.
            self._soon = min(self._soon + 1, _LAST_STEP) if lasted < 4 * self._paused(span) else 1
            if self._tried:
                self._kept = max(self._kept - 0.1, _LEAST_KEPT)
                self._tried = False
            return min(rate, max(span.answers / lasted, rate * max(0.2, 1 - 0.05 * math.exp2(self._soon))))
        self._soon = 0
        # A pause refills a token bucket, but adds nothing in a fixed window. We do not know which it is: half counts.
        let_through = span.answers / (lasted - min(self._paused(span), lasted) / 2)
        if self._guessed:
            return min(rate, max(let_through, rate * _OVERSHOT)) if rate > self._set_to * _FAR_OFF else let_through
        if self._tried:  # and the rate that was kept turned out right
            self._kept = (self._kept + 1) / 2
        self._tried = True
        return min(rate, max(let_through, rate * self._kept))

    def _paused(self, span: Span) -> float:
        return max(0.0, self._resumed_at - span.since)


def _busiest(answers: Iterable[float], at: float) -> Span | None:
    """The span before the first 429 with the highest rate, or None.

    A run begins with one request at a time, which says nothing about the limit. None without an answer.
    """
    spans = (Span(since, count) for count, since in enumerate(sorted(answers, reverse=True), 1) if since <= at)
    return max(spans, key=lambda span: span.answers / (at - span.since + USUAL_BURST), default=None)
