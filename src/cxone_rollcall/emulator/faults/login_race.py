"""Somebody logged in just now, and the server has not noticed yet."""

from dataclasses import dataclass, field
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Spoilt
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class LoginRace(Spoilt):
    """The row of a chosen agent is answered only from the second time on that it is asked for, or a later one."""

    name = "login-race"
    codes = ("RC604",)
    bare = "asks"

    asks: Annotated[int, About("the time it is asked for at which the row is there", least=1)] = 2
    asked: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Look the agent up from then on only."""
        early = set()
        for agent_id in self.chosen(call).intersection(ids):
            self.asked[agent_id] = self.asked.get(agent_id, 0) + 1
            if self.asked[agent_id] < self.asks:
                early.add(agent_id)
        return tuple(agent_id for agent_id in ids if agent_id not in early)
