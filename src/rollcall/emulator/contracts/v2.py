"""The `v2` contract: a token, the roster in pages, and the states of agents asked for by id.

POST /oauth/token           form-encoded; client id and secret in the body or in a Basic header
GET  /api/v2/agents         page, pageSize; pages are counted from 1 and hold `page_cap` rows at most
GET  /api/v2/agents/states  agentIds, state; whoever is not logged in, or not known, simply has no row
"""

from collections.abc import Mapping, Sequence

from rollcall.emulator.contracts.v2_rows import Rows
from rollcall.emulator.faults.base import Fault
from rollcall.emulator.oauth import grant_token, turn_away
from rollcall.emulator.settings import ContractName
from rollcall.emulator.tenant import Tenant
from rollcall.emulator.wire import Answer, Call, Endpoint, Listing, Window, problem

_ENDPOINTS: Mapping[str, Endpoint] = {
    "/oauth/token": "token",
    "/api/v2/agents": "agents",
    "/api/v2/agents/states": "states",
}


class V2:
    """The `v2` contract of one tenant."""

    name: ContractName = "v2"

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._rows = Rows(tenant)

    def prepare(self) -> None:
        """Draw the rows."""
        self._rows.draw_all()

    def endpoint(self, path: str) -> Endpoint:
        """Return what this path is for."""
        return _ENDPOINTS.get(path, "other")

    def read(self, call: Call) -> Call:
        """Return the call: ids stand in `agentIds`."""
        return call

    def finish(self, call: Call, answer: Answer) -> Answer:
        """Return the answer as it is."""
        return answer

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the answer to a call."""
        method = "POST" if call.endpoint == "token" else "GET"
        if call.method != method:
            return problem(405, f"Only {method} is allowed here.").with_header("Allow", method)
        if call.endpoint == "token":
            return grant_token(call, faults)
        if call.endpoint == "agents":
            return turn_away(call, faults, "agent:read") or self._agents(call, faults)
        return turn_away(call, faults, "presence:read") or self._states(call, faults)

    def _agents(self, call: Call, faults: Sequence[Fault]) -> Answer:
        try:
            page, size = _whole(call.query, "page", 1), _whole(call.query, "pageSize", 100)
        except ValueError as garbage:
            return problem(400, str(garbage))
        size = min(size, self._tenant.settings.page_cap)
        window = Window(page, size, (page - 1) * size)
        for fault in faults:
            window = fault.window(call, window)
        if window.size < 1 or window.start < 0:
            return problem(400, "page and pageSize are counted from 1.")
        rows = self._rows.roster(window.start, window.size, self._tenant.moment())
        return _listed(call, faults, Listing(rows, window, self._tenant.settings.agents))

    def _states(self, call: Call, faults: Sequence[Fault]) -> Answer:
        ids = call.ids
        if ids is None and self._tenant.settings.list_all:
            world = self._tenant.world
            ids = tuple(world.agent_id(index) for index in range(world.agents))
        ids = ids or ()
        for fault in faults:
            ids = fault.ids(call, ids)
        states = frozenset(filter(None, call.query.get("state", ())))
        return _listed(call, faults, Listing(self._rows.states(ids, states, self._tenant.moment())))


def _listed(call: Call, faults: Sequence[Fault], listing: Listing) -> Answer:
    for fault in faults:
        listing = fault.listing(call, listing)
    return Answer(200, listing.encode())


def _whole(query: Mapping[str, list[str]], name: str, default: int) -> int:
    values = query.get(name)
    if not values:
        return default
    value = values[-1]
    if len(values) > 1 or not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise ValueError(f"{name} must be a whole number, given once.")
    return int(value)
