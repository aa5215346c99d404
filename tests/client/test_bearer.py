"""Each request carries a valid token, renewed once for all after rejection."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from tests.support.scripted_client import (
    CREDENTIALS,
    OK,
    Script,
    bearer,
    client_of,
    failure_beside_others,
    failure_of,
    said,
    v2,
)
from tests.support.thorough import mostly_thorough

from cxone_rollcall.client import MOST_RENEWALS, TOKENS_IN_A_ROW, Client
from cxone_rollcall.client.bearer import TOKENS_SPENT, TokenHistory
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.errors import AccessRefused, AnswerUnusable
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token
from cxone_rollcall.testing import emulated
from cxone_rollcall.transport.pace.gate import Pace, Turn


async def test_renewed_once_on_401() -> None:
    """A rejected token is renewed, and the request repeated. Once for many requests that met it together."""
    script = Script(lambda request: OK if bearer(request) != "token-number-1" else said(401))
    client = client_of(script)
    await asyncio.gather(*(v2(client).states([str(one)]) for one in range(20)))
    assert script.tokens == 2
    assert client.log.answered == 20


async def test_a_token_that_ends_in_mid_run() -> None:
    """An accepted token that is later rejected is renewed. The log has both exchanges."""
    spent: set[str] = set()
    script = Script(lambda request: said(401) if bearer(request) in spent else OK)
    client = client_of(script)
    await v2(client).states(["1"])
    spent.add("token-number-1")
    answered = await v2(client).states(["2"])
    assert client.log.healed_tokens == [(3, answered.exchange)]
    assert answered.exchange == 5


async def test_an_ended_token_slows_the_client_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """An accepted token that ends slows all down once. Each may end after a few requests."""
    slowed: list[Pace] = []

    def slow_down(pace: Pace) -> None:
        slowed.append(pace)

    monkeypatch.setattr(Pace, "slow_down", slow_down)
    spent: set[str] = {"token-number-1"}
    client = client_of(Script(lambda request: said(401) if bearer(request) in spent else OK))
    await v2(client).states(["1"])
    assert slowed == []  # the first token was never accepted
    spent.add("token-number-2")
    await asyncio.gather(*(v2(client).states([str(one)]) for one in range(20)))
    assert len(slowed) == 1


async def test_every_token_is_refused() -> None:
    """After two rejected tokens and none accepted, no third is fetched. The number of requests makes no difference."""
    script = Script(lambda request: said(401))
    client = client_of(script)
    failed = await asyncio.gather(*(v2(client).states([str(one)]) for one in range(20)), return_exceptions=True)
    assert all(isinstance(one, AccessRefused) for one in failed)
    assert script.tokens == 2
    await failure_of(v2(client).states(["1"]))
    assert script.tokens == 2
    assert client.log.healed_tokens == []


async def test_every_token_is_refused_from_now_on() -> None:
    """After accepted tokens, at most `TOKENS_IN_A_ROW` rejected ones are fetched."""
    taken = iter([OK])
    script = Script(lambda request: next(taken, said(401)))
    client = client_of(script)
    await v2(client).states(["1"])
    failed = await asyncio.gather(*(v2(client).states([str(one)]) for one in range(40)), return_exceptions=True)
    assert all(isinstance(one, AccessRefused) for one in failed)
    assert script.tokens <= TOKENS_IN_A_ROW + 1


async def test_one_question_that_is_always_401() -> None:
    """A request that is always rejected ends, though others are answered."""
    script = Script(lambda request: said(401) if "agentIds=1" in request.target else OK)
    raised = await failure_beside_others(client_of(script))
    assert raised.failure.kind is FailureKind.UNAUTHORIZED
    assert script.tokens <= MOST_RENEWALS + 1


async def test_endpoints_reject_tokens_separately() -> None:
    """An endpoint that rejects every token leaves them to the others."""
    script = Script(lambda request: said(401) if "states" in request.target else OK)
    client = client_of(script)
    await failure_of(v2(client).states(["1"]))
    await v2(client).roster_page(1, 100)
    await failure_of(v2(client).states(["1"]))
    assert script.tokens == 2


@pytest.mark.parametrize("grant", [said(401, {"error": "invalid_client"}), said(400, {"error": "invalid_grant"})])
async def test_a_refused_client(grant: Response) -> None:
    """A refused client is sent once, and the API gets no request."""
    script = Script(lambda request: OK, grant=lambda: grant)
    client = client_of(script)
    failed = await asyncio.gather(*(v2(client).states([str(one)]) for one in range(20)), return_exceptions=True)
    assert {type(one) for one in failed} <= {AccessRefused, AnswerUnusable}
    assert len(script.sent) == 1
    raised = await failure_of(client.token())
    assert raised.failure.stage is Stage.TOKEN
    assert raised.failure.error in {"invalid_client", "invalid_grant"}


async def test_a_refused_renewal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused renewal fails the requests that wait for it. None takes a turn at the pace meanwhile."""
    grants, turns, enter = iter([said(200, {"access_token": "token-number-1"})]), count(1), Pace.enter

    async def counted(pace: Pace, turn: Turn) -> None:
        assert next(turns) <= 2 * requests
        await enter(pace, turn)

    requests = 200
    monkeypatch.setattr(Pace, "enter", counted)
    script = Script(lambda request: said(401), grant=lambda: next(grants, said(401, {"error": "invalid_client"})))
    client = client_of(script)
    await client.token()
    asking = [v2(client).states([str(one)]) for one in range(requests)]
    failed = await asyncio.gather(*asking, return_exceptions=True)
    assert {one.failure.stage for one in failed if isinstance(one, AccessRefused)} == {Stage.TOKEN}
    assert all(isinstance(one, AccessRefused) for one in failed)
    assert script.asked < requests


