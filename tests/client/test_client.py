"""A request is answered, or fails with a reason. It is retried, paced and recorded; its failure has no secret."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.support.scripted_client import OK, SECRET, Script, client_of, failure_beside_others, failure_of, said, v2

from cxone_rollcall.client import MOST_THROTTLES
from cxone_rollcall.client.authorized_sender import REFUSALS
from cxone_rollcall.client.sender import NOT_SENT
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.errors import AccessRefused, AnswerUnusable, NotReached, RequestFailed
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import UNDECODABLE, FailureKind, Stage
from cxone_rollcall.model.observations.access import ReadUncompressed
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.pace.backoff import TRIES


@pytest.mark.parametrize("ids", [(), ("1",)])
async def test_only_fresh_states_are_past_caches(ids: tuple[str, ...]) -> None:
    """Only a fresh request for states goes past caches. It has its own connection."""
    script = Script(lambda request: OK)
    client = v2(client_of(script))
    await client.states(ids)
    await client.states(ids, fresh=True)
    usual, fresh = script.sent[-2:]
    assert [one.apart for one in (usual, fresh)] == [False, True]
    assert {*fresh.headers} - {*usual.headers} == {("Cache-Control", "no-cache")}


@pytest.mark.parametrize(
    ("answer", "kind", "error"),
    [
        (said(400), FailureKind.REJECTED, AnswerUnusable),
        (said(403), FailureKind.FORBIDDEN, AccessRefused),
        (said(404), FailureKind.NOT_FOUND, NotReached),
        (said(414), FailureKind.TOO_LARGE, AnswerUnusable),
        (said(500), FailureKind.SERVER_TROUBLE, AnswerUnusable),
        (said(200, b"<html>"), FailureKind.NOT_THE_API, NotReached),
        (said(200, b"{"), FailureKind.DAMAGED, AnswerUnusable),
        (said(302, location="https://elsewhere.example.com"), FailureKind.NOT_THE_API, NotReached),
        (TransportFault(FailureKind.TIMED_OUT, "late"), FailureKind.TIMED_OUT, NotReached),
        (TransportFault(FailureKind.UNREACHABLE, "gone"), FailureKind.UNREACHABLE, NotReached),
        (TransportFault(FailureKind.HOST_NOT_FOUND, "who"), FailureKind.HOST_NOT_FOUND, NotReached),
        (TransportFault(FailureKind.CERTIFICATE, "forged"), FailureKind.CERTIFICATE, NotReached),
        (TransportFault(FailureKind.DAMAGED, "cut"), FailureKind.DAMAGED, AnswerUnusable),
    ],
)
async def test_tries_and_exception_of_each_failure(
    answer: Response | TransportFault, kind: FailureKind, error: type[RequestFailed]
) -> None:
    """Each kind of failure has its number of tries and its exception."""

    def api(request: Request) -> Response:
        if isinstance(answer, TransportFault):
            raise answer
        return answer

    script = Script(api)
    client = client_of(script)
    raised = await failure_of(v2(client).states(["1"]))
    assert type(raised) is error
    assert str(raised) == str(raised.failure)
    tries = REFUSALS if kind is FailureKind.FORBIDDEN else TRIES.get(kind, 1)
    assert (raised.failure.kind, raised.failure.tries, script.asked) == (kind, tries, tries)
    assert raised.failure.stage is Stage.STATES
    assert (raised.failure.error, raised.failure.proxy) == ("", "")  # no server and no proxy has given a reason
    assert raised.failure.exchange == len(client.log.exchanges) == 1 + tries
    assert (client.log.retried, client.log.answered) == (tries - 1, 0)


async def test_only_fresh_requests_go_past_caches() -> None:
    """They have their own connection, too."""
    sent: list[Request] = []

    def api(request: Request) -> Response:
        sent.append(request)
        return OK

    calls = v2(client_of(Script(api)))
    await calls.states(["1"])
    await calls.roster_page(1, 100)
    await calls.states(["1"], fresh=True)
    await calls.roster_page(1, 100, fresh=True)
    assert [one.apart for one in sent] == [False, False, True, True]
    assert [("Cache-Control", "no-cache") in one.headers for one in sent] == [False, False, True, True]


@pytest.mark.parametrize("bad", [said(500), said(200, b"{"), said(429), said(200, b"<p>"), said(403)])
async def test_healed_by_a_retry(bad: Response) -> None:
    """A failure that a retry heals is no failure."""
    answers = iter([bad, OK])
    client = client_of(Script(lambda request: next(answers)))
    answered = await v2(client).roster_page(1, 100)
    assert (answered.exchange, client.log.retried, client.log.answered) == (3, 1, 1)


@pytest.mark.parametrize(("detail", "noted"), [(f"{UNDECODABLE} is of no use", True), ("it was cut", False)])
async def test_an_answer_that_only_uncompressed_can_be_read_is_noted(detail: str, noted: bool) -> None:
    """If only the uncompressed answer could be read, both are noted."""
    answers: Iterator[Response | TransportFault] = iter([TransportFault(FailureKind.DAMAGED, detail), OK])

    def api(request: Request) -> Response:
        if isinstance(answer := next(answers), TransportFault):
            raise answer
        return answer

    client = client_of(Script(api))
    await v2(client).states(["1"])
    read = ReadUncompressed(asked=Stage.STATES, reason=detail, unread=2, read=3)
    assert client.log.uncompressed == ([read] if noted else [])
    assert client.log.unanswered == {}


@pytest.mark.parametrize("cut_short", [True, False])
async def test_a_request_that_was_cut_short(cut_short: bool) -> None:
    """A request cut short between its tries is known, with its failure. One that ended is not."""

    def api(request: Request) -> Response:
        if cut_short:
            asking.cancel()
        return said(500)

    client = client_of(Script(api))
    asking = asyncio.create_task(v2(client).states(["1"]))
    await asyncio.wait([asking])
    kept = list(client.log.unanswered.values())
    assert [(one.kind, one.stage, one.tries, one.cut_short) for one in kept] == (
        [(FailureKind.SERVER_TROUBLE, Stage.STATES, 1, True)] if cut_short else []
    )


async def test_a_refused_probe_is_not_repeated() -> None:
    """A refused request of a probe is not repeated. The probe repeats what it needs."""
    script = Script(lambda request: said(403))
    client = client_of(script)
    raised = await failure_of(v2(client).states(["1"], stage=Stage.PROBE))
    assert (raised.failure.kind, raised.failure.tries, script.asked) == (FailureKind.FORBIDDEN, 1, 1)


async def test_endless_429s_end_the_request() -> None:
    """Endless 429s end the request, and the failure says so. A later failure of another kind is no 429."""
    script = Script(lambda request: said(429 if "agentIds=1" in request.target else 400, **{"retry-after": "0"}))
    client = client_of(script)
    raised = await failure_of(v2(client).states(["1"]))
    assert raised.failure.kind is FailureKind.RATE_LIMITED
    assert raised.failure.tries == script.asked == client.log.pace.throttled <= 10
    await failure_of(v2(client).states(["2"]))
    assert client.log.last_throttle == (raised.failure.exchange, "0")


async def test_throttled_while_others_are_answered() -> None:
    """A request that gets only 429s ends, though others are answered."""
    script = Script(lambda request: said(429) if "agentIds=1" in request.target else OK)
    raised = await failure_beside_others(client_of(script))
    assert raised.failure.kind is FailureKind.RATE_LIMITED
    assert raised.failure.tries <= MOST_THROTTLES + 1


async def test_an_absurd_retry_after() -> None:
    """A Retry-After of a year fails the request at once."""
    script = Script(lambda request: said(429, **{"retry-after": "31536000"}))
    raised = await failure_of(v2(client_of(script)).states(["1"]))
    assert (raised.failure.kind, script.asked) == (FailureKind.RATE_LIMITED, 1)


async def test_too_long_retry_afters_end_all_requests() -> None:
    """After two too long Retry-After in a row nothing more is sent.

    The remaining requests fail, citing the last of them.
    """
    script = Script(lambda request: said(429, **{"retry-after": "31536000"}))
    client = client_of(script)
    for _ in range(2):
        await failure_of(v2(client).states(["1"]))
    raised = await failure_of(v2(client).roster_page(1, 100))
    assert script.asked == 2
    assert (raised.failure.kind, raised.failure.stage) == (FailureKind.RATE_LIMITED, Stage.ROSTER)
    assert raised.failure.exchange == client.log.last_throttle[0] == len(client.log.exchanges)
    assert (raised.failure.tries, raised.failure.detail) == (1, NOT_SENT)


async def test_a_long_retry_after_once() -> None:
    """A single too long Retry-After among good answers stops nothing."""
    answers = iter([said(429, **{"retry-after": "31536000"}), OK, said(429, **{"retry-after": "31536000"}), OK])
    script = Script(lambda request: next(answers))
    client = client_of(script)
    for _ in range(2):
        await failure_of(v2(client).states(["1"]))
        await v2(client).roster_page(1, 100)
    assert script.asked == 4


async def test_no_secret_in_a_message() -> None:
    """An echoed secret is in no failure and no recorded exchange. This holds for shortened texts too."""
    for before in range(0, 140, 10):
        words = "x" * before + SECRET + " and token-number-1"
        client = client_of(Script(lambda request, words=words: said(403, {"message": words})))  # type: ignore[misc]
        raised = await failure_of(v2(client).states(["1"]))
        text = f"{raised} {raised.failure!r} {client.log.exchanges!r}"
        assert not any(SECRET[:length] in text for length in range(8, len(SECRET)))
        assert "token-number" not in str(raised)
        assert len(raised.failure.detail) <= 103


@pytest.mark.parametrize(
    ("words", "detail"),
    [("  no\n\tway ", "no way"), ("x" * 100, "x" * 100), ("x" * 101, "x" * 100 + "..."), ("", "")],
)
async def test_a_quoted_text_is_short(words: str, detail: str) -> None:
    """A failure quotes the server in one line. A hundred characters are the most."""
    script = Script(lambda request: said(403, {"message": words}))
    assert (await failure_of(v2(client_of(script)).states(["1"]))).failure.detail == detail


async def test_a_token_that_was_never_read() -> None:
    """A token in an unreadable answer is not quoted."""
    script = Script(lambda request: OK, grant=lambda: said(200, b"access_token=t0ken-in-a-form&token_type=bearer"))
    raised = await failure_of(client_of(script).token())
    assert raised.failure.kind is FailureKind.NOT_THE_API
    assert "t0ken" not in str(raised)


async def test_a_request_without_credentials() -> None:
    """A request without credentials sends no token and fetches none."""
    script = Script(lambda request: said(401))
    (name, request), *_ = V2().other_contracts()
    answered = await client_of(script).status_of(request)
    assert (name, answered.value) == ("incontact", 401)
    assert [name for one in script.sent for name, _ in one.headers] == ["CorrelationId"]
