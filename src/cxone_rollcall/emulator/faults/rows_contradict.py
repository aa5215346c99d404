"""Two rows that contradict each other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxone_rollcall.emulator.faults.fault import AgentFault
from cxone_rollcall.emulator.wire import Call, Listing, edited


@dataclass(kw_only=True)
class RowsContradict(AgentFault):
    """A chosen agent has two rows with different states in one response."""

    name = "rows-contradict"
    codes = ("RC509",)

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Add the second row."""
        if not self.hits(call):
            return listing
        chosen = self.chosen(call)
        rows = [(row, json.loads(row)) for row in listing.rows]
        second = [edited(row, **_other_state(fields)) for row, fields in rows if str(fields["agentId"]) in chosen]
        return listing._replace(rows=listing.rows + second)


def _other_state(fields: Mapping[str, Any]) -> dict[str, object]:
    if "agentStateId" in fields:
        code, name = (2, "Unavailable") if fields["agentStateId"] == 1 else (1, "Available")
        return {"agentStateId": code, "agentStateName": name, "outStateId": 0, "outStateDescription": ""}
    return {"state": "Break" if fields.get("state") == "Available" else "Available", "subState": None}
