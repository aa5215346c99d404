"""The lists of `incontact`: agents, states, and the states of one agent."""

import json
from collections.abc import Sequence
from dataclasses import replace

from cxone_rollcall.emulator.contracts.incontact.clock import Clock, Poll
from cxone_rollcall.emulator.contracts.incontact.query import Query, links, read
from cxone_rollcall.emulator.contracts.incontact.rows import Rows
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import NO_CONTENT, Answer, Call, Listing, Window, problem

_ONLY_PAGE = Window(1, 1, 0, 1)


class Lists:
    """The lists of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock
        self._readings = tenant.settings.readings

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return agents, states, or the states of one agent. ValueError explains a wrong parameter."""
        query, poll = read(call.query), self._clock.poll(sum(fault.lag(call) for fault in faults))
        states = call.endpoint == "states"
        if call.ids is not None:
            return self._one(call, faults, query, poll, call.ids[0])
        found = self._rows.find(query, poll.moment, states=states)
        if states and query.units is not None and str(self._rows.business_unit) not in query.units:
            found = ()
        for fault in faults:
            found = fault.listed(call, fault.visible(call, found))
        window = self._window(query, len(found), states=states)
        for fault in faults:
            window = fault.window(call, window)
        page = found[max(window.start, 0) : max(window.start, 0) + window.size]
        if states:
            call, page = self._struck(call, faults, page)
        rows = [self._rows.row(index, poll.moment, states=states) for index in page]
        return self._respond(call, faults, query, poll, rows, len(found), window)

    def nothing(self, call: Call) -> Answer:
        """Return the response for a caller who may see no row."""
        return self._respond(call, (), Query(), self._clock.poll(), [], 0)

    def _one(self, call: Call, faults: Sequence[Fault], query: Query, poll: Poll, agent_id: str) -> Answer:
        if not (agent_id.isascii() and agent_id.isdecimal()):
            return problem(400, "The agent id must be a whole number.")
        index = self._tenant.world.index(agent_id)
        if index is None:
            return problem(404, "There is no such agent.")
        if not self._rows.visible(index) or not all(fault.visible(call, [index]) for fault in faults):
            return problem(int(self._readings.hidden_agent), "This agent cannot be seen.")
        call, page = self._struck(call, faults, [index])
        card = [self._rows.card(one, poll.moment) for one in page]
        rows = [one.state_row for one in card if query.since is None or one.changed > query.since - self._clock.ahead]
        return self._respond(call, faults, query, poll, rows, len(rows))

    def _struck(self, call: Call, faults: Sequence[Fault], page: Sequence[int]) -> tuple[Call, Sequence[int]]:
        """The call by ids, and the agents that faults leave. The ids are those of the page."""
        if not faults:
            return call, page
        world = self._tenant.world
        ids = tuple(world.agent_id(index) for index in page)
        call = replace(call, ids=ids)
        for fault in faults:
            ids = fault.ids(call, ids)
        return call, [index for index in map(world.index, ids) if index is not None]

    def _window(self, query: Query, count: int, *, states: bool) -> Window:
        cap = self._tenant.settings.page_cap
        # A response of the v23 shape has no link to a next page, so it has all rows, unless the request limits them.
        whole = states and self._readings.shape == "v23"
        top = min(query.top, cap) if query.top else (max(count, 1) if whole else min(self._readings.page_default, cap))
        return Window(query.skip // top + 1, top, query.skip, top)

    def _respond(
        self,
        call: Call,
        faults: Sequence[Fault],
        query: Query,
        poll: Poll,
        rows: list[bytes],
        found: int,
        window: Window = _ONLY_PAGE,
    ) -> Answer:
        """Return the page of these rows; `found` rows are on all pages."""
        of, states = self._readings, call.endpoint == "states"
        v23 = states and of.shape == "v23"
        listing = Listing(
            rows,
            None if states else window,
            None if v23 else len(rows) if of.total_records == "page" else found,
            key="agentStates" if states else "agents",
            envelope="resultSet" if of.result_set else "",
            total_key="totalRecords",
        )
        if not states:
            listing = listing.with_members(businessUnitId=self._rows.business_unit)
        if not v23:
            more = query.skip + window.step < found
            to = links(call, query.skip, window.size, step=window.step, more=more)
            listing = listing.with_members(lastPollTime=poll.written, _links=to)
        if not states and of.hidden_shown:
            listing = listing.with_members(hiddenAgents=self._hidden(call, faults))
        for fault in faults:
            listing = fault.listing(call, listing)
        rows = listing.rows
        if v23:
            polled = json.dumps(poll.written).encode()
            rows = [row[:-1] + b',"lastPollTime":' + polled + b"}" for row in rows]
        if not rows:
            how = of.no_states if states else of.no_agents
            if how != "200":
                return NO_CONTENT if how == "204" else Answer(200)
        return Answer(200, listing._replace(rows=list(map(query.chosen, rows))).encode())

    def _hidden(self, call: Call, faults: Sequence[Fault]) -> int:
        seen = self._rows.everyone(states=False)
        for fault in faults:
            seen = fault.visible(call, seen)
        return self._tenant.world.agents - len(seen)
