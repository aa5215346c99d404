"""The floor: the least work that fetches and decodes a check's data.

    python quality/bench/floor.py CONTRACT

Bare asyncio, aiohttp and msgspec, 64 requests at a time: a token, the agents in pages of 100, their states in batches
of 100 as soon as a page has arrived (`v2`) or in pages of 100 (`incontact`). The first page comes alone, because it has
the total. Each response is decoded into the fields that a check shows, counted and dropped. There is no account, no
check, no retry, no timeout, no log. Prints the number of agents and of states. To run it alone, set CXONE_INSTANCE (a
URL), CXONE_CLIENT_ID and CXONE_CLIENT_SECRET, and for `incontact` also CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import aiohttp
import msgspec
from yarl import URL

AT_ONCE = 64
ROWS = 100
API = "/incontactapi/services/v34.0"


class Token(msgspec.Struct):
    """A token response."""

    access_token: str


class Agent(msgspec.Struct, gc=False):
    """A row of the roster, `v2`."""

    id: int
    firstName: str  # noqa: N815  the API's spelling, here and below
    lastName: str  # noqa: N815
    userName: str  # noqa: N815
    email: str
    isActive: bool  # noqa: N815
    teamName: str  # noqa: N815
    lastLogin: str | None = None  # noqa: N815


class Agents(msgspec.Struct, gc=False):
    """A page of the roster, `v2`."""

    entities: list[Agent]
    totalCount: int  # noqa: N815


class State(msgspec.Struct, gc=False):
    """The state of an agent, `v2`."""

    agentId: int  # noqa: N815
    state: str
    subState: str | None = None  # noqa: N815


class States(msgspec.Struct, gc=False):
    """The states of a batch, `v2`."""

    entities: list[State]


class ListedAgent(msgspec.Struct, gc=False):
    """A row of the roster, `incontact`."""

    agentId: int  # noqa: N815
    firstName: str  # noqa: N815
    lastName: str  # noqa: N815
    userName: str  # noqa: N815
    emailAddress: str  # noqa: N815
    isActive: bool  # noqa: N815
    teamName: str  # noqa: N815
    lastLogin: str | None = None  # noqa: N815


class ListedAgents(msgspec.Struct, gc=False):
    """A page of the roster, `incontact`."""

    agents: list[ListedAgent]
    totalRecords: int  # noqa: N815


class ListedState(msgspec.Struct, gc=False):
    """The state of an agent, `incontact`."""

    agentId: int  # noqa: N815
    agentStateId: int  # noqa: N815
    agentStateName: str  # noqa: N815
    isACW: bool  # noqa: N815
    outStateDescription: str  # noqa: N815
    startDate: str | None = None  # noqa: N815


class ListedStates(msgspec.Struct, gc=False):
    """A page of the states, `incontact`."""

    agentStates: list[ListedState]  # noqa: N815
    totalRecords: int  # noqa: N815


class Counted(NamedTuple):
    """The number of rows."""

    agents: int
    states: int


T = TypeVar("T")


class Ask(Protocol):
    """Fetches the body of one response."""

    def __call__(self, target: str) -> Coroutine[Any, Any, bytes]:
        """Return the body of a target."""
        ...


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """Return a decoder of this type."""
    return msgspec.json.Decoder(kind).decode


async def read_v2(ask: Ask) -> Counted:
    """Read the pages, and request each page's states when it arrives."""
    as_agents, as_states = decoder(Agents), decoder(States)

    async def page(number: int) -> Agents:
        return as_agents(await ask(f"/api/v2/agents?page={number}&pageSize={ROWS}"))

    async def count_states(agents: list[Agent]) -> int:
        ids = ",".join([str(agent.id) for agent in agents])
        return len(as_states(await ask(f"/api/v2/agents/states?agentIds={ids}")).entities)

    async def call(number: int) -> Counted:
        agents = (first if number == 1 else await page(number)).entities
        return Counted(len(agents), await count_states(agents))

    first = await page(1)
    return await in_turn(call(number) for number in range(1, pages_of(first.totalCount) + 1))


async def read_incontact(ask: Ask) -> Counted:
    """Read both lists at the same time."""
    as_agents, as_states = decoder(ListedAgents), decoder(ListedStates)

    async def agents(page: int) -> ListedAgents:
        return as_agents(await ask(f"{API}/agents?top={ROWS}&skip={page * ROWS}"))

    async def states(page: int) -> ListedStates:
        return as_states(await ask(f"{API}/agents/states?top={ROWS}&skip={page * ROWS}"))

    async def count_agents(page: int) -> Counted:
        return Counted(len((await agents(page)).agents), 0)

    async def count_states(page: int) -> Counted:
        return Counted(0, len((await states(page)).agentStates))

    first, first_states = await asyncio.gather(agents(0), states(0))
    rest = await in_turn(
        count(page)
        for count, total in ((count_agents, first.totalRecords), (count_states, first_states.totalRecords))
        for page in range(1, pages_of(total))
    )
    return Counted(rest.agents + len(first.agents), rest.states + len(first_states.agentStates))


async def in_turn(jobs: Iterator[Coroutine[Any, Any, Counted]]) -> Counted:
    """Run at most `AT_ONCE` jobs at a time; return the sums."""

    async def work() -> Counted:
        agents = states = 0
        for job in jobs:
            counted = await job
            agents += counted.agents
            states += counted.states
        return Counted(agents, states)

    done = await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return Counted(sum(one.agents for one in done), sum(one.states for one in done))


def pages_of(total: int) -> int:
    """Return the number of pages of `total` rows."""
    return -(-total // ROWS)


def token_request(contract: str, given: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The path and form of a token request. `given` has the credentials by their environment names."""
    client = {"client_id": given["CXONE_CLIENT_ID"], "client_secret": given["CXONE_CLIENT_SECRET"]}
    if contract == "v2":
        return "/oauth/token", {"grant_type": "client_credentials", **client}
    key = {"username": given["CXONE_ACCESS_KEY_ID"], "password": given["CXONE_ACCESS_KEY_SECRET"]}
    return "/auth/token", {"grant_type": "password", **client, **key}


async def main(contract: str) -> None:
    """Print the number of agents and of states."""
    base_url = os.environ["CXONE_INSTANCE"]
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=AT_ONCE),
        headers={"Accept": "application/json"},
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        raise_for_status=True,
    ) as session:

        async def ask(target: str) -> bytes:
            async with session.get(URL(base_url + target, encoded=True)) as answer:
                return await answer.read()

        path, form = token_request(contract, os.environ)
        async with session.post(base_url + path, data=form) as answer:
            token = decoder(Token)(await answer.read())
        session.headers["Authorization"] = f"Bearer {token.access_token}"
        counted = await (read_v2 if contract == "v2" else read_incontact)(ask)
    print(counted.agents, counted.states)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
