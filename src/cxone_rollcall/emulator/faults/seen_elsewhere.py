"""Somebody at work, of whom the states know nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Spoilt
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class SeenElsewhere(Spoilt):
    """A few chosen agents have no row of states, alone neither, and an open contact and an open login all the same."""

    name = "seen-elsewhere"
    codes = ("RC606",)
    contracts = ("incontact",)

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 2

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave them out of the list of states."""
        return self.without(call, agents) if call.endpoint == "states" else agents

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Look none of them up."""
        return tuple(agent_id for agent_id in ids if agent_id not in self.chosen(call))

    def engaged(self, call: Call) -> frozenset[str]:
        """Let each of them have a contact; the login that is open is a true one."""
        return self.chosen(call)
