"""A fleet in virtual time. The rules of `fleet/lease.py` decide; workers and engine are models.

Nothing here opens a socket or sleeps. The same seed gives the same run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from random import Random

from cxone_rollcall.fleet.lease import RENEWAL, Lease, may_ask, priority, surplus, taken
from cxone_rollcall.fleet.tenancy import AGAIN
from cxone_rollcall.fleet.worker import ASKING, HEARD, LONGEST_HANDOVER, SHARE
from quality.fleet import costs
from quality.fleet.clock import Clock, Queue
from quality.fleet.engine import Engine, Ticket

RTT = 2 * costs.HOP


class Held:
    """A ticket that a worker holds."""

    def __init__(self, ticket: Ticket, delivery: int, lease: Lease) -> None:
        self.ticket = ticket
        self.delivery = delivery
        self.lease = lease
        self.leaving = False
        self.buffered = 0
        self.taken_at = self.renewed_at = lease.confirmed
        self.seen_at = math.inf
        """When the first look ends."""


class Worker:
    """A worker process on one core."""

    def __init__(self, number: int, fleet: Fleet) -> None:
        self.number = number
        self.alive = True
        self.leaving = False
        self._asked = 0.0
        self.held: dict[int, Held] = {}
        self.taking: set[int] = set()
        self.cpu = Queue(fleet.clock)
        self._fleet = fleet
        self._engine = fleet.engine
        self._clock = fleet.clock
        self._beat = fleet.engine.beat
        self._clock.after(fleet.random.random() * 0.1, self._pull)
        self._clock.after(fleet.random.random() * self._beat, self._balance)

    @property
    def load(self) -> int:
        """Tickets that are held, or being taken."""
        return len(self.held) + len(self.taking)

    @property
    def _starting(self) -> int:
        """Tenants that are being taken, or looked at first."""
        now = self._clock.now
        return len(self.taking) + sum(now < min(one.seen_at, one.taken_at + self._beat) for one in self.held.values())

    def _surplus(self) -> int:
        return surplus(len(self.held), self._fleet.capacity, self._fleet.heard(self))

    def _pull(self) -> None:
        if not self.alive or self.leaving:
            return
        if not may_ask(self.load, self._fleet.capacity, self._starting):
            self._asked = math.inf
            self._clock.after(self._beat / ASKING, self._pull)
            return
        rank = priority(self.load, self._fleet.capacity, is_last=self._surplus() > 0)
        self._asked = asked = self._clock.now
        self._clock.after(costs.HOP, lambda: self._engine.pull(self, rank))

        def again() -> None:
            if self._asked == asked:
                self._pull()

        self._clock.after(self._beat + RTT, again)

    def consider(self, ticket: Ticket, delivery: int) -> None:
        """A ticket was delivered."""
        if not self.alive:
            return
        self._decide(ticket, delivery)
        self._pull()

    def _decide(self, ticket: Ticket, delivery: int) -> None:
        held = self.held.get(ticket.name)
        if self.leaving:
            self._engine.offer(ticket)
            return
        if held is not None:
            held.delivery, held.leaving = delivery, False
            return
        owner = ticket.owner
        theirs = owner.held.get(ticket.name) if owner is not None and owner.alive else None
        if theirs is not None and not (theirs.leaving or theirs.lease.is_lapsed(self._clock.now)):
            theirs.delivery = delivery  # it goes on, and hears of the delivery when it is asked
        elif ticket.name not in self.taking:
            self.taking.add(ticket.name)
            self._clock.after(4 * RTT, lambda: self._write_take(ticket, delivery))

    def _write_take(self, ticket: Ticket, delivery: int) -> None:
        """Write the take record. Its holder was asked before, and the last record read."""
        sent = self._clock.now
        self._engine.records += 1

        def written() -> None:
            self.taking.discard(ticket.name)
            if not self.alive:
                return
            before = ticket.owner.held.get(ticket.name) if ticket.owner is not None else None
            held = Held(ticket, delivery, taken(sent, self._beat))
            if before is not None and ticket.owner is not None:
                self._clock.after(costs.HOP, partial(ticket.owner.stop, before))
            ticket.owner = self
            self.held[ticket.name] = held
            self._clock.after(RTT, lambda: self._poll(held, whole=True))
            self._keep(held)
            if self.leaving:
                self._leave(held)

        self._clock.after(RTT + self._engine.history.serve(1 / costs.WRITES), written)

    def stop(self, held: Held) -> None:
        """A successor says stop."""
        if self._holds(held):
            del self.held[held.ticket.name]

    def _holds(self, held: Held) -> bool:
        return self.alive and self.held.get(held.ticket.name) is held

    def _poll(self, held: Held, *, whole: bool = False) -> None:
        """Begin a poll, if we may. The next one begins after the interval, or when this one has ended."""
        if not self._holds(held):
            return
        fleet, now = self._fleet, self._clock.now
        if held.lease.is_lapsed(now):
            self._clock.after(0.05, lambda: self._poll(held, whole=whole))
            return
        held.ticket.polls.append((now, held))
        self._renew(held)
        if whole:
            took = fleet.latency + self.cpu.serve(fleet.agents * costs.WHOLE_AGENT)
            held.seen_at = now + took
        else:  # it runs between the parts of whole looks
            changes = fleet.changes_a_poll
            self.cpu.used += costs.DELTA + changes * costs.DELTA_CHANGE
            took = fleet.latency + costs.DELTA + changes * costs.DELTA_CHANGE
        self._clock.after(took, lambda: self._record(held))
        self._clock.after(max(fleet.interval, took), lambda: self._poll(held))

    def _record(self, held: Held) -> None:
        """Write what a poll brought, with all that waits."""
        if not self._holds(held):
            return
        held.buffered += 1
        self._fleet.buffer(1)
        self._flush(held)

    def _flush(self, held: Held) -> None:
        if not self._holds(held):
            self._fleet.buffer(-held.buffered)
            held.buffered = 0
            return
        if not self._engine.has_leader:
            held.lease = held.lease.leaderless(self._clock.now)
            self._clock.after(AGAIN * self._beat, lambda: self._flush(held))
            return
        sent, number = self._clock.now, held.buffered
        if not number:
            return
        held.buffered = 0
        self._engine.records += number
        self._fleet.buffer(-number)
        waits = RTT + self._engine.history.serve(number / costs.WRITES)

        def written() -> None:
            held.lease = held.lease.written(sent)

        self._clock.after(waits, written)

    def _renew(self, held: Held) -> None:
        sent = self._clock.now
        if held.leaving:
            return
        if not self._engine.has_leader:
            held.lease = held.lease.leaderless(sent)
            return
        held.renewed_at = sent
        delivery = held.delivery

        def confirmed() -> None:
            held.lease = held.lease.renewed(sent)

        wait = costs.HOP + self._engine.tickets.serve(costs.ENGINE_RENEWAL)
        self._clock.after(wait, lambda: self._engine.renew(held.ticket, delivery))
        self._clock.after(wait + costs.HOP, confirmed)

    def _keep(self, held: Held) -> None:
        """Renew the ticket even if no poll does."""
        if not self._holds(held):
            return
        if self._clock.now - held.renewed_at >= RENEWAL * self._beat - 1e-9:
            self._renew(held)
        pause = RENEWAL * self._beat if self._engine.has_leader else AGAIN * self._beat
        self._clock.after(pause, lambda: self._keep(held))

    def _leave(self, held: Held) -> None:
        held.leaving = True
        self._clock.after(RTT, lambda: self._engine.offer(held.ticket))

    def _balance(self) -> None:
        if not self.alive or self.leaving:
            return
        self._fleet.tell(self)
        if not any(one.leaving for one in self.held.values()):
            most = max(1, len(self.held) // SHARE)
            for held in list(self.held.values())[: min(most, self._surplus())]:
                self._leave(held)
        self._clock.after(self._beat, self._balance)

    def kill(self) -> None:
        """End it at once."""
        self.alive = False

    def end(self, ended: Callable[[], None]) -> None:
        """SIGTERM: look for successors, and go on until they are found."""
        self.leaving = True
        self._fleet.forget(self)
        began = self._clock.now
        for held in list(self.held.values()):
            self._leave(held)

        def look() -> None:
            if self.load and self._clock.now - began < LONGEST_HANDOVER:
                self._clock.after(0.05, look)
            else:
                self.alive = False
                ended()

        look()


class Fleet:
    """A fleet that runs in virtual time."""

    def __init__(
        self,
        *,
        tenants: int,
        workers: int,
        interval: float,
        capacity: int = 250,
        agents: int = 5_000,
        changes_a_poll: float = 125.0,
        latency: float = 0.05,
        seed: int = 1,
    ) -> None:
        self.random = Random(seed)  # noqa: S311  not for secrets
        self.clock = Clock()
        self.engine = Engine(self.clock, interval)
        self.interval = interval
        self.capacity = capacity
        self.agents = agents
        self.changes_a_poll = changes_a_poll
        self.latency = latency
        self.buffered = self.most_buffered = 0
        self._loads: dict[int, tuple[float, int]] = {}
        self.tickets = self.engine.all
        self.tickets += [Ticket(one) for one in range(tenants)]
        self.workers = [Worker(one, self) for one in range(workers)]
        for ticket in self.tickets:
            self.engine.offer(ticket)

    def tell(self, worker: Worker) -> None:
        """A worker tells its load."""
        self._loads[worker.number] = self.clock.now, worker.load

    def forget(self, worker: Worker) -> None:
        """A worker tells that it has no room."""
        self._loads.pop(worker.number, None)

    def heard(self, worker: Worker) -> list[tuple[int, int]]:
        """What a worker has heard of the others."""
        since = self.clock.now - HEARD * self.engine.beat
        return [
            (load, self.capacity) for one, (at, load) in self._loads.items() if at >= since and one != worker.number
        ]

    def buffer(self, number: int) -> None:
        """Records that wait in memory."""
        self.buffered += number
        self.most_buffered = max(self.most_buffered, self.buffered)

    def start_worker(self) -> Worker:
        """Start one more worker."""
        worker = Worker(len(self.workers), self)
        self.workers.append(worker)
        return worker
