"""What belongs to one roll call. The client outlives it: it may live for weeks."""

from __future__ import annotations

from collections.abc import Sequence

from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.access import ReadUncompressed, Renewal, VersionFallback
from cxone_rollcall.model.struct import Record, field
from cxone_rollcall.transport.pace.gate import PaceReport
from cxone_rollcall.transport.recorder import Recorder


class RunLog(Record):
    """The exchanges of one run, with counts of its requests. Exchanges are numbered from 1.

    `pace` counts 429s and pauses. `retried` counts repeated requests, `answered` usable answers of the API itself (not
    of token endpoints). `last_throttle` is the exchange of the last 429 and its Retry-After. `oldest_answer` is the
    greatest `Age` of an answer in seconds, and its exchange. `healed_tokens` are expired tokens that a newer one
    replaced. `fallbacks` are paths that only an older version of the API serves.
    """

    recorder: Recorder
    pace: PaceReport
    retried: int = 0
    answered: int = 0
    last_throttle: tuple[int, str | None] = (0, None)
    oldest_answer: tuple[float, int] = (0.0, 0)
    healed_tokens: list[Renewal] = field(default_factory=list)
    throttled_now: int = 0
    """Requests that had a 429 and wait for their next try."""
    fallbacks: list[VersionFallback] = field(default_factory=list)
    unanswered: dict[object, Failure] = field(default_factory=dict)
    """Requests that failed and wait for their next try or its answer. Those of a 429 are in `throttled_now`."""
    uncompressed: list[ReadUncompressed] = field(default_factory=list)
    """Requests of which only an uncompressed answer could be read."""

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges so far; number n is at index n - 1."""
        return self.recorder.exchanges
