"""A new log begins another roll call with the same client. Refused requests are tried again, and secrets stay known."""

from __future__ import annotations

import asyncio

from tests.support.scripted_client import OK, SECRET, Script, bearer, client_of, failure_of, said, v2

from cxone_rollcall.client import TOKENS_IN_A_ROW
from cxone_rollcall.client.sender import NOT_SENT
from cxone_rollcall.model.exchange import Request, Response


async def test_a_log_begins_empty() -> None:
    """A new log has no exchanges and counters of the last one. The token stays, without an exchange."""
    answers = iter([said(503), OK, OK])
    script = Script(lambda request: next(answers))
    client = client_of(script)
    await v2(client).states(["1"])
    first = client.log
    assert (len(first.exchanges), first.retried, first.answered, first.pace.answered) == (3, 1, 1, 2)
    second = client.new_log()
    assert client.log is second
    assert (len(second.exchanges), second.retried, second.answered, second.pace.answered) == (0, 0, 0, 0)
    assert (second.last_throttle, second.oldest_answer, second.throttled_now) == ((0, None), (0.0, 0), 0)
    assert (await v2(client).states(["1"])).exchange == 1
    assert (await client.token()).exchange == 0
    assert script.tokens == 1
    assert len(first.exchanges) == 3


async def test_secrets_stay() -> None:
    """Secrets learned in an earlier log are redacted in later ones."""
    script = Script(lambda request: said(200, {"entities": [], "echo": f"token-number-1 {SECRET}"}))
    client = client_of(script)
    await v2(client).states(["1"])
    client.new_log()
    await v2(client).states(["1"])
    shown = client.log.exchanges[0].response_body
    assert "***" in shown
    assert "token-number-1" not in shown
    assert SECRET not in shown


async def test_a_refused_client_is_tried_again() -> None:
    """A client refused in one log is sent again in the next. Its failure cites the later log."""
    answers = iter([said(401, {"error": "invalid_client"}), said(200, {"access_token": "t0ken"})])
    client = client_of(Script(lambda request: OK, grant=lambda: next(answers)))
    await failure_of(client.token())
    await failure_of(client.token())
    client.new_log()
    assert (await client.token()).exchange == 1


async def test_an_endpoint_that_rejected_every_token_is_tried_again() -> None:
    """An endpoint given up in one log gets later tokens again."""
    valid = 1

    def api(request: Request) -> Response:
        return OK if int(bearer(request).rpartition("-")[2]) == valid else said(401)

    script = Script(api)
    client = client_of(script)
    await v2(client).states(["1"])
    valid = 0
    await failure_of(v2(client).states(["1"]))
    asked = script.tokens
    await failure_of(v2(client).states(["1"]))
    assert script.tokens == asked == TOKENS_IN_A_ROW
    client.new_log()
    valid = script.tokens + 1
    await v2(client).states(["1"])
    assert client.log.answered == 1


async def test_no_request_to_a_server_that_asked_for_a_long_pause() -> None:
    """A server that asked for a long pause gets no request.

    A new log changes nothing, and the failure cites no exchange.
    """
    script = Script(lambda request: said(429, **{"retry-after": "3600"}))
    client = client_of(script)
    for _ in range(3):
        await failure_of(v2(client).states(["1"]))
    asked = script.asked
    client.new_log()
    failure = (await failure_of(v2(client).states(["1"]))).failure
    assert (failure.detail, failure.exchange, script.asked) == (NOT_SENT, 0, asked)
    assert NOT_SENT.startswith("not sent")


async def test_waiting_after_a_429_is_counted() -> None:
    """After a 429 a request waits until it is answered or ended. An interrupted run counts too."""
    client = client_of(Script(lambda request: said(429, **{"retry-after": "30"})))
    cut_short = asyncio.create_task(v2(client).states(["1"]))
    for _ in range(20):  # turns of the loop: the token, the request, the pause
        await asyncio.sleep(0)
    cut_short.cancel()
    await asyncio.gather(cut_short, return_exceptions=True)
    assert client.log.throttled_now == 1


async def test_a_request_answered_after_a_429_waits_no_longer() -> None:
    """A request answered or refused after a 429 waits no longer."""
    answers = iter([said(429, **{"retry-after": "0"}), OK, said(429, **{"retry-after": "0"}), said(400)])
    client = client_of(Script(lambda request: next(answers)))
    await v2(client).states(["1"])
    assert client.log.throttled_now == 0
    await failure_of(v2(client).states(["1"]))
    assert client.log.throttled_now == 0


async def test_the_oldest_answer() -> None:
    """The log has the greatest `Age` of an answer. The first of equal ones counts, and no other text does."""
    ages = ["", "5", "7.5", "7", "\u0669\u0669", "7", "-9", "3"]
    answers = iter([said(200, age=age) for age in ages])
    client = client_of(Script(lambda request: next(answers)))
    for _ in ages:
        await v2(client).states(["1"])
    assert client.log.oldest_answer == (7.0, 1 + 4)
