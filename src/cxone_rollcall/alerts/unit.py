"""One condition over time: pending, firing, ended. It is that of an agent, a team or a finding."""

from __future__ import annotations

from enum import StrEnum
from math import inf

from cxone_rollcall.live.seat import MOST_MISSED
from cxone_rollcall.model.struct import Record


class Truth(StrEnum):
    """What a poll shows of a condition. UNSEEN without data; DOUBTFUL if the data settles nothing."""

    TRUE = "true"
    FALSE = "false"
    DOUBTFUL = "doubtful"
    UNSEEN = "unseen"


class Unit(Record, kw_only=True):
    """A condition that was true at least once. Times are in seconds.

    `held` is how long it was seen to be true before it fired, `calm` how long it has been seen to be false. Both count
    only the time between polls that show the same; no timer runs while nothing is seen. `settled` is what the last poll
    showed, None unless it was TRUE or FALSE. `unseen` counts polls in a row without data.
    """

    rule: str
    team: str
    subject: str
    began: float
    firing: bool = False
    fired: float | None = None
    blind: bool = False
    held: float = 0.0
    calm: float = 0.0
    settled: Truth | None = None
    at: float = 0.0
    unseen: int = 0
    label: str = ""
    text: str = ""
    state: tuple[str | None, str | None, str | None] | None = None
    """State, sub-state and the server's own time. From the row that last showed it true."""
    state_since: float | None = None
    """The latest time at which this state began."""

    def take(self, truth: Truth, now: float, *, for_: float, keep_firing_for: float, since_last: float = inf) -> bool:
        """Take what a poll shows. Returns whether the unit goes on; False is the end, on evidence.

        `since_last` is the longest time that may have passed since the poll before. The server's clock may be set.
        """
        passed = min(max(0.0, now - self.at), since_last) if truth is self.settled else 0.0
        self.at = now
        self.settled = truth if truth in (Truth.TRUE, Truth.FALSE) else None
        self.unseen = self.unseen + 1 if truth is Truth.UNSEEN else 0
        if self.settled is None:
            self.blind = self.blind or (self.firing and self.unseen >= MOST_MISSED)
            return True
        self.blind = False
        if truth is Truth.TRUE:
            self.held, self.calm = self.held + passed, 0.0
            if not self.firing and self.held >= for_:
                self.firing, self.fired = True, now
            return True
        self.calm += passed
        return self.firing and self.calm < keep_firing_for
