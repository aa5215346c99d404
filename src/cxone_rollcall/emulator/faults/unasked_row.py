"""A row that was not requested."""

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call, Listing, edited
from cxone_rollcall.emulator.world import FIRST_ID


@dataclass(kw_only=True)
class UnaskedRow(Fault):
    """Responses have the state of an agent that was not requested, or that is not on the roster."""

    name = "unasked-row"
    codes = ("RC510",)
    bare = "who"

    who: Annotated[
        Literal["colleague", "stranger"], About("an agent of the roster that was not requested, or an unknown id")
    ] = "stranger"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Add the id of a colleague."""
        if self.who != "colleague" or not ids:
            return ids
        others = (agent_id for agent_id in call.tenant.chosen(self.name, 10) if agent_id not in ids)
        return (*ids, *list(others)[:1])

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Add a row with an unknown id."""
        if self.who != "stranger" or call.endpoint != "states" or not listing.rows:
            return listing
        written = type(json.loads(listing.rows[0])["agentId"])
        return listing._replace(rows=[*listing.rows, edited(listing.rows[0], agentId=written(FIRST_ID - 1))])
