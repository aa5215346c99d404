"""A held ticket as a state machine. Times and answers in, decisions out. Pure.

Times are seconds of a clock that never goes back. A *beat* is the shortest interval of the zone's tenants.
"""

from __future__ import annotations

from enum import Enum, auto

from cxone_rollcall.model.struct import Value, replace

LENGTH = 2.25
"""Beats after which the engine gives a ticket to another worker. With the takeover, it is polled again within 3."""
RENEWAL = 1.1
"""Beats after which a ticket is renewed. Each poll renews it, too; so polls at the beat are never late for it."""
LONGEST_BUFFER = 12.0
"""Seconds to poll on without a leader, keeping records in memory. An election takes up to 9."""
MOST_STARTING = 32
"""Tenants that a worker begins with at once. Each begins with a whole look, which costs far more than the deltas
after it: 32 of 5,000 agents cost four seconds of CPU.
"""
LOWEST_PRIORITY = 9
"""The engine serves waiting workers from priority 0 to this."""


class Lease(Value, frozen=True):
    """The right to poll a tenant.

    It is counted from the moments at which confirmed messages were *sent*.

    `until` is when the right ends. `confirmed` is when the last message was sent that the engine has confirmed.
    """

    beat: float
    confirmed: float
    until: float

    def is_lapsed(self, now: float) -> bool:
        """Whether another worker may have the ticket by now."""
        return now >= self.until

    def renewed(self, sent: float) -> Lease:
        """After the engine confirmed a renewal.

        It proves nothing after the lease has lapsed: the engine takes one from anybody.
        """
        if self.is_lapsed(sent):
            return self
        return replace(self, confirmed=max(self.confirmed, sent), until=max(self.until, sent + LENGTH * self.beat))

    def written(self, sent: float) -> Lease:
        """After the engine took a record: until then no other worker had. That is good for one more beat."""
        return replace(self, confirmed=max(self.confirmed, sent), until=max(self.until, sent + RENEWAL * self.beat))

    def leaderless(self, now: float) -> Lease:
        """After the engine answered that it has no leader.

        It cannot give the ticket away meanwhile."""
        if self.is_lapsed(now) or now - self.confirmed > LONGEST_BUFFER:
            return self
        return replace(self, until=max(self.until, now + RENEWAL * self.beat))


def taken(now: float, beat: float) -> Lease:
    """The lease of a worker whose take record was accepted, sent now."""
    return Lease(beat, now, now + LENGTH * beat)


class Holder(Enum):
    """What the holder of a delivered ticket says."""

    MINE = auto()
    """It goes on, and the delivery is ignored. After an election the engine delivers each ticket anew."""
    LEAVING = auto()
    """It goes on until a successor, who has written, says stop."""
    SILENT = auto()
    """Nobody answers: the ticket is free."""


class Refusal(Enum):
    """Why the engine did not take a record."""

    MISMATCH = auto()
    """The tenant's last record is another one than we thought (10071)."""
    TRANSIENT = auto()
    """A record of this tenant is being written (10164)."""
    LEADERLESS = auto()
    """Nobody answers for the stream, but the engine is there."""
    SILENT = auto()
    """Nothing answers."""


def may_ask(load: int, capacity: int, starting: int) -> bool:
    """Whether a worker may ask for a ticket. `starting` are the tenants that it has not seen yet."""
    return load < capacity and starting < MOST_STARTING


def priority(load: int, capacity: int, *, is_last: bool) -> int:
    """The priority of a worker that asks for a ticket. `is_last` if all others come first."""
    return LOWEST_PRIORITY if is_last else min(LOWEST_PRIORITY, 10 * load // capacity)


def surplus(held: int, capacity: int, others: list[tuple[int, int]]) -> int:
    """How many tickets a worker should hand over, by capacity.

    `others` are what the other workers hold, and their capacities. A worker with one more than its share keeps it, so
    that tickets do not wander.
    """
    total, room = held + sum(one for one, _ in others), capacity + sum(one for _, one in others)
    fair = -(-total * capacity // room) if room else held
    open_ = sum(max(0, theirs - one) for one, theirs in others)
    return max(0, min(held - fair, open_))
