"""A session that was never closed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, AgentFault
from cxone_rollcall.emulator.wire import Call, Listing, edited


@dataclass(kw_only=True)
class StateStuck(AgentFault):
    """A chosen agent's state began many hours ago; on v2 the row gets a startDate to say so."""

    name = "state-stuck"
    codes = ("RC607",)

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
