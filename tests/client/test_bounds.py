"""A server's text is quoted without half a secret. It does not outlive its request."""

from __future__ import annotations

import gc
import sys

import pytest
from tests.support.scripted_client import Script, client_of, failure_of, said, v2

from cxone_rollcall.contracts.decoding import LONGEST_QUOTE
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.redaction.secrets import LONGEST_SECRET

SECRET = "s3cr3t-" + "Zx9kQ2mLr7" * 4


@pytest.mark.parametrize("before", [0, 30, 90, LONGEST_QUOTE - 40, LONGEST_QUOTE - 10, LONGEST_QUOTE])
@pytest.mark.parametrize("shrinks", [False, True])
async def test_no_half_secret_is_quoted(before: int, shrinks: bool) -> None:
    """A secret cut by the limit of a quote is not shown. Hidden ones before it may shorten the quote."""
    before -= min(before, 22)  # the words before the quote
    filling = (SECRET * (before // len(SECRET)) if shrinks else "").ljust(before, ".")
    script = Script(lambda request: said(200, {"entities": [], "error": filling + SECRET + "." * 200_000}))
    client = client_of(script)
    client.secrets.keep(Secret(SECRET))
    failure = (await failure_of(v2(client).states(["1"]))).failure
    assert "kQ2m" not in str(failure)
    assert "s3cr" not in str(failure)


async def test_a_long_text_is_quoted() -> None:
    """A text longer than the longest secret is quoted from its beginning."""
    script = Script(lambda request: said(400, {"message": "no such agent " + "." * (LONGEST_SECRET + 50)}))
    failure = (await failure_of(v2(client_of(script)).states(["1"]))).failure
    assert failure.detail.startswith("no such agent ...")


async def test_an_unusable_response_is_not_kept() -> None:
    """The error of an unusable response does not keep it in memory."""
    body = b'{"entities": [], "error": "' + b"x" * 1000 + b'"}'
    script = Script(lambda request: Response(status=200, headers={}, body=body))
    gc.disable()
    try:
        before = sys.getrefcount(body)
        failed = await failure_of(v2(client_of(script)).states(["1"]))
        assert failed.failure.kind is FailureKind.DAMAGED
        assert sys.getrefcount(body) == before
    finally:
        gc.enable()


async def test_a_response_that_is_too_large_is_requested_twice() -> None:
    """A response that is too large is requested twice. One that can be read then counts."""
    large, asked = b'{"entities": [' + b"{}," * 302_000 + b"{}]}", []

    def answers(request: Request) -> Response:
        asked.append(request)
        return Response(status=200, headers={}, body=large)

    failed = await failure_of(v2(client_of(Script(answers))).states(["1"]))
    assert (failed.failure.kind, failed.failure.tries, len(asked)) == (FailureKind.TOO_MUCH, 2, 2)
    assert failed.failure.detail == "the body has more than 300,000 objects"

    bodies = iter([large, b'{"entities": [{"agentId": 1, "state": "Busy"}]}'])
    healed = Script(lambda request: Response(status=200, headers={}, body=next(bodies)))
    assert len((await v2(client_of(healed)).states(["1"])).value.rows) == 1
