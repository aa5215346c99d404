"""A fleet in virtual time. The rules of `fleet/lease.py` decide; workers and engine are models.

Nothing here opens a socket or sleeps. The same seed gives the same run.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from functools import partial
from random import Random

from cxone_rollcall.fleet.lease import (
    LENGTH,
    RENEWAL,
    Delivery,
    Holder,
    Lease,
    on_delivery,
    surplus,
    taken,
)
from cxone_rollcall.fleet.tenancy import AGAIN
from cxone_rollcall.fleet.worker import HEARD, LONGEST_HANDOVER, LOWEST_PRIORITY, SHARE
from quality.fleet import costs

RTT = 2 * costs.HOP


class Clock:
    """Virtual time. Things to do are done in the order of their time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self._due, (self.now + seconds, next(self._order), do))

    def run(self, until: float) -> None:
        """Do everything that is due until a time."""
        while self._due and self._due[0][0] <= until:
            self.now, _, do = heapq.heappop(self._due)
            do()
        self.now = until


class Queue:
    """A resource that serves one after the other. `used` is how long it worked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free = 0.0
        self.used = 0.0
        self.longest = 0.0

    def serve(self, cost: float) -> float:
        """How long one waits for it and is served."""
        start = max(self._clock.now, self._free)
        self._free = start + cost
        self.used += cost
        self.longest = max(self.longest, self._free - self._clock.now)
        return self._free - self._clock.now


class Ticket:
    """A tenant's ticket, as the engine has it. `delivery` counts how often it was delivered."""

    def __init__(self, name: int) -> None:
        self.name = name
        self.delivery = 0
        self.until = 0.0
        self.waits = False
        self.owner: Worker | None = None
        """Whose take record is the last one."""
        self.polls: list[tuple[float, Held]] = []
        """When who began to poll the tenant."""


class Engine:
    """The tickets' consumer and the leader of the history."""

    def __init__(self, clock: Clock, beat: float) -> None:
        self.clock = clock
        self.beat = beat
        self.history, self.tickets = Queue(clock), Queue(clock)
        self.renewals = self.records = 0
        self.leaderless_until = -1.0
        self.all: list[Ticket] = []
        self._waiting: deque[Ticket] = deque()
        self._pulls: list[tuple[int, int, float, Worker]] = []
        self._order = itertools.count()

    @property
    def has_leader(self) -> bool:
        """Whether anything can be stored."""
        return self.clock.now >= self.leaderless_until

    def offer(self, ticket: Ticket) -> None:
        """A ticket is to be delivered."""
        if not ticket.waits:
            ticket.waits = True
            self._waiting.append(ticket)
            self._match()

    def pull(self, worker: Worker, priority: int) -> None:
        """A worker asks for a ticket. Lower priorities are served first."""
        heapq.heappush(self._pulls, (priority, next(self._order), self.clock.now + self.beat, worker))
        self._match()

    def renew(self, ticket: Ticket, delivery: int) -> None:
        """The ticket's holder goes on."""
        self.renewals += 1
        if delivery == ticket.delivery and not ticket.waits:
            self._lend(ticket)

    def elect(self, seconds: float) -> None:
        """The leader's node is dead: nothing is stored for a while. Then each ticket is delivered anew."""
        self.leaderless_until = self.clock.now + seconds

        def flood() -> None:
            for ticket in self.all:
                self.offer(ticket)

        self.clock.after(seconds, flood)

    def _match(self) -> None:
        while self._waiting and self._pulls and self.has_leader:
            _, _, expires, worker = heapq.heappop(self._pulls)
            if expires >= self.clock.now and worker.alive:
                ticket = self._waiting.popleft()
                ticket.waits = False
                ticket.delivery += 1
                self._lend(ticket)
                self.clock.after(costs.HOP, partial(worker.consider, ticket, ticket.delivery))

    def _lend(self, ticket: Ticket) -> None:
        ticket.until = until = self.clock.now + LENGTH * self.beat

        def lapse() -> None:
            if ticket.until == until and not ticket.waits:
                if self.has_leader:
                    self.offer(ticket)
                else:  # a new leader delivers all tickets anyway
                    ticket.until = 0.0

        self.clock.after(LENGTH * self.beat, lapse)


class Held:
    """A ticket that a worker holds."""

    def __init__(self, ticket: Ticket, delivery: int, lease: Lease) -> None:
        self.ticket = ticket
        self.delivery = delivery
        self.lease = lease
        self.leaving = False
        self.buffered = 0
        self.renewed_at = lease.confirmed


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

    def _surplus(self) -> int:
        return surplus(len(self.held), self._fleet.capacity, self._fleet.heard(self))

    def _pull(self) -> None:
        if not self.alive or self.leaving:
            return
        if self.load >= self._fleet.capacity:
            self._clock.after(self._beat / 4, self._pull)
            return
        priority = LOWEST_PRIORITY if self._surplus() else min(LOWEST_PRIORITY, 10 * self.load // self._fleet.capacity)
        self._asked = asked = self._clock.now
        self._clock.after(costs.HOP, lambda: self._engine.pull(self, priority))

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
        owner = ticket.owner
        theirs = owner.held.get(ticket.name) if owner is not None and owner.alive else None
        if theirs is None:
            holder = Holder.NOBODY
        else:
            free = theirs.leaving or theirs.lease.is_lapsed(self._clock.now)
            holder = Holder.LEAVING if free else Holder.MINE
        decision = on_delivery(holder, held=held is not None)
        if decision is Delivery.STAY and held is not None:
            held.delivery, held.leaving = delivery, False
        elif decision is Delivery.IGNORE and theirs is not None:
            theirs.delivery = delivery  # it hears of the delivery when it is asked
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
