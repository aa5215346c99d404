"""How many requests a second the server bears, learnt from its 429s; before the first one there is no limit.

A 429 says that the server's account is empty at that moment. So what it answered between two of them is what it
allowed meanwhile, whatever its way of counting (a bucket, a window): so much it will bear again. Requests then leave
at even distances, a little below that. While no 429 comes the rate
stays for a time and then grows, slowly at first and ever faster, until the next 429 tells more.

Pure: times come in as seconds of any clock that never goes back. The figures here were chosen by what they do to
some twenty kinds of server; `tests/transport/pace/test_limiters.py` holds what they reach.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.transport.pace.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterable

BELOW = 0.97
"""Share of the rate found at which requests leave: the rest is for clocks and networks that are not even."""
USUAL_BURST = 1.0
"""Seconds' worth of requests that most servers take at once after a quiet time."""
SLOWEST = 1.0
"""Requests a second that are sent however many 429s come."""
_LAST_STEP = 5
_FAR_OFF = 4.0
"""A guess that could grow so many times was no guess of this server's rate."""
_OVERSHOT = 0.85
_BORNE_AT_FIRST = 0.93
_LEAST_BORNE = 0.5
_MOST_LATE = 0.02
"""Seconds that requests which a busy machine sends late may catch up."""
_LONGEST_STEP = 5.0
_LONGEST_HOLD = 40.0
_REMEMBERED = 2000
"""Answers before the first 429 that are remembered: the guess goes by the time in which they were densest."""


class Growth(NamedTuple):
    """How a rate grows while no 429 comes: it stays for `hold` seconds, and has doubled after `doubling` more."""

    hold: float
    doubling: float

    def times(self, seconds: float) -> float:
        """Return the factor by which a rate has grown after so many seconds: flat at first, then ever steeper."""
        share = max(0.0, seconds - self.hold) / self.doubling
        return math.exp2(min(share * share, 16.0))


def growth_of_a_guess(pause: float) -> Growth:
    """Return how a rate grows that is right for most servers and much too low for some."""
    return Growth(hold=min(max(pause, 1.0), _LONGEST_HOLD), doubling=max(pause, 3.0))


def growth_once_found(pause: float) -> Growth:
    """Return how a rate grows that was found: the longer a 429 makes everybody wait, the rarer one is provoked."""
    hold = min(max(16 * pause, 6.0), _LONGEST_HOLD)
    return Growth(hold=hold, doubling=hold)


class Span(NamedTuple):
    """Good answers since a moment: that of a 429, or of the first answer."""

    since: float
    answers: int


class Rate:
    """The rate at which requests leave: `per_second`, None as long as there was no 429.

    Nobody may send before `opens_at`, which is 0 as long. The server is taken to have decided on an answer halfway
    between the request's leaving and the answer's coming.
    """

    def __init__(self) -> None:
        self.per_second: float | None = None
        self.opens_at = 0.0
        self.growth = growth_of_a_guess(0.0)
        self._set_to = 0.0
        self._grown_for = 0.0
        self._sent_at = 0.0
        self._span: Span | None = None
        self._last_span: Span | None = None
        self._throttled_at = self._resumed_at = 0.0
        self._guessed = False
        self._at_first: deque[float] = deque(maxlen=_REMEMBERED)
        self._burst_lasted = self._at_once = 0.0
        self._tried = False
        self._borne = _BORNE_AT_FIRST
        self._soon = 0
        self._trial = Trial()

    @property
    def suspended(self) -> bool:
        """Whether nothing but the pauses holds back, to find out whether 429s have to do with the rate."""
        return self._trial.suspended

    def sent(self, now: float, *, waited: bool) -> None:
        """Note that a request leaves; `waited` says that it had to wait for its turn."""
        if self.per_second is None:
            return
        if waited and now - self.opens_at <= _MOST_LATE:  # it was the rate that it waited for
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
        """Note a 429 after which nobody sends for `pause` seconds.

        It is one for a request that left after the last 429 had come: others are the same throttling.
        """
        at = (sent_at + now) / 2
        span = self._span or Span(at, 0)
        first = self._last_span is None
        if first and not self._at_first:
            self.opens_at = now + pause  # and nothing is known of a rate
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
        """Tell whether a trial settles what follows from this 429: no rate, or at its end the one from before it."""
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
        """Note a 429 for a request that was under way when the last one came."""
        self._trial.refused_too()

    def extend(self, until: float) -> None:
        """Let nobody send before this moment either."""
        self._resumed_at = self._sent_at = self.opens_at = max(self.opens_at, until)
        if self._guessed and self._last_span is not None:
            self._guess(self._last_span, self.opens_at)

    def forget(self) -> None:
        """Set no limit until the next 429: for a server that answers nothing, no rate is right."""
        self.per_second, self.opens_at = None, 0.0

    def _set(self, per_second: float) -> None:
        self._set_to = self.per_second = max(SLOWEST, per_second)

    def _guess(self, span: Span, full_at: float) -> None:
        """Take the server to have had a full account at first and to have one again at this moment.

        A pause that is shorter than what most servers need for that does not count as one.
        """
        lasted = max(full_at - span.since, self._burst_lasted + USUAL_BURST)
        self._set(span.answers / lasted)

    def _found(self, span: Span, at: float) -> float:
        """Return the rate that the server bears, by what it answered in this span and refused now."""
        rate, lasted = self.per_second, max(at - span.since, 1e-3)
        if rate is None:
            return span.answers / lasted
        if self._grown_for <= self.growth.hold:
            # Too fast though it had not grown: down to what was let through, though in ever larger steps.
            self._soon = min(self._soon + 1, _LAST_STEP) if lasted < 4 * self._paused(span) else 1
            if self._tried:
                self._borne = max(self._borne - 0.1, _LEAST_BORNE)
                self._tried = False
            return min(rate, max(span.answers / lasted, rate * max(0.2, 1 - 0.05 * math.exp2(self._soon))))
        self._soon = 0
        # A pause fills a token bucket and is lost to a fixed window. Which of them this is, is unknown: half counts.
        let_through = span.answers / (lasted - min(self._paused(span), lasted) / 2)
        if self._guessed:
            return min(rate, max(let_through, rate * _OVERSHOT)) if rate > self._set_to * _FAR_OFF else let_through
        if self._tried:  # and what it led to was borne
            self._borne = (self._borne + 1) / 2
        self._tried = True
        return min(rate, max(let_through, rate * self._borne))

    def _paused(self, span: Span) -> float:
        return max(0.0, self._resumed_at - span.since)


def _busiest(answers: Iterable[float], at: float) -> Span | None:
    """Return the time before the first 429 that speaks for the highest rate; None where nothing was answered.

    A run begins slowly, with a question at a time, and a full account takes in nothing: that time says little.
    """
    spans = (Span(since, count) for count, since in enumerate(sorted(answers, reverse=True), 1) if since <= at)
    return max(spans, key=lambda span: span.answers / (at - span.since + USUAL_BURST), default=None)
