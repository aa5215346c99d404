"""The `/api/v2` contract: token, roster and states over one host.

Source of every wire fact here: the tutorial that this project starts from (marked T in our list of wire facts);
no specification of NICE's has this contract, so whatever an answer may add or leave out is read leniently.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from cxone_rollcall.contracts.decoding import quoted, quoted_ids, refuse_unless_ok
from cxone_rollcall.contracts.envelope import complaint
from cxone_rollcall.contracts.protocol import RosterPage, StateRows, UnusableAnswer
from cxone_rollcall.contracts.v2.rows import read_agents, read_state_rows
from cxone_rollcall.contracts.v2.tokens import V2Tokens
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.state import LOGGED_IN_STATES, AgentState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NOBODY: Mapping[str, str] = MappingProxyType({})


class V2:
    """The `/api/v2` contract of the tenant at `base`. Pages are counted from 1; agents not logged in have no row."""

    name = "v2"
    lists_states = False
    largest_page = 100
    largest_batch = 100
    """How many ids to ask for in a request, to begin with."""
    longest_ids = 4000
    """How many characters of ids, as they are sent: 100 UUIDs fit. Some gateways refuse an address of 4,096 or more."""
    separators: tuple[str, ...] = (",", "%2C")
    """What may stand between ids, as it is sent: the usual one first."""
    rows_at = roster_rows = states_rows = "/entities"
    known_states: tuple[str, ...] = LOGGED_IN_STATES
    roster_scope = "agent:read"
    states_scope = "presence:read"

    def __init__(self, base: str = "") -> None:
        self.tokens = V2Tokens(base, scope=f"{self.roster_scope} {self.states_scope}")

    def roster_request(self, page: int, size: int) -> Request:
        """Ask for a page: `GET /api/v2/agents?page=1&pageSize=100`."""
        return Request(
            method="GET", target=f"/api/v2/agents?page={page}&pageSize={size}", purpose=f"page {page} of the roster"
        )

    def read_roster(self, response: Response) -> RosterPage:
        """Read `{"entities": [{"id"}], "totalCount"}`."""
        refuse_unless_ok(response)
        if not response.body.strip():
            return RosterPage(agents=(), no_content=True, complaint=complaint(response.status))
        body = read_agents(response.body, self.rows_at)
        named = tuple([agent for agent in body.agents if agent is not None])
        unnamed = len(body.agents) - len(named)
        _refuse_if_nameless(len(body.agents), unnamed)
        return RosterPage(
            agents=named,
            total=body.total,
            unnamed=unnamed,
            found_at=body.found_at,
            complaint=complaint(response.status, error=body.error, unnamed=unnamed, rows=len(body.agents)),
        )

    def states_request(self, agent_ids: Sequence[str], *, state: str | None, separator: str) -> Request:
        """Ask by id: `GET /api/v2/agents/states?agentIds=ID,ID`, `&state=` where wanted; without ids, for everybody."""
        if not agent_ids:
            return Request(method="GET", target="/api/v2/agents/states", purpose="states of everybody, without ids")
        ids = quoted_ids(agent_ids, separator)
        wanted = "" if state is None else f"&state={quoted(state)}"
        count = f"{len(agent_ids)} agents" if len(agent_ids) != 1 else f"agent {agent_ids[0]}"
        only = "" if state is None else f", {state} only"
        return Request(
            method="GET", target=f"/api/v2/agents/states?agentIds={ids}{wanted}", purpose=f"states of {count}{only}"
        )

    def batches(self, agent_ids: Sequence[str], size: int, *, separator: str) -> Iterator[tuple[str, ...]]:
        """Cut ids into batches of at most `size`, and fewer where the address would be too long for them."""
        for start in range(0, len(agent_ids), size):
            batch = tuple(agent_ids[start : start + size])
            if len(quoted("".join(batch))) + len(separator) * len(batch) <= self.longest_ids:
                yield batch
            else:
                yield from self._shortened(batch, separator)

    def _shortened(self, agent_ids: tuple[str, ...], separator: str) -> Iterator[tuple[str, ...]]:
        start = length = 0
        for place, agent_id in enumerate(agent_ids):
            more = len(quoted(agent_id)) + len(separator)
            if place > start and length + more > self.longest_ids:
                yield agent_ids[start:place]
                start, length = place, 0
            length += more
        yield agent_ids[start:]

    def read_states(self, response: Response, asked: Mapping[str, str] = NOBODY) -> StateRows:
        """Read `{"entities": [{"agentId", "state", "subState"?}]}`; `asked` has each id asked for, as itself."""
        refuse_unless_ok(response)
        if not response.body.strip():
            return StateRows(rows=(), no_content=True, complaint=complaint(response.status))
        body = read_state_rows(response.body, self.rows_at, asked)
        named = tuple([row for row in body.rows if isinstance(row, AgentState)])
        failed = [row for row in body.rows if isinstance(row, str)]
        unnamed = len(body.rows) - len(named) - len(failed)
        _refuse_if_nameless(len(body.rows), unnamed)
        return StateRows(
            rows=named,
            unnamed=unnamed,
            found_at=body.found_at,
            complaint=complaint(response.status, error=body.error, failed=failed, unnamed=unnamed, rows=len(body.rows)),
        )

    def other_contracts(self) -> tuple[tuple[str, Request], ...]:
        """NICE's published contract lives below `/incontactapi/services/`; 200 or 401 there means it is spoken."""
        target = "/incontactapi/services/v34.0/agents?top=1"
        purpose = "does the incontact contract answer here?"
        return (("incontact", Request(method="GET", target=target, purpose=purpose, correlated=True)),)


def _refuse_if_nameless(rows: int, unnamed: int) -> None:
    if rows and rows == unnamed:
        raise UnusableAnswer(FailureKind.DAMAGED, f"{rows} rows, and none has an id that can be read")
