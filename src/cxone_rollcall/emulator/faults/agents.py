"""Agents whose login is late, stale, or visible elsewhere only."""

import json
from collections.abc import Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, AgentFault, Fault
from cxone_rollcall.emulator.wire import Call, Listing, edited


class LoginRace(AgentFault, name="login-race", codes=("RC604",), bare="asks"):
    """A chosen agent has no state row at first. The second request, or a later one, has it."""

    asks: Annotated[int, About("the number of the request that returns the row", least=1)] = 2
    asked: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out chosen agents who have not been asked for often enough."""
        early = set()
        for agent_id in self.chosen(call).intersection(ids):
            self.asked[agent_id] = self.asked.get(agent_id, 0) + 1
            if self.asked[agent_id] < self.asks:
                early.add(agent_id)
        return tuple(agent_id for agent_id in ids if agent_id not in early)


class NobodyLoggedIn(Fault, name="nobody-logged-in", codes=("RC605",)):
    """Every request for states returns 200 and no rows."""

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        return ()


class SeenElsewhere(AgentFault, name="seen-elsewhere", codes=("RC606",), contracts=("incontact",)):
    """A few agents have no state row, even alone. They do have an open contact."""

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 2

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave them out of the list of states."""
        return self.without(call, agents) if call.endpoint == "states" else agents

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(agent_id for agent_id in ids if agent_id not in self.chosen(call))

    def engaged(self, call: Call) -> frozenset[str]:
        """Give each of them a contact; they are logged in already."""
        return self.chosen(call)


class StateStuck(AgentFault, name="state-stuck", codes=("RC607",)):
    """A chosen agent's state began many hours ago. On v2 the row gets a startDate to say so."""

    hours: Annotated[float, About("how many hours ago the state began", least=0, most=8000)] = 20.0

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Change the start of the state."""
        if not self.hits(call):
            return listing
        chosen = self.chosen(call)
        began = datetime.fromtimestamp(call.tenant.now() - self.hours * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return listing._replace(
            rows=[
                edited(row, startDate=began) if str(json.loads(row)["agentId"]) in chosen else row
                for row in listing.rows
            ]
        )
