"""A contract is supported if its path gets 200 or 401. A host that returns 401 for any path shows nothing."""

from __future__ import annotations

import pytest

from cxone_rollcall.client import Answered
from cxone_rollcall.client.contract_probe import NO_CONTRACTS_PATH, discovery_request, probe_contract
from cxone_rollcall.errors import AnswerUnusable
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import Failure, FailureKind, Stage

REQUEST = Request(method="GET", target="/api/v2/agents", purpose="a path of the contract")


@pytest.mark.parametrize(
    ("path", "control", "supported"),
    [
        (200, None, True),
        (401, 404, True),
        (401, FailureKind.NOT_THE_API, True),
        (401, 401, False),
        (401, FailureKind.TIMED_OUT, False),
        (401, FailureKind.SERVER_TROUBLE, False),
        (403, None, False),
        (404, None, False),
        (FailureKind.UNREACHABLE, None, False),
    ],
)
async def test_an_unknown_path_tells_what_a_401_means(
    path: int | FailureKind, control: int | FailureKind | None, *, supported: bool
) -> None:
    """A 401 counts only if an unknown path gets another answer. A failed request shows nothing."""
    sent: list[str] = []

    async def status_of(request: Request) -> Answered[int]:
        sent.append(request.target)
        answer = control if request.target == NO_CONTRACTS_PATH else path
        assert answer is not None
        if isinstance(answer, FailureKind):
            raise AnswerUnusable(Failure(kind=answer, stage=Stage.PROBE, purpose="", exchange=len(sent)))
        return Answered(answer, len(sent))

    found = await probe_contract(status_of, REQUEST)
    assert (found.supported, found.exchange) == (supported, 1)
    assert found.status == (path if isinstance(path, int) else None)
    assert sent == [REQUEST.target, *([NO_CONTRACTS_PATH] if control is not None else [])]


def test_a_discovery_is_at_the_instance_or_at_a_host() -> None:
    """A discovery without a host is requested from the instance."""
    assert [discovery_request(host).base for host in ("", "hub.example")] == ["", "https://hub.example"]
