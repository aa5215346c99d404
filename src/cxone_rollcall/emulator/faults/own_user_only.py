"""A caller who may see only its own agent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault, YesNo
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class OwnUserOnly(Fault):
    """Roster, states, or both have only the agent of the token's user, who is logged in.

    New tokens name that agent as `icAgentId`, also on v2, where tokens usually name none.
    """

    name = "own-user-only"
    codes = ("RC306",)
    bare = "at"

    at: Annotated[
        Literal["agents", "states", "api"],
        About("what is restricted: the roster, the states, or both"),
    ] = "api"
    hidden_said: Annotated[YesNo, About("on incontact, whether hiddenAgents counts the hidden agents")] = "yes"

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Put the own agent into the token."""
        own = _own(call)
        return grant if own is None else replace(grant, agent=own)

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave all others out."""
        if self.at not in {"api", "agents" if call.asks_who else "states"}:
            return agents
        own = _own(call)
        return [index for index in agents if index == own]

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Set hiddenAgents to 0."""
        if self.hidden_said == "yes" or self.at == "states" or b'"hiddenAgents"' not in listing.beside:
            return listing
        return listing.with_members(hiddenAgents=0)


def _own(call: Call) -> int | None:
    own = call.tenant.chosen(OwnUserOnly.name, 1)
    return call.tenant.world.index(own[0]) if own else None
