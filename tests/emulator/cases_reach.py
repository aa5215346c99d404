"""Faults of connection, identity and permission, each with its effect."""

import aiohttp
from tests.emulator.effects import Effect, Visitor, broken, same_roster, spoiling, statuses, three
from tests.emulator.logins import V2, claims


def heals_after(times: int, status: int) -> Effect:
    """The states return the status `times` times, and then succeed."""

    async def effect(visitor: Visitor) -> None:
        ids = visitor.ids(present=True)
        assert [(await visitor.states(ids)).status for _ in range(times)] == [status] * times
        assert (await visitor.states(ids)).asked == ids

    return effect


def refused_token(status: int, error: str) -> Effect:
    """No token is granted, for this reason; tokens granted before are taken."""

    async def effect(visitor: Visitor) -> None:
        token, agents, states = await three(visitor)
        assert (token.status, token.json["error"]) == (status, error)
        assert (agents.status, states.status) == (200, 200)

    return effect


async def drips(visitor: Visitor) -> None:
    """The head comes, a byte comes, the end does not."""
    headers = {"Authorization": f"Bearer {visitor.token}"}
    async with visitor.session.get(f"{visitor.url}/api/v2/agents", headers=headers) as response:
        assert response.status == 200
        assert await response.content.readexactly(1) == b"{"
        assert not response.content.at_eof()
        response.close()


async def hangs(visitor: Visitor) -> None:
    """The request gets no response; other endpoints answer."""
    assert await visitor.unanswered("/api/v2/agents")
    assert visitor.emulator.requests["agents", "never"] == 1
    assert (await visitor.states(visitor.ids())).rows


def signs_in(label: str) -> Effect:
    """A page of HTML comes with status 200, under this label."""

    async def effect(visitor: Visitor) -> None:
        for reply in await three(visitor):
            assert reply.status == 200
            assert label in reply.headers["content-type"]
            assert reply.body.startswith(b"<!DOCTYPE html>")

    return effect


async def redirects(visitor: Visitor) -> None:
    """The sign-in is on a host that cannot be there."""
    reply = await visitor.agents()
    assert reply.status == 302
    assert reply.headers["location"].startswith("https://sign-in.invalid/")


async def has_only_the_other_contract(visitor: Visitor) -> None:
    """The tenant has only the other contract. Its agents need a token, in any version and spelling of the path."""
    await statuses(404, 404, 404)(visitor)
    for path in ("/incontactapi/services/v34.0/agents", "/inContactAPI//services/V2.0/Agents/states?top=1"):
        assert (await visitor.ask("GET", path)).status == 401
    assert (await visitor.ask("GET", "/incontactapi/services/v34.0/")).status == 404


async def is_late(visitor: Visitor) -> None:
    """Answers come, later."""
    assert [reply.status for reply in await three(visitor)] == [200, 200, 200]


async def drops_connections(visitor: Visitor) -> None:
    """The answer is complete; then the connection closes without notice."""
    reply = await visitor.agents()
    assert (reply.status, len(reply.rows)) == (200, 100)
    assert "connection" not in reply.headers


async def expires_once(visitor: Visitor) -> None:
    """The token works for two requests; the next one for all."""
    assert [(await visitor.agents()).status for _ in range(4)] == [200, 200, 401, 401]
    await visitor.log_in()
    assert [(await visitor.agents()).status for _ in range(4)] == [200] * 4


async def names_another_tenant(visitor: Visitor) -> None:
    """The new token differs from the old one in its tenant."""
    tenant_id = visitor.emulator.tenant.tenant_id
    await visitor.log_in()
    grants = list(visitor.emulator.tenant.grants.values())
    assert [grant.tenant_id == tenant_id for grant in grants] == [True, False]
    assert (await visitor.agents()).status == 200


async def is_plain(visitor: Visitor) -> None:
    """The answer has no life and no scope; the opaque token works."""
    said = (await visitor.ask_token()).json
    assert set(said) == {"access_token", "token_type"}
    assert "." not in said["access_token"]
    visitor.token = said["access_token"]
    assert (await visitor.agents()).status == 200


def lacks(scope: str, agents: int, states: int, *, shown: bool) -> Effect:
    """A new token lacks the scope, so its endpoint says 403. The other endpoint answers."""

    async def effect(visitor: Visitor) -> None:
        said = (await visitor.ask_token()).json
        assert ("scope" in said) == shown
        assert scope not in said.get("scope", "")
        visitor.token = said["access_token"]
        assert (await visitor.agents()).status == agents
        assert (await visitor.states(visitor.ids())).status == states

    return effect


