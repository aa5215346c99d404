"""A tenant whose agents change while it answers in any order.

Responses may be damaged; agents join, leave, log in and log out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle, repeat
from typing import Any, Protocol, TypeVar

from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.transport.base import TransportFault

T = TypeVar("T")

Spoil = Callable[[Response], Response]
Happening = tuple[str, int]
"""An event and a number, which picks one of the possible agents. Events are `login`, `logout`, `join` and `leave`."""


def saying(status: int, body: bytes = b"", **headers: str) -> Spoil:
    """A response that replaces the server's own."""
    return lambda response: Response(status=status, headers=headers, body=body)


def _cut(response: Response) -> Response:
    return Response(status=response.status, headers=response.headers, body=response.body[: len(response.body) // 2])


def breaking(kind: FailureKind) -> Spoil:
    """A failure in place of a response."""

    def spoil(response: Response) -> Response:
        raise TransportFault(kind, "spoilt by the test")

    return spoil


SPOILT: dict[str, Spoil] = {
    "cut": _cut,
    "dropped": breaking(FailureKind.UNREACHABLE),
    "late": breaking(FailureKind.TIMED_OUT),
    "damaged": breaking(FailureKind.DAMAGED),
    "429": saying(429, b"{}"),
    "500": saying(500, b'{"message": "no"}'),
    "503": saying(503, b"<html>later</html>"),
    "401": saying(401),
    "403": saying(403, b'{"entities": [], "agents": [], "agentStates": []}'),
    "404": saying(404, b"[]"),
    "null": saying(200, b"null"),
    "html": saying(200, b"<!DOCTYPE html><title>Sign in</title>"),
    "error": saying(200, b'{"error": "not now"}'),
}
"""What may happen to a response, which makes it unusable."""
NO_CONTENT = {"204": saying(204), "empty": saying(200)}
"""Responses without a body, which mean no rows. After the last page they are the end of a list."""


class People(Protocol):
    """A tenant, as a transport, with the agents of the moment."""

    def answer_to(self, request: Request) -> Response:
        """Answer with the current states."""

    def people(self) -> dict[str, bool]:
        """The agents of the roster, and whether each is logged in."""

    def happens(self, what: str, agent_id: str) -> None:
        """Apply one event to one agent."""


@dataclass
class Moving:
    """A transport that answers the requests it holds in a given order.

    `order` chooses who is answered next; of each request it is drawn (`early`) whether the server looked when it came,
    or when it answers. `spoils` are what becomes of the first answers, `happenings` what happens after each of them.
    Lists that are over mean: the first who asked, as the server says, and nothing happens.
    """

    world: People
    order: Sequence[int] = ()
    early: Sequence[bool] = ()
    spoils: Sequence[Spoil | None] = ()
    happenings: Sequence[Happening | None] = ()
    asked: int = 0
    ever: dict[str, bool] = field(default_factory=dict)
    always: set[str] = field(default_factory=set)
    stayed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._waiting: list[tuple[asyncio.Future[Response], Callable[[], Response]]] = []
        self._early = cycle(self.early or (False,))
        self.ever = self.world.people()
        self.always = {one for one, here in self.ever.items() if here}
        self.stayed = set(self.ever)

    async def send(self, request: Request) -> Response:
        """Wait for this request's turn."""
        answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        looks: Callable[[], Response] = lambda: self.world.answer_to(request)  # noqa: E731
        if next(self._early):
            seen = looks()
            looks = lambda: seen  # noqa: E731
        self._waiting.append((answered, looks))
        self.asked += 1
        return await answered

    async def while_answered(self, doing: Coroutine[Any, Any, T]) -> T:
        """Run the client to its end. Whenever it can only wait, one of its requests is answered."""
        running = asyncio.ensure_future(doing)
        order, spoils, happenings = _then_none(self.order), _then_none(self.spoils), _then_none(self.happenings)
        while not running.done():
            for _ in range(20):  # turns of the loop: more than any answer takes to lead to the next request
                await asyncio.sleep(0)
            waiting = [one for one in self._waiting if not one[0].done()]
            if not waiting:
                continue
            chosen = waiting[(next(order) or 0) % len(waiting)]
            self._waiting = [one for one in waiting if one is not chosen]
            self._answer(*chosen, next(spoils))
            self._happen(next(happenings))
        return await running

    def _answer(self, answered: asyncio.Future[Response], looks: Callable[[], Response], spoil: Spoil | None) -> None:
        response = looks()
        try:
            answered.set_result(spoil(response) if spoil is not None else response)
        except TransportFault as fault:
            answered.set_exception(fault)

    def _happen(self, happening: Happening | None) -> None:
        if happening is None:
            return
        what, number = happening
        people = self.world.people()
        can = {
            "login": [one for one, here in people.items() if not here],
            "logout": [one for one, here in people.items() if here],
            "leave": list(people),
            "join": [str(9000 + number)] if str(9000 + number) not in self.ever else [],
        }[what]
        if can:
            self.world.happens(what, can[number % len(can)])
        people = self.world.people()
        self.ever.update({one: here or self.ever.get(one, False) for one, here in people.items()})
        self.always &= {one for one, here in people.items() if here}
        self.stayed &= set(people)


def _then_none(given: Sequence[T | None]) -> Iterator[T | None]:
    return chain(given, repeat(None))
