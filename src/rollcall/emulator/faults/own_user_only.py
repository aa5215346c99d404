"""The caller may see itself and nobody else."""

from dataclasses import dataclass

from rollcall.emulator.faults.base import Fault
from rollcall.emulator.wire import Call, Listing, Window


@dataclass(kw_only=True)
class OwnUserOnly(Fault):
    """Roster and states hold one agent, the token's own."""

    name = "own-user-only"
    codes = ("RC306",)

    def window(self, call: Call, window: Window) -> Window:
        """Answer that agent on the first page, nobody on any other."""
        if window.size < 1 or window.start < 0:
            return window
        start = self._own(call) if window.start == 0 else call.tenant.world.agents
        return window._replace(size=1, start=start)

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Look up that agent alone."""
        own = call.tenant.world.agent_id(self._own(call))
        return tuple(agent_id for agent_id in ids if agent_id == own)

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Count that agent alone."""
        return listing._replace(total=min(1, listing.total)) if listing.total is not None else listing

    def _own(self, call: Call) -> int:
        return next((call.tenant.world.index(agent_id) or 0 for agent_id in call.tenant.chosen(self.name, 1)), 0)