async def stays_logged_in_no_longer(visitor: Visitor) -> None:
    """A login gives a token, but its refresh token gives none. The client's own token is granted."""
    said = (await V2.redeem(visitor, await V2.code(visitor))).json
    assert await V2.opens(visitor, said["access_token"]) == 200
    refused = await V2.renew(visitor, said["refresh_token"])
    assert (refused.status, refused.json["error"]) == (400, "invalid_grant")
    assert (await visitor.ask_token()).status == 200


def hides_teams(count: int, *, others_in_full: bool) -> Effect:
    """Whole teams are on the roster without state rows. If `others_in_full`, all other agents have one."""

    async def effect(visitor: Visitor) -> None:
        pages = [(await visitor.agents(page, 100)).rows for page in (1, 2)]
        teams = {str(row["id"]): row["teamId"] for page in pages for row in page}
        hidden = visitor.emulator.tenant.chosen_teams("team-hidden", count)
        assert len(hidden) == count
        there = set((await visitor.states(visitor.ids())).asked)
        assert there == {one for one in visitor.ids(present=True) if teams[one] not in hidden}
        in_hidden = [one for one in visitor.ids() if teams.get(one) in hidden]
        assert len(in_hidden) >= 3 * count
        assert {one for one in teams if teams[one] not in hidden} - there == set() or not others_in_full
        assert (list(teams) == visitor.ids()) == (not others_in_full)
        assert (await visitor.agents()).json["totalCount"] == len(teams)

    return effect


def shows_own_alone(agents: int | None, states: int | None) -> Effect:
    """The new token names the only visible agent, who is logged in.

    The new token names the one agent, who is logged in.
    """

    async def effect(visitor: Visitor) -> None:
        await visitor.log_in()
        own = claims(visitor.token)["icAgentId"]
        assert own in visitor.ids(present=True)
        for asked, count, whole in (
            (await visitor.roster(), agents, visitor.ids()),
            ((await visitor.states(visitor.ids())).asked, states, visitor.ids(present=True)),
        ):
            assert asked == ([own] if count == 1 else whole)

    return effect


REACH: tuple[tuple[str, Effect], ...] = (
    ("reset", broken("token", "agents", "states")),
    ("reset=token", broken("token")),
    ("reset=how=close,at=states", broken("states")),
    ("reset-some", spoiling(aiohttp.ClientConnectionError)),
    ("hang=agents", hangs),
    ("slow-drip=seconds=1000", drips),
    ("slow-drip=seconds=0", same_roster()),
    ("html-page", signs_in("text/html")),
    ("html-page=labelled=json", signs_in("application/json")),
    ("sign-in-redirect", redirects),
    ("server-error", statuses(503, 503, 503)),
    ("server-error=api,status=500", statuses(200, 500, 500)),
    ("server-error=states,times=2", heals_after(2, 503)),
    ("server-error-some", spoiling(500)),
    ("path-missing", statuses(200, 404, 404)),
    ("path-missing=any", statuses(404, 404, 404)),
    ("other-contract", has_only_the_other_contract),
    ("latency=1,jitter=2", is_late),
    ("connection-dropped", drops_connections),
    ("client-refused", refused_token(401, "invalid_client")),
    ("grant-refused", refused_token(400, "unsupported_grant_type")),
    ("grant-refused=invalid_scope", refused_token(400, "invalid_scope")),
    ("grant-refused=none", statuses(400, 200, 200)),
    ("key-refused", refused_token(400, "invalid_grant")),
    ("refresh-refused", stays_logged_in_no_longer),
    ("token-expires=2", expires_once),
    ("token-expires=life=0", statuses(200, 401, 401)),
    ("token-rejected", statuses(200, 401, 401)),
    ("foreign-tenant", names_another_tenant),
    ("token-plain", is_plain),
    ("scope-missing", lacks("presence:read", 200, 403, shown=True)),
    ("scope-missing=agent:read,readable=no", lacks("agent:read", 403, 200, shown=False)),
    ("forbidden", statuses(200, 200, 403)),
    ("team-hidden", hides_teams(1, others_in_full=True)),
    ("team-hidden=2,others=as-is", hides_teams(2, others_in_full=False)),
    ("own-user-only", shows_own_alone(1, 1)),
    ("own-user-only=agents", shows_own_alone(1, None)),
    ("own-user-only=states", shows_own_alone(None, 1)),
)
