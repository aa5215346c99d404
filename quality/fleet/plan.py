"""What a fleet needs in a second, from what one poll costs. Pure."""

from __future__ import annotations

from typing import NamedTuple

from cxone_rollcall.fleet.log import SNAPSHOT
from cxone_rollcall.live.poller import Times
from quality.fleet import costs

DAY = 86_400
REPLICAS = 3
WEEK = 7


class Fleet(NamedTuple):
    """A fleet. `interval` is in seconds, `changes` are those of a logged-in agent in a minute."""

    tenants: int = 10_000
    agents: int = 5_000
    interval: float = 5.0
    logged_in: float = 0.3
    changes: float = 1.0
    workers: int = 44
    capacity: int = 250
    node_cores: int = 4


class Resource(NamedTuple):
    """What is needed of a resource, and what there is. Both have the same unit."""

    name: str
    unit: str
    needed: float
    has: float

    @property
    def share(self) -> float:
        """What is needed of what there is."""
        return self.needed / self.has


class Sums(NamedTuple):
    """What a fleet needs in a second. CPU is in cores."""

    polls: float
    changes: float
    changes_a_record: float
    record: float
    bytes: float
    bytes_a_day: float
    bytes_kept: float
    renewals: float
    engine_cpu: float
    requests_deltas: float
    requests_whole: float
    bytes_whole: float
    worker_deltas: float
    worker_whole: float
    cold_start: float
    sent_by_leader: float


def sums(fleet: Fleet) -> Sums:
    """The plan's sums. Bytes are those that one replica stores."""
    times = Times()
    polls = fleet.tenants / fleet.interval
    changes = fleet.tenants * fleet.agents * fleet.logged_in * fleet.changes / 60
    each = changes / polls
    record = costs.RECORD + costs.CHANGE * each
    stored = polls * (record + fleet.agents * costs.SNAPSHOT_SEAT / SNAPSHOT)
    whole = -(-fleet.agents // costs.AGENTS_A_REQUEST)
    often = fleet.tenants / times.whole
    whole_cpu = fleet.agents * costs.WHOLE_AGENT
    delta_cpu = polls * costs.DELTA + changes * costs.DELTA_CHANGE
    held = fleet.tenants / fleet.workers
    return Sums(
        polls=polls,
        changes=changes,
        changes_a_record=each,
        record=record,
        bytes=stored,
        bytes_a_day=stored * DAY,
        bytes_kept=stored * DAY * WEEK,
        renewals=polls,
        engine_cpu=polls * costs.ENGINE_POLL,
        requests_deltas=polls + 2 * often * whole,
        requests_whole=polls * whole,
        bytes_whole=polls * fleet.agents * costs.WHOLE_BYTES_AGENT,
        worker_deltas=(delta_cpu + often * whole_cpu) / fleet.workers,
        worker_whole=polls * whole_cpu / fleet.workers,
        cold_start=held * whole_cpu,
        sent_by_leader=stored * REPLICAS,
    )


def resources(fleet: Fleet) -> list[Resource]:
    """What may be exhausted, the scarcest first. Worker CPU is that of one process, which uses one core."""
    found = sums(fleet)
    places = fleet.workers * fleet.capacity
    left = (fleet.workers - 1) * fleet.capacity
    return sorted(
        [
            Resource("places of all workers", "tenants", fleet.tenants, places),
            Resource("places if one worker is dead", "tenants", fleet.tenants, left),
            Resource("records of the history's leader", "records/s", found.polls, costs.WRITES),
            Resource(
                "renewals of the tickets' leader, on one core", "renewals/s", found.renewals, 1 / costs.ENGINE_RENEWAL
            ),
            Resource("CPU of the engine", "cores", found.engine_cpu, REPLICAS * fleet.node_cores),
            Resource(
                "CPU of the engine if one node is dead", "cores", found.engine_cpu, (REPLICAS - 1) * fleet.node_cores
            ),
            Resource("CPU of a worker, with deltas", "cores", found.worker_deltas, 1.0),
            Resource("CPU of a worker, whole looks alone", "cores", found.worker_whole, 1.0),
        ],
        key=lambda one: -one.share,
    )


def most_tenants(fleet: Fleet, resource: Resource) -> int:
    """The tenants at which a resource is exhausted, if nothing else changes."""
    return int(fleet.tenants / resource.share)
