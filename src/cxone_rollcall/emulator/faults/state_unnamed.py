"""A state without a known name."""

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, AgentFault
from cxone_rollcall.emulator.wire import Call, Listing, edited

_SAID = {"null": None, "empty": "", "novel": "Wrapping Up"}
_NOVEL_CODE = 42


@dataclass(kw_only=True)
class StateUnnamed(AgentFault):
    """A chosen agent's row has no state name, an empty one, or an unknown one."""

    name = "state-unnamed"
    codes = ("RC508",)

    how: Annotated[Literal["missing", "null", "empty", "novel"], About("what replaces the state")] = "missing"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Change the state."""
        if not self.hits(call):
            return listing
        chosen = self.chosen(call)
        return listing._replace(rows=[self._spoilt(row, chosen) for row in listing.rows])

    def _spoilt(self, row: bytes, chosen: frozenset[str]) -> bytes:
        fields = json.loads(row)
        if str(fields["agentId"]) not in chosen:
            return row
        # `incontact` has a state twice: as a number and as a name.
        name, number = ("agentStateName", "agentStateId") if "agentStateName" in fields else ("state", "")
        if self.how == "missing":
            return json.dumps({key: fields[key] for key in fields if key not in {name, number}}).encode()
        numbered = {number: _NOVEL_CODE if self.how == "novel" else None} if number else {}
        return edited(row, **{name: _SAID[self.how]}, **numbered)
