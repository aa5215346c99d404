"""A caller who may see nobody but itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault, YesNo
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class OwnUserOnly(Fault):
    """Roster, states, or both hold only the agent who the token's user is, and who is logged in.

    New tokens name that agent as `icAgentId`, those of v2 too, which otherwise name none.
    """

    name = "own-user-only"
    codes = ("RC306",)
    bare = "at"

    at: Annotated[
        Literal["agents", "states", "api"], About("what holds the own agent only: the roster, the states, or both")
    ] = "api"
    hidden_said: Annotated[YesNo, About("on incontact, whether hiddenAgents counts those who are kept back")] = "yes"

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Name the own agent."""
        own = _own(call)
        return grant if own is None else replace(grant, agent=own)

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Withhold all others."""
        if self.at not in {"api", "agents" if call.asks_who else "states"}:
            return agents
        own = _own(call)
        return [index for index in agents if index == own]

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Keep silent about the others."""
        if self.hidden_said == "yes" or self.at == "states" or b'"hiddenAgents"' not in listing.beside:
            return listing
        return listing.with_members(hiddenAgents=0)


def _own(call: Call) -> int | None:
    own = call.tenant.chosen(OwnUserOnly.name, 1)
    return call.tenant.world.index(own[0]) if own else None
