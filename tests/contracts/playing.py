"""Takes the steps of a contract by hand, with a scripted server. All requests are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cxone_rollcall.contracts.protocol import Answered, Question, Steps, UnusableAnswer
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.secret import Secret

T = TypeVar("T")

Server = Callable[[Request], "Response | FailureKind"]
"""Answers a request; a kind of failure means that no answer came."""


def said(status: int, body: object = None, **headers: str) -> Response:
    """Return an answer: bytes unchanged, None without body, else JSON."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Response(status=status, headers=headers, body=raw)


NOTHING = said(404, {"message": "There is nothing here."})


def failed(
    kind: FailureKind, exchange: int = 0, *, status: int | None = None, error: str = "", detail: str = ""
) -> RequestFailed:
    """Return what a question without a usable answer fails with."""
    return RequestFailed(
        Failure(
            kind=kind,
            stage=Stage.TOKEN,
            purpose="played",
            exchange=exchange,
            status=status,
            error=error,
            detail=detail,
        )
    )


@dataclass
class Played(Generic[T]):
    """The result of the steps, and their requests."""

    value: T | None
    error: RequestFailed | UnusableAnswer | None
    asked: list[Request]

    @property
    def came_to(self) -> T:
        """The value; without one, the error is raised."""
        if self.error is not None:
            raise self.error
        assert self.value is not None
        return self.value

    @property
    def kind(self) -> FailureKind | None:
        """The kind of the failure, None if there is a value."""
        if isinstance(self.error, UnusableAnswer):
            return self.error.kind
        return self.error.failure.kind if self.error is not None else None

    @property
    def addresses(self) -> list[str]:
        """The address of each request."""
        return [address(request) for request in self.asked]


def play(steps: Steps[T], server: Server) -> Played[T]:
    """Take the steps to their end."""
    asked: list[Request] = []
    try:
        question = next(steps)
        while True:
            asked.append(question.request)
            question = step(steps, question, server, len(asked))
    except StopIteration as done:
        return Played(done.value, None, asked)
    except (RequestFailed, UnusableAnswer) as error:
        return Played(None, error, asked)


def question_of(steps: Steps[Any], number: int, server: Server) -> Question[Any]:
    """The request of this number, from 1. Those before it are answered."""
    question = next(steps)
    for exchange in range(1, number):
        question = step(steps, question, server, exchange)
    return question


def step(steps: Steps[Any], question: Question[Any], server: Server, exchange: int) -> Question[Any]:
    """Answer a question, or let it fail; return the next one."""
    response = server(question.request)
    if not isinstance(response, Response):
        return steps.throw(failed(response, exchange))
    try:
        answered = Answered(question.read(response), exchange)
    except UnusableAnswer as unusable:
        return steps.throw(
            failed(unusable.kind, exchange, status=response.status, error=unusable.error, detail=unusable.detail)
        )
    return steps.send(answered)


def at(places: Mapping[str, Response | FailureKind]) -> Server:
    """Return a server that answers only at these addresses."""
    return lambda request: places.get(address(request), NOTHING)


def address(request: Request) -> str:
    """Return the address of a request."""
    return request.base + request.target


def shown(fields: tuple[tuple[str, str | Secret], ...] | None) -> dict[str, str]:
    """Return the fields of a form, or headers, with their secrets."""
    return {name: one.reveal() if isinstance(one, Secret) else one for name, one in fields or ()}
