"""The requests of the `v2` contract: roster pages, and states by id.

GET /api/v2/agents?page=1&pageSize=100 GET /api/v2/agents/states?agentIds=ID,ID&state=Available `state` is optional

Source: tutorials that use this API. NICE publishes no specification of it, so answers are read leniently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from cxone_rollcall.contracts.decoding import quoted, quoted_ids, refuse_unless_ok
from cxone_rollcall.contracts.protocol import RosterPage, StateRows
from cxone_rollcall.contracts.v2.rows import ROWS_AT, read_roster, read_states
from cxone_rollcall.contracts.v2.tokens import V2Tokens
from cxone_rollcall.model.exchange import LARGEST_LIST, Request, Response
from cxone_rollcall.model.state import LOGGED_IN_STATES

NOTHING_ASKED: Mapping[str, str] = MappingProxyType({})


class V2:
    """The `v2` contract of the tenant at `base`. Pages are counted from 1; agents that are logged out have no row."""

    name = "v2"
    lists_states = False
    largest_page = 100
    largest_batch = 100
    """Ids in one request, to begin with."""
    longest_ids = 4000
    """Characters of encoded ids in one address: 100 UUIDs fit. Some gateways refuse addresses of 4,096 characters."""
    separators: tuple[str, str] = (",", "%2C")
    """Separators between ids, as they are sent; the usual one first."""
    roster_rows = states_rows = ROWS_AT
    known_states: tuple[str, ...] = LOGGED_IN_STATES
    roster_scope = "agent:read"
    states_scope = "presence:read"

    def __init__(self, base: str = "") -> None:
        self.tokens = V2Tokens(base, scope=f"{self.roster_scope} {self.states_scope}")

    def roster_request(self, page: int, size: int) -> Request:
        """Return the request for a page of the roster."""
        return Request(
            method="GET",
            target=f"/api/v2/agents?page={page}&pageSize={size}",
            purpose=f"page {page} of the roster",
            largest_body=LARGEST_LIST,
        )

    def read_roster(self, response: Response) -> RosterPage:
        """Read a page of the roster."""
        refuse_unless_ok(response)
        return read_roster(response)

    def states_request(self, agent_ids: Sequence[str], *, state: str | None, separator: str) -> Request:
        """The request for these agents' states; without ids, for all agents'. `state` filters the rows."""
        target = "/api/v2/agents/states"
        if not agent_ids:
            purpose = "states of all agents, without ids"
            return Request(method="GET", target=target, purpose=purpose, largest_body=LARGEST_LIST)
        ids = quoted_ids(agent_ids, separator)
        wanted = "" if state is None else f"&state={quoted(state)}"
        count = f"{len(agent_ids)} agents" if len(agent_ids) != 1 else f"agent {agent_ids[0]}"
        only = "" if state is None else f", {state} only"
        return Request(
            method="GET",
            target=f"{target}?agentIds={ids}{wanted}",
            purpose=f"states of {count}{only}",
            largest_body=LARGEST_LIST,
        )

    def batches(self, agent_ids: Sequence[str], size: int, *, separator: str) -> Iterator[tuple[str, ...]]:
        """Split ids into batches of at most `size`. Smaller ones if the address would be too long."""
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

    def read_states(self, response: Response, asked: Mapping[str, str] = NOTHING_ASKED) -> StateRows:
        """Read a states answer. `asked` maps each id asked for to itself, so that rows share its string."""
        refuse_unless_ok(response)
        return read_states(response, asked)

    def other_contracts(self) -> tuple[tuple[str, Request], ...]:
        """Return a request for a path of `incontact`."""
        target = "/incontactapi/services/v34.0/agents?top=1"
        purpose = "does the incontact contract answer here?"
        return (("incontact", Request(method="GET", target=target, purpose=purpose, correlated=True)),)
