"""The lists of `incontact`: agents, states, and the states of one agent."""

import json
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from cxone_rollcall.emulator.contracts.incontact.clock import Clock, Poll
from cxone_rollcall.emulator.contracts.incontact.errors import refuse
from cxone_rollcall.emulator.contracts.incontact.query import Query, read
from cxone_rollcall.emulator.contracts.incontact.rows import Rows
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import Answer, Call, Listing, Window


class Lists:
    """The lists of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock
        self._readings = tenant.settings.readings

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return agents, states, or the states of one agent; ValueError explains a wrong parameter."""
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
        total = len(rows) if self._readings.total_records == "page" else len(found)
        more = query.skip + window.step < len(found)
        listing = self._listing(call, rows, total, None if states else window)
        links = self._links(call, query, window, more=more)
        return self._said(call, faults, query, poll, listing._replace(beside=self._beside(call, faults, poll, links)))

    def nothing(self, call: Call) -> Answer:
        """Return the response for a caller who may see no row."""
        poll = self._clock.poll()
        links = self._links(call, Query(), Window(1, 1, 0, 1), more=False)
        listing = self._listing(call, [], 0, None)._replace(beside=self._beside(call, (), poll, links))
        return self._said(call, (), Query(), poll, listing)

    def _one(self, call: Call, faults: Sequence[Fault], query: Query, poll: Poll, agent_id: str) -> Answer:
        if not (agent_id.isascii() and agent_id.isdecimal()):
            return refuse(400, "The agent id must be a whole number.")
        index = self._tenant.world.index(agent_id)
        if index is None:
            return refuse(404, "There is no such agent.")
        if not self._rows.visible(index) or not all(fault.visible(call, [index]) for fault in faults):
            return refuse(int(self._readings.hidden_agent), "This agent cannot be seen.")
        call, page = self._struck(call, faults, [index])
        card = [self._rows.card(one, poll.moment) for one in page]
        rows = [one.state_row for one in card if query.since is None or one.changed > query.since - self._clock.ahead]
        listing = self._listing(call, rows, len(rows), None)
        links = self._links(call, query, Window(1, 1, 0, 1), more=False)
        return self._said(call, faults, query, poll, listing._replace(beside=self._beside(call, faults, poll, links)))

    def _struck(self, call: Call, faults: Sequence[Fault], page: Sequence[int]) -> tuple[Call, Sequence[int]]:
        """Return the call as a request for the agents of its page by id, and the agents that faults leave."""
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

    def _listing(self, call: Call, rows: list[bytes], total: int, window: Window | None) -> Listing:
        states = call.endpoint == "states"
        old = states and self._readings.shape == "v23"
        return Listing(
            rows,
            window,
            None if old else total,
            key="agentStates" if states else "agents",
            envelope="resultSet" if self._readings.result_set else "",
            total_key="totalRecords",
        )

    def _beside(self, call: Call, faults: Sequence[Fault], poll: Poll, links: dict[str, str | None]) -> bytes:
        members: dict[str, object] = {
            "businessUnitId": self._rows.business_unit,
            "lastPollTime": poll.written,
            "_links": links,
        }
        if call.endpoint == "states":
            if self._readings.shape == "v23":
                return b""
            del members["businessUnitId"]
        elif self._readings.hidden_shown:
            seen = self._rows.everyone(states=False)
            for fault in faults:
                seen = fault.visible(call, seen)
            members["hiddenAgents"] = self._tenant.world.agents - len(seen)
        return json.dumps(members, separators=(",", ":")).encode()[1:-1]

    def _links(self, call: Call, query: Query, window: Window, *, more: bool) -> dict[str, str | None]:
        base = call.origin if self._readings.next_link == "absolute" else ""
        given = {name: values[-1] for name, values in call.query.items() if name not in {"top", "skip"}}

        def to(skip: int) -> str:
            return f"{base}{call.path}?{urlencode({**given, 'top': window.size, 'skip': skip})}"

        links: dict[str, str | None] = {"self": to(query.skip)}
        if more or self._readings.last_link == "null":
            links["next"] = to(query.skip + window.step) if more else None
        links["previous"] = to(max(0, query.skip - window.step)) if query.skip else None
        return links

    def _said(self, call: Call, faults: Sequence[Fault], query: Query, poll: Poll, listing: Listing) -> Answer:
        for fault in faults:
            listing = fault.listing(call, listing)
        states = call.endpoint == "states"
        if states and self._readings.shape == "v23":
            polled = json.dumps(poll.written).encode()
            listing = listing._replace(rows=[row[:-1] + b',"lastPollTime":' + polled + b"}" for row in listing.rows])
        if query.fields is not None:
            listing = listing._replace(rows=[_chosen(row, query.fields) for row in listing.rows])
        if not listing.rows:
            how = self._readings.no_states if states else self._readings.no_agents
            if how != "200":
                return Answer(204, content_type="") if how == "204" else Answer(200)
        return Answer(200, listing.encode())


def _chosen(row: bytes, fields: frozenset[str]) -> bytes:
    kept = {name: value for name, value in json.loads(row).items() if name.lower() in fields}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
