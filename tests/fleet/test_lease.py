"""A held ticket as a state machine."""

from __future__ import annotations

import pytest

from cxone_rollcall.fleet.lease import (
    LENGTH,
    LONGEST_BUFFER,
    MOST_STARTING,
    RENEWAL,
    may_ask,
    priority,
    surplus,
    taken,
)

BEAT = 2.0


def test_a_lease_is_counted_from_sending() -> None:
    """A renewal is good from the moment at which it was sent."""
    lease = taken(100.0, BEAT).renewed(101.0)
    assert lease.until == 101.0 + LENGTH * BEAT
    assert not lease.is_lapsed(lease.until - 0.001)
    assert lease.is_lapsed(lease.until)


def test_a_late_renewal_proves_nothing() -> None:
    """A confirmed renewal does not bring a lapsed lease back."""
    lease = taken(100.0, BEAT)
    assert lease.renewed(lease.until) == lease
    assert lease.renewed(lease.until - 0.1).until > lease.until


def test_a_written_record_brings_a_lapsed_lease_back() -> None:
    """Waking late, a worker may poll after a record, for a beat."""
    lease = taken(100.0, BEAT).written(150.0)
    assert not lease.is_lapsed(150.1)
    assert lease.until == 150.0 + RENEWAL * BEAT


def test_an_older_confirmation_takes_nothing_away() -> None:
    """Confirmations that come out of order never shorten a lease."""
    lease = taken(100.0, BEAT).renewed(104.0)
    assert lease.written(101.0).until == lease.until
    assert lease.renewed(101.0).until == lease.until


def test_without_a_leader_polling_goes_on_for_twelve_seconds() -> None:
    """Without a leader the lease goes on, but not for ever."""
    lease, now = taken(0.0, BEAT), 0.0
    while not lease.is_lapsed(now + 0.5):
        now += 0.5
        lease = lease.leaderless(now)
    assert LONGEST_BUFFER < lease.until <= LONGEST_BUFFER + RENEWAL * BEAT


def test_without_a_leader_a_lapsed_lease_stays_lapsed() -> None:
    """Waking without a leader, a worker cannot know who has the ticket."""
    lease = taken(0.0, BEAT)
    assert lease.leaderless(lease.until + 1.0) == lease


@pytest.mark.parametrize(
    ("load", "starting", "may"),
    [(0, 0, True), (249, 0, True), (250, 0, False), (40, MOST_STARTING - 1, True), (40, MOST_STARTING, False)],
)
def test_a_worker_begins_with_some_tenants_at_once(load: int, starting: int, may: bool) -> None:
    """A worker needs room, and few first looks under way."""
    assert may_ask(load, 250, starting) is may


@pytest.mark.parametrize(
    ("held", "capacity", "others", "expected"),
    [
        (10, 250, [], 0),
        (20, 250, [(0, 250)], 10),
        (7, 250, [(7, 250), (6, 250)], 0),
        (10, 250, [(10, 250), (0, 250)], 3),
        (10, 10, [(10, 10)], 0),
        (10, 100, [(0, 300)], 7),
        (10, 250, [(10, 10), (0, 0)], 0),
        (5, 5, [(0, 1)], 0),
    ],
)
def test_what_is_too_much_follows_from_capacity(
    held: int, capacity: int, others: list[tuple[int, int]], expected: int
) -> None:
    """Tickets go to who has room, until all have their share."""
    assert surplus(held, capacity, others) == expected


def test_handing_over_ends() -> None:
    """Equal workers come to rest with a ticket's difference at most."""
    held = [40, 0, 3, 0]
    for _ in range(100):
        for giver in range(len(held)):
            others = [(one, 250) for number, one in enumerate(held) if number != giver]
            if surplus(held[giver], 250, others):
                least = held.index(min(held))
                held[giver] -= 1
                held[least] += 1
    assert sum(held) == 43
    assert max(held) - min(held) <= 1


@pytest.mark.parametrize(
    ("load", "is_last", "expected"),
    [(0, False, 0), (24, False, 0), (25, False, 1), (249, False, 9), (250, False, 9), (500, False, 9), (0, True, 9)],
)
def test_the_least_loaded_worker_is_served_first(load: int, is_last: bool, expected: int) -> None:
    """The engine counts from 0 to 9. Who is last asks as if it were full."""
    assert priority(load, 250, is_last=is_last) == expected
