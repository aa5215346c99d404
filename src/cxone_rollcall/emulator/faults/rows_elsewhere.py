"""Rows in an unexpected place."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class RowsElsewhere(Fault):
    """The rows are under another key, in a bare list, or inside an envelope."""

    name = "rows-elsewhere"
    codes = ("RC506",)
    bare = "key"

    key: Annotated[
        Literal["agents", "items", "data", "bare", "resultSet"],
        About("the key; bare is a list without a key, resultSet an envelope around everything"),
    ] = "items"
    at: Annotated[Literal["any", "agents", "states"], About("the endpoint affected")] = "any"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Move the rows."""
        if self.at not in {"any", call.endpoint}:
            return listing
        if self.key == "resultSet":
            return listing._replace(envelope=self.key)
        return listing._replace(key="" if self.key == "bare" else self.key)
