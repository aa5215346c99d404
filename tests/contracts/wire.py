"""Answers as bytes, and what the contract reads out of them."""

from __future__ import annotations

import json

from cxone_rollcall.contracts.protocol import RosterPage, StateRows, UnusableAnswer
from cxone_rollcall.contracts.tokens import read_token
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.token import Token

V2_CONTRACT = V2()


def answered(body: object, status: int = 200, **headers: str) -> Response:
    """Return an answer: bytes as they are, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status=status, headers=headers, body=raw)


def roster(body: object, status: int = 200, **headers: str) -> RosterPage:
    """Read a page of the roster."""
    return V2_CONTRACT.read_roster(answered(body, status, **headers))


def states(body: object, status: int = 200, **headers: str) -> StateRows:
    """Read a states answer."""
    return V2_CONTRACT.read_states(answered(body, status, **headers))


def token(body: object, status: int = 200, *, now: float = 1000.0) -> Token:
    """Read a token answer."""
    return read_token(answered(body, status), now=now)


def refusal(body: object, status: int = 200, **headers: str) -> UnusableAnswer:
    """Return why both readers of rows refuse a body, equally."""
    said: list[UnusableAnswer] = []
    for read in (roster, states):
        try:
            read(body, status, **headers)
        except UnusableAnswer as unusable:
            said.append(unusable)
    first, second = said
    assert (first.kind, first.error) == (second.kind, second.error)
    return first
