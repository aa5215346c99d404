"""How the times of a fleet fit together. Some are in beats, others in seconds."""

from __future__ import annotations

from tests.support.many_values import together

from cxone_rollcall.config.fleet import SHORTEST_INTERVAL
from cxone_rollcall.fleet import (
    boards,
    connection,
    engine,
    lease,
    log,
    logins,
    metrics,
    operator,
    reading,
    record_maker,
    sink,
    status,
    streams,
    tenancy,
    worker,
)
from cxone_rollcall.web import overview, timeline_api


def test_a_ticket_is_taken_over_within_three_beats() -> None:
    """Its lease ends, and the holder is asked twice. It may be frozen."""
    assert lease.LENGTH + 2 * tenancy.ANSWER <= status.LATE


def test_a_lease_is_renewed_in_time() -> None:
    """A poll at the beat comes before it. If a renewal is lost, two more tries fit into the lease."""
    assert lease.RENEWAL > 1
    assert lease.RENEWAL + 2 * (tenancy.CONFIRM + tenancy.AGAIN) <= lease.LENGTH


def test_late_is_the_same_everywhere() -> None:
    """It is three intervals, of a tenant and of a worker."""
    late = {status.LATE, overview.LATE, timeline_api.LATE, worker.HEARD, metrics.UNHEARD}
    assert late == {3}


PAUSES = {
    "without a connection": engine.UNCONNECTED,
    "of a connection": connection.TRY,
    "of a record": log.RETRY,
    "of a replica": log.REPLICA,
    "of a replica that is behind": operator.BEHIND,
    "of a reader": reading.PAUSE,
    "of a board": boards.LOOK,
    "of a login": logins.AGAIN,
    "of streams": streams.AGAIN,
    "of a suspended machine": tenancy.SUSPENDED,
    "of workers that tell how they are": status.QUIET,
}


@together("pause", PAUSES)
def test_a_pause_is_short(pause: float) -> None:
    """Several tries fit into the lease of the shortest beat."""
    assert 0 < 4 * pause <= lease.LENGTH * SHORTEST_INTERVAL


def test_a_file_is_behind_by_the_longest_pause_between_two_records() -> None:
    """And by what it takes to store one."""
    assert sink.LAG > record_maker.MARK
