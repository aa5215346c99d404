"""An id that spoils every batch it is in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Spoilt
from cxone_rollcall.emulator.wire import Answer, Call, Listing, problem


@dataclass(kw_only=True)
class PoisonId(Spoilt):
    """A batch in which a chosen agent is asked for answers nothing, even when that one is asked alone."""

    name = "poison-id"
    codes = ("RC403",)
    contracts = ("v2",)

    how: Annotated[Literal["empty", "400", "404"], About("what is answered: no rows, or this status")] = "empty"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Answer no rows."""
        return listing._replace(rows=[]) if self.how == "empty" and self.spoils(call) else listing

    def after(self, call: Call, answer: Answer) -> Answer:
        """Answer the status."""
        if self.how == "empty" or answer.status != 200 or not self.spoils(call):
            return answer
        return problem(int(self.how), "One of the agents could not be resolved.")
