"""One past state of an agent, from the server's state history."""

from __future__ import annotations

from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value


class PastState(Value, frozen=True, gc=False):
    """A row of the state history. Times are whole milliseconds since the epoch, UTC, by the server's clock.

    `length` is in milliseconds, None if it is not given or 0: the state may still last. `session` is from a login to
    its logout, `index` counts the states of a session from 1; either is None if the row has none.
    """

    state: AgentState
    begin: int
    length: int | None = None
    session: str | None = None
    index: int | None = None

    @property
    def agent_id(self) -> str:
        """The agent's id."""
        return self.state.agent_id

    @property
    def end(self) -> int | None:
        """When the state ended by its own length, None without one."""
        return None if self.length is None else self.begin + self.length
