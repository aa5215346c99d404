"""Effects of faults on the responses, shared by the tables of cases."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import aiohttp

from cxone_rollcall.emulator import FAULTS

Visitor = Any  # what the fixtures of conftest.py yield, which import-mode importlib does not let a test import
Effect = Callable[[Visitor], Awaitable[None]]

QUICK = [
    {"slow-drip": "slow-drip=seconds=0", "latency": "latency=1"}.get(fault.name, fault.name)
    for fault in FAULTS
    if fault.name != "hang"
]
"""Every fault but `hang`, with short waits."""


def chosen(visitor: Visitor, count: int = 1) -> tuple[str, ...]:
    """Return the agents that the first active fault has chosen."""
    ids: tuple[str, ...] = visitor.emulator.tenant.chosen(visitor.emulator.faults[0].name, count)
    assert len(ids) == count
    return ids


async def three(visitor: Visitor) -> list[Any]:
    """Send one request to each endpoint; return the responses or errors."""
    answers: list[Any] = []
    for ask in (visitor.ask_token, visitor.agents, lambda: visitor.states(visitor.ids())):
        try:
            answers.append(await ask())
        except aiohttp.ClientError as error:
            answers.append(error)
    return answers


def statuses(*wanted: int) -> Effect:
    """Token, roster and states have these statuses."""

    async def effect(visitor: Visitor) -> None:
        assert tuple(reply.status for reply in await three(visitor)) == wanted

    return effect


def broken(*at: str, with_: type[Exception] = aiohttp.ClientConnectionError) -> Effect:
    """Requests to these endpoints fail with this error; the others succeed."""

    async def effect(visitor: Visitor) -> None:
        answers = dict(zip(("token", "agents", "states"), await three(visitor), strict=True))
        assert {name for name, answer in answers.items() if isinstance(answer, with_)} == set(at)
        assert {name for name, answer in answers.items() if not isinstance(answer, Exception)} == set(answers) - set(at)

    return effect


def same_roster(*, total: int | None = 120, first: int = 1, **page: int) -> Effect:
    """The roster is complete, with this total; the states are unaffected."""

    async def effect(visitor: Visitor) -> None:
        assert await visitor.roster(first=first, **page) == visitor.ids()
        assert (await visitor.agents()).json.get("totalCount") == total
        assert (await visitor.states(visitor.ids())).asked == visitor.ids(present=True)

    return effect


def states_hold(rows: Callable[[Visitor], Iterable[str]]) -> Effect:
    """A request for all agents returns these state rows; roster complete."""

    async def effect(visitor: Visitor) -> None:
        assert (await visitor.states(visitor.ids())).asked == list(rows(visitor))
        assert await visitor.roster() == visitor.ids()

    return effect


def body_is(at: str, wanted: Callable[[bytes], bool]) -> Effect:
    """The body of this endpoint, with status 200, is as expected."""

    async def effect(visitor: Visitor) -> None:
        answer = dict(zip(("token", "agents", "states"), await three(visitor), strict=True))[at]
        assert answer.status == 200
        assert int(answer.headers["content-length"]) == len(answer.body)
        assert wanted(answer.body)

    return effect


def no_json(body: bytes) -> bool:
    """Whether a body is not valid JSON."""
    try:
        json.loads(body)
    except ValueError:
        return True
    return False


def spoiling(*wanted: int | type[Exception]) -> Effect:
    """Each request with the chosen agent fails like this. Without it all others succeed."""

    async def effect(visitor: Visitor) -> None:
        (spoilt,) = chosen(visitor)
        rest = [agent_id for agent_id in visitor.ids(present=True) if agent_id != spoilt]
        for ids in ([spoilt], [*rest[:5], spoilt], visitor.ids()):
            try:
                outcome: int | type[Exception] = (reply := await visitor.states(ids)).status
                assert outcome != 200 or reply.rows == []
            except aiohttp.ClientConnectionError:
                outcome = aiohttp.ClientConnectionError
            assert (outcome,) == wanted
        assert (await visitor.states(rest)).asked == rest

    return effect
