"""A model of the engine: lent tickets, and leaders of streams."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from cxone_rollcall.fleet.lease import LENGTH
from quality.fleet import costs
from quality.fleet.clock import Clock, Queue

if TYPE_CHECKING:
    from quality.fleet.simulation import Held, Worker


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
