"""A limit on the number of ids."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Answer, Call, problem

_SAID = {"400": "Too many ids.", "413": "Too much.", "414": "The URL is too long.", "431": "The head is too large."}


@dataclass(kw_only=True)
class TooManyIds(Fault):
    """A request for the states of more than N agents is refused."""

    name = "too-many-ids"
    codes = ("RC404",)
    contracts = ("v2",)
    bare = "limit"

    limit: Annotated[int, About("most ids of a request", least=1)] = 50
    status: Annotated[Literal["400", "413", "414", "431"], About("the status of a refusal")] = "414"

    def before(self, call: Call) -> Answer | None:
        """Refuse a request with too many ids."""
        many = call.endpoint == "states" and call.ids is not None and len(call.ids) > self.limit
        return problem(int(self.status), _SAID[self.status]) if many else None
