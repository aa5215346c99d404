"""The server ignores the parameter with the ids."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class IdsIgnored(Fault):
    """The server ignores the ids and always returns the same agents."""

    name = "ids-ignored"
    codes = ("RC408",)
    contracts = ("v2",)
    bare = "limit"

    limit: Annotated[int, About("how many agents are returned", least=1)] = 20

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Replace the ids."""
        return call.tenant.chosen(self.name, self.limit)
