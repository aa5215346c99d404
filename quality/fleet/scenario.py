"""A fault in a simulated fleet, and what it costs."""

from __future__ import annotations

import itertools
from enum import StrEnum
from typing import NamedTuple

from quality.fleet import costs
from quality.fleet.engine import Ticket
from quality.fleet.simulation import Fleet, Worker

ROLLED = 3
"""Workers that a rolling restart restarts. The next ones would be like them."""
SETTLED = 8
"""Intervals until the shares are even after a start."""


class Fault(StrEnum):
    """What happens."""

    WORKER = "a worker dies"
    NODE = "the leaders' node dies"
    ROLLING = "workers are restarted, one after the other"
    JOIN = "a worker joins"


class Outcome(NamedTuple):
    """What a fault did. Gaps are in intervals, other times in seconds."""

    tenants: int
    workers: int
    fault: Fault
    fewest: int
    most: int
    """Tickets of a worker, before the fault."""
    cold: float
    """From the start until each tenant was polled twice."""
    gap: float
    unpolled: int
    """Tenants that nobody polls at the end."""
    doubled: int
    """Tenants that two workers polled at once."""
    renewals: float
    records: float
    history: float
    """How busy the history's leader was before the fault, 0 to 1."""
    buffered: int
    cpu: float
    """Cores that the busiest worker used."""


def run(
    fault: Fault,
    *,
    tenants: int,
    workers: int,
    interval: float = 5.0,
    capacity: int = 250,
    agents: int = 5_000,
    seed: int = 1,
) -> Outcome:
    """Start a fleet, let a fault happen, and see."""
    fleet = Fleet(tenants=tenants, workers=workers, interval=interval, capacity=capacity, agents=agents, seed=seed)
    clock, engine = fleet.clock, fleet.engine
    warm = SETTLED * interval
    clock.run(warm)
    while any(len(one.polls) < 2 for one in fleet.tickets) and clock.now < 60 * interval:
        clock.run(clock.now + interval)
    cold = max((one.polls[1][0] for one in fleet.tickets if len(one.polls) > 1), default=0.0)
    clock.run(clock.now + 2 * interval)
    counts = [len(one.held) for one in fleet.workers]
    used = [one.cpu.used for one in fleet.workers]
    began, renewals, records, busy = clock.now, engine.renewals, engine.records, engine.history.used
    clock.run(clock.now + 4 * interval)
    spent = clock.now - began
    shares = max((worker.cpu.used - before) / spent for worker, before in zip(fleet.workers, used, strict=True))
    rates = (engine.renewals - renewals) / spent, (engine.records - records) / spent
    busy = (engine.history.used - busy) / spent
    clock.run(clock.now + fleet.random.random() * interval)
    struck = clock.now
    _strike(fleet, fault)
    clock.run(clock.now + 6 * interval)
    return Outcome(
        tenants=tenants,
        workers=workers,
        fault=fault,
        fewest=min(counts),
        most=max(counts),
        cold=cold,
        gap=max(_gap(one, struck - interval, clock.now) for one in fleet.tickets if _held(one)) / interval,
        unpolled=sum(not _held(one) for one in fleet.tickets),
        doubled=sum(_doubled(one) for one in fleet.tickets),
        renewals=rates[0],
        records=rates[1],
        history=busy,
        buffered=fleet.most_buffered,
        cpu=shares,
    )


def _strike(fleet: Fleet, fault: Fault) -> None:
    """Let the fault happen, until it is over."""
    clock = fleet.clock
    if fault is Fault.WORKER:
        max(fleet.workers, key=lambda one: len(one.held)).kill()
    elif fault is Fault.NODE:
        fleet.engine.elect(costs.ELECTION)
        clock.run(clock.now + costs.ELECTION)
    elif fault is Fault.JOIN:
        fleet.start_worker()
        clock.run(clock.now + 10 * fleet.interval)
    else:
        left = list(fleet.workers[:ROLLED])

        def following() -> None:
            if left:
                fleet.start_worker()
                left.pop(0).end(following)

        following()
        while left or any(one.leaving and one.alive for one in fleet.workers):
            clock.run(clock.now + fleet.interval)


def _held(ticket: Ticket) -> bool:
    owner: Worker | None = ticket.owner
    return owner is not None and owner.alive and ticket.name in owner.held


def _gap(ticket: Ticket, since: float, until: float) -> float:
    """The longest time between the beginnings of two polls."""
    times = [at for at, _ in ticket.polls if at >= since]
    return max((later - one for one, later in itertools.pairwise([*times, until])), default=until - since)


def _doubled(ticket: Ticket) -> bool:
    """Whether somebody polled the tenant after a successor had begun to."""
    order = [held for held, _ in itertools.groupby(held for _, held in ticket.polls)]
    return len(order) > len(set(map(id, order)))