async def test_renewed_early_by_the_servers_clock() -> None:
    """A token's expiry is judged by the server's clock."""
    time = 1_000_000.0

    def grant() -> Response:
        date = "Mon, 02 Mar 2026 10:30:00 GMT"
        return said(200, {"access_token": f"token-number-{len(script.sent)}", "expires_in": 3600}, date=date)

    script = Script(lambda request: OK, grant=grant)
    client = Client(V2(), script, CREDENTIALS, clock=lambda: time, wall_clock=lambda: time)
    first = await client.token()
    assert first.granted_at == 1772447400.0
    time += 3539
    assert await client.token() is first
    time += 2
    assert await client.token() is not first


@pytest.mark.parametrize("requests", mostly_thorough([10, 5, 20], quick=1))
async def test_a_storm_of_expiries(requests: int) -> None:
    """Tokens valid for a few requests work, with many at once."""
    async with emulated(100, faults=[f"token-expires=requests={requests},times=100000"]) as (emulator, _, client):
        ids = [one.agent_id for one in emulator.truth()]
        answered = await asyncio.gather(*(v2(client).states([one]) for one in ids))
    assert len(answered) == 100
    assert sum(len(one.value.rows) for one in answered) == sum(one.state is not None for one in emulator.truth())
    assert sum(times for (endpoint, _), times in emulator.requests.items() if endpoint == "token") <= 100


async def test_single_flight_over_a_socket() -> None:
    """Many requests without a valid token fetch one token together."""
    now = 1_772_447_400.0
    async with emulated(50, token_life=600, now=lambda: now) as (emulator, _, client):
        ids = [one.agent_id for one in emulator.truth()]
        await asyncio.gather(*(v2(client).states([one]) for one in ids))
        assert emulator.requests["token", "200"] == 1
        now += 700
        await asyncio.gather(*(v2(client).states([one]) for one in ids))
        assert emulator.requests["token", "200"] == 2
    assert client.log.healed_tokens


def token_of(number: int) -> Token:
    """Return a client's token of this number."""
    return Token(access_token=Secret(f"token-number-{number}"), granted_at=0.0, expires_at=None, number=number)


def test_tokens_that_another_endpoint_accepted() -> None:
    """Two rejections of tokens accepted elsewhere do not end the renewals. Such tokens may have expired since."""
    fresh, spent = TokenHistory(), TokenHistory()
    for number in range(1, TOKENS_SPENT):
        token = token_of(number)
        assert fresh.rejected(token, spent=False)
        assert spent.rejected(token, spent=True)
        assert not spent.rejected(token, spent=True)
        assert fresh.hopeless == (number >= 2)
        assert not spent.hopeless
    assert spent.rejected(token_of(TOKENS_SPENT), spent=True)
    assert spent.hopeless
    spent.begin_log()
    assert not spent.hopeless


async def test_a_refused_request_is_sent_twice() -> None:
    """One refusal may be chance. An endpoint that refuses a request twice, and answers none, is believed."""
    script = Script(lambda request: said(403))
    client = client_of(script)
    first = await failure_of(v2(client).states(["1"]))
    later = await failure_of(v2(client).states(["2"]))
    assert (first.failure.tries, later.failure.tries, client.log.retried) == (2, 1, 1)
    client.new_log()
    assert (await failure_of(v2(client).states(["1"]))).failure.tries == 2


async def test_an_endpoint_that_refuses_from_now_on() -> None:
    """Two refusals are believed, though the endpoint answered in an earlier run."""
    answers = [OK]
    client = client_of(Script(lambda request: answers.pop() if answers else said(403)))
    await v2(client).states(["1"])
    client.new_log()
    tries = [(await failure_of(v2(client).states([one]))).failure.tries for one in "123"]
    assert tries == [2, 1, 1]


async def test_each_refusal_is_repeated_where_others_are_answered() -> None:
    """An endpoint that answers other requests gets each refused one twice."""
    refused: set[str] = set()

    def answer(request: Request) -> Response:
        if request.target not in refused:
            refused.add(request.target)
            return said(403)
        return OK

    client = client_of(Script(answer))
    for one in range(5):
        await v2(client).states([str(one)])
    assert (client.log.retried, client.log.answered) == (5, 5)
