"""The `v2` contract: tokens, roster pages, and states by agent id.

POST /oauth/token form-encoded; client id and secret in the body or in a Basic header: see tokens.py GET
/oauth/authorize a sign-in page that redirects to the client on loopback GET /api/v2/agents page, pageSize; pages are
counted from 1 and have at most `page_cap` rows GET /api/v2/agents/states agentIds, state; logged-out and unknown agents
have no row
"""

from collections.abc import Mapping, Sequence

from cxone_rollcall.emulator.authorize import Logins
from cxone_rollcall.emulator.contracts.protocol import Contract
from cxone_rollcall.emulator.contracts.v2.rows import Rows
from cxone_rollcall.emulator.contracts.v2.tokens import Tokens, scopes_of_login
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import turn_away
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import Answer, Call, Endpoint, Listing, Window, problem

_ENDPOINTS: Mapping[str, Endpoint] = {
    "/oauth/authorize": "authorize",
    "/oauth/token": "token",
    "/api/v2/agents": "agents",
    "/api/v2/agents/states": "states",
}


class V2(Contract):
    """The `v2` contract of one tenant."""

    name = "v2"

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._rows = Rows(tenant)
        self._logins = Logins(tenant, self.name, scopes_of_login)
        self._tokens = Tokens(self._logins)

    def prepare(self) -> None:
        self._rows.draw_all()

    def endpoint(self, path: str) -> Endpoint:
        return _ENDPOINTS.get(path, "other")

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        if call.endpoint == "token":
            return self._tokens.answer(call, faults)
        if call.endpoint == "authorize":
            return self._logins.authorize(call)
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
        agents: Sequence[int] = range(self._tenant.world.agents)
        for fault in faults:
            agents = fault.listed(call, fault.visible(call, agents))
        rows = self._rows.roster(agents[window.start : window.start + window.size], self._tenant.moment())
        return _listed(call, faults, Listing(rows, window, len(agents)))

    def _states(self, call: Call, faults: Sequence[Fault]) -> Answer:
        ids = call.ids
        if ids is None and self._tenant.settings.list_all:
            world = self._tenant.world
            ids = tuple(world.agent_id(index) for index in range(world.agents))
        ids = ids or ()
        for fault in faults:
            ids = fault.ids(call, ids)
        if faults:
            ids = self._visible(call, faults, ids)
        states = frozenset(filter(None, call.query.get("state", ())))
        return _listed(call, faults, Listing(self._rows.states(ids, states, self._tenant.moment())))

    def _visible(self, call: Call, faults: Sequence[Fault], ids: tuple[str, ...]) -> tuple[str, ...]:
        world = self._tenant.world
        agents: Sequence[int] = [index for index in map(world.index, ids) if index is not None]
        for fault in faults:
            agents = fault.visible(call, agents)
        return tuple(map(world.agent_id, agents))


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
