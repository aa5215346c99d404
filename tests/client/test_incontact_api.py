"""The calls of `incontact`: past caches, and beside the lists."""

from __future__ import annotations

import pytest
from tests.client.hosts import HOST, WHOLE, Host
from tests.contracts.playing import said
from tests.support.scripted_client import failure_of, incontact

from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.state import AgentState

CODED = AgentState("1", "Unavailable", "12")
ROWS = (
    CODED,
    AgentState("2", "LoggedOut", "12"),
    AgentState("3", "Unavailable", "Lunch"),
    AgentState("4", "Available"),
)


async def test_what_is_requested_past_caches() -> None:
    """Requests for states again, fresh or of one agent go past caches. Each has its own connection."""
    host = Host()
    api = incontact(host.client())
    request, _ = await api.first_agents(100)
    await api.agents(request)
    request, _ = await api.first_states(100)
    await api.states(request)
    await api.first_states(100, fresh=True)
    await api.states_again(request)
    await api.state_of("1001")
    lists = [one for one in host.sent if one.target.startswith("/incontactapi/")]
    assert [one.apart for one in lists] == [False] * 4 + [True] * 3
    assert [("Cache-Control", "no-cache") in one.headers for one in lists] == [False] * 4 + [True] * 3


def codes_of(answer: Response) -> Host:
    """A host that answers a request for the unavailable codes so."""
    return Host(says=lambda request: answer if "unavailable-codes" in request.target else None)


async def test_the_names_of_codes() -> None:
    """Rows of logged-in agents with a code get its name. The names are requested once, and only if needed."""
    host = codes_of(said(200, {"unavailableCodes": [{"outStateId": 12, "outStateName": "Break"}]}))
    api = incontact(host.client())
    assert await api.with_sub_states(ROWS[1:]) == []
    assert host.sent == []
    for _ in range(2):
        assert await api.with_sub_states(ROWS) == [AgentState("1", "Unavailable", "Break")]
    assert sum("unavailable-codes" in target for target in host.targets) == 1


@pytest.mark.parametrize("raised", [(), (FailureKind.FORBIDDEN,), (FailureKind.NOT_FOUND,)])
async def test_names_that_cannot_be_read(raised: tuple[FailureKind, ...]) -> None:
    """Without an answer rows keep their codes. A failure of a chosen kind is raised, and requested again."""
    host = codes_of(said(403))
    api = incontact(host.client())
    for _ in range(2):
        if FailureKind.FORBIDDEN in raised:
            assert (await failure_of(api.with_sub_states(ROWS, raised=raised))).failure.kind is FailureKind.FORBIDDEN
        else:
            assert await api.with_sub_states(ROWS, raised=raised) == [CODED]
    asked = sum("unavailable-codes" in target for target in host.targets)
    assert asked == (2 if FailureKind.FORBIDDEN in raised else 1)


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        (said(200, {"sub": "ann", "icAgentId": 7}), {"sub": "ann", "icAgentId": 7}),
        (said(200, ["ann"]), {}),
        (said(200, b""), {}),
        (said(403), {}),
        (said(503), {}),
        (None, {}),
    ],
)
async def test_who_the_token_is(answer: Response | None, claims: dict[str, object]) -> None:
    """The claims about the user are read from their endpoint. It is asked once."""

    def says(request: Request) -> Response | None:
        if request.target == "/who?is=it":
            return answer or WHOLE
        if answer is None or request.target != "/.well-known/openid-configuration":
            return None
        return said(200, {"token_endpoint": f"{HOST}/auth/token", "userinfo_endpoint": f"{HOST}/who?is=it"})

    host = Host(says=says)
    client = host.client()
    await client.token()
    assert await incontact(client).userinfo() == claims
    assert host.targets.count("/who") == (answer is not None)
