"""Another program's request goes with its own token, or with ours. It is read as its API says."""

from __future__ import annotations

import pytest
from tests.support.scripted_client import Script, client_of, said

from cxone_rollcall.errors import AccessRefused
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.secret import Secret

STATES = b'{"entities": [{"agentId": 7, "state": "Busy"}]}'
LIST = b'{"agentStates": [{"agentId": 8, "agentStateId": 1, "agentStateName": "Available"}]}'
THEIRS = Request(
    method="GET",
    target="/api/v2/agents/states?agentIds=7",
    purpose="the request of a program",
    headers=(("Authorization", Secret("Bearer their-own-token-of-a-program")),),
)


def authorization(request: Request) -> list[str]:
    """What a request shows as its authorization."""
    return [value.reveal() for name, value in request.headers if name == "Authorization" and isinstance(value, Secret)]


async def test_its_own_token() -> None:
    """Unsigned, a request carries only its own token. No token is fetched for it."""
    asked: list[Request] = []

    def api(request: Request) -> Response:
        asked.append(request)
        return said(200, STATES)

    client = client_of(Script(api))
    answered = await client.foreign.states(THEIRS, "v2", signed=False)
    assert [(row.agent_id, row.state) for row in answered.value.rows] == [("7", "Busy")]
    assert [authorization(one) for one in asked] == [["Bearer their-own-token-of-a-program"]]
    assert len(client.log.exchanges) == 1


async def test_a_refusal_renews_no_token() -> None:
    """A 401 for another program's token is its failure. Our token is not renewed."""
    script = Script(lambda request: said(401))
    client = client_of(script)
    with pytest.raises(AccessRefused):
        await client.foreign.states(THEIRS, "v2", signed=False)
    assert script.asked == 1


async def test_our_token_and_the_other_contract() -> None:
    """Signed, a request carries our token. Its rows are read as the API of its path has them."""
    client = client_of(Script(lambda request: said(200, LIST)))
    bare = Request(method="GET", target="/incontactapi/services/v34.0/agents/states", purpose="the same")
    answered = await client.foreign.states(bare, "incontact", signed=True)
    assert [row.agent_id for row in answered.value.rows] == ["8"]
    assert len(client.log.exchanges) == 2  # one of them granted the token
