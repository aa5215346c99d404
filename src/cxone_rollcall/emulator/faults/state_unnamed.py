"""A row that does not say the state, or says one that nobody has heard of."""

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Spoilt
from cxone_rollcall.emulator.wire import Call, Listing, edited

_SAID = {"null": None, "empty": "", "novel": "Wrapping Up"}
_NOVEL_CODE = 42


@dataclass(kw_only=True)
class StateUnnamed(Spoilt):
    """The row of a chosen agent has no state name, an empty one, or one never seen before."""

    name = "state-unnamed"
    codes = ("RC508",)

    how: Annotated[Literal["missing", "null", "empty", "novel"], About("what stands in place of the state")] = "missing"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Take the state out of the row."""
        if not self.spoils(call):
            return listing
        chosen = self.chosen(call)
        return listing._replace(rows=[self._spoilt(row, chosen) for row in listing.rows])

    def _spoilt(self, row: bytes, chosen: frozenset[str]) -> bytes:
        fields = json.loads(row)
        if str(fields["agentId"]) not in chosen:
            return row
        # The published contract says a state twice, as a number and as its name.
        name, number = ("agentStateName", "agentStateId") if "agentStateName" in fields else ("state", "")
        if self.how == "missing":
            return json.dumps({key: fields[key] for key in fields if key not in {name, number}}).encode()
        numbered = {number: _NOVEL_CODE if self.how == "novel" else None} if number else {}
        return edited(row, **{name: _SAID[self.how]}, **numbered)
