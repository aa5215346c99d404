"""How often each agent's state changed of late, for rules on flapping."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from cxone_rollcall.alerts.sight import is_seen
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.model.struct import Record, field


class _Spell(Record):
    """What was seen of one agent. `seen_since` is None while the agent is not in sight."""

    state: tuple[object, ...]
    seen_since: float | None
    changes: deque[float] = field(default_factory=deque)


class Spells:
    """The changes of each agent in the last `longest` seconds. Nothing is kept if that is 0.

    A change is counted at the poll that shows it; those between two polls are not seen.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._spells: dict[str, _Spell] = {}
        self._now = 0.0

    def update(self, seats: Mapping[str, Seat], doubted: Collection[str], as_of: float | None) -> None:
        """Take a board as of a time. `doubted` are agents whose absence says nothing."""
        if not self._longest or as_of is None:
            return
        self._now = as_of
        self._spells = {agent_id: spell for agent_id, spell in self._spells.items() if agent_id in seats}
        for agent_id, seat in seats.items():
            spell = self._spells.get(agent_id)
            if not is_seen(seat, doubted):
                if spell is not None:
                    spell.seen_since = None
                continue
            state = (seat.standing, seat.state and seat.state.state, seat.state and seat.state.sub_state)
            if spell is None:
                self._spells[agent_id] = _Spell(state, as_of)
                continue
            spell.seen_since = as_of if spell.seen_since is None else spell.seen_since
            if spell.state != state:
                spell.state = state
                spell.changes.append(as_of)
            while spell.changes and spell.changes[0] <= as_of - self._longest:
                spell.changes.popleft()

    def changes(self, agent_id: str, *, within: float) -> tuple[int, bool]:
        """The changes within some seconds. The second value is whether the agent was in sight throughout."""
        spell = self._spells.get(agent_id)
        if spell is None or spell.seen_since is None:
            return 0, False
        return sum(time > self._now - within for time in spell.changes), spell.seen_since <= self._now - within
