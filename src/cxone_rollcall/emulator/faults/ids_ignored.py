"""The parameter with the ids is not read at all."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class IdsIgnored(Fault):
    """Whatever ids are asked for, the same agents are answered."""

    name = "ids-ignored"
    codes = ("RC408",)
    contracts = ("v2",)
    bare = "limit"

    limit: Annotated[int, About("how many agents are answered", least=1)] = 20

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Look up the same agents always."""
        return call.tenant.chosen(self.name, self.limit)
