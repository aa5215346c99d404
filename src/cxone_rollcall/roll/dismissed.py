"""Agents whose row was handed on and who are not kept any more: counted, and known again by a few bytes each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.roll.ids import GREATEST_NUMBER, Packed

if TYPE_CHECKING:
    from collections.abc import Iterable

SAMPLES = 3
"""How many of each kind stay: no check asks for more than three of one team."""
AT_EACH_END = 300
"""How many of the least and of the greatest ids stay, to be asked as agents who are known to be present."""
CROWD = 400
"""How many more may wait before any of them is dismissed: to sort them costs less by the hundred."""


class Kind(NamedTuple):
    """All that a check may want to know of somebody with a row, but for who it is.

    `has_logged_in` is what the roster says of it, None where it says nothing.
    """

    state: str | None
    team: str | None
    active: bool | None
    has_logged_in: bool | None

    def agent(self, agent_id: str) -> Agent:
        """Return an agent of this kind, as far as it is still known."""
        return Agent(agent_id, team=self.team, active=self.active)


class Dismissed:
    """Whose row was handed on, and so need not be kept.

    Some stay all the same: the first of each kind, for the checks, and those with the least and the greatest ids. In
    a tenant of a thousand agents everybody stays.
    """

    def __init__(self) -> None:
        self._ids = Packed()
        self._numbers: dict[tuple[object, ...], int] = {}
        self._kinds: list[Kind] = []
        self._counts: list[int] = []
        self._samples: Counter[Kind] = Counter()
        self._waiting: list[str] = []

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, agent_id: str) -> bool:
        return bool(self._ids) and agent_id in self._ids

    def states(self) -> Counter[str | None]:
        """Count them by state."""
        counted: Counter[str | None] = Counter()
        for kind, count in zip(self._kinds, self._counts, strict=True):
            counted[kind.state] += count
        return counted

    def wait(self, agent_id: str) -> None:
        """Note that an agent's row has been handed on."""
        self._waiting.append(agent_id)

    def spare(self) -> list[str]:
        """Return those who need not wait any longer; none until there are many."""
        if len(self._waiting) <= 2 * AT_EACH_END + CROWD:
            return []
        self._waiting.sort()
        self._waiting.sort(key=len)
        spare = self._waiting[AT_EACH_END:-AT_EACH_END]
        del self._waiting[AT_EACH_END:-AT_EACH_END]
        return spare

    def dismiss(self, rows: Iterable[tuple[Agent, AgentState]]) -> list[str]:
        """Take agents over, and return their ids; who is one of the first of a kind is left."""
        agent_ids: list[str] = []
        numbers: list[int] = []
        for agent, row in rows:
            kind = (row.state, agent.team, agent.active, agent.has_logged_in)
            number = self._numbers.get(kind)
            if number is None:
                self._sample(Kind(*kind))
                continue
            agent_ids.append(agent.agent_id)
            numbers.append(number)
            self._counts[number] += 1
        self._ids.add(agent_ids, numbers)
        return agent_ids

    def recall(self, agent_id: str) -> Kind | None:
        """Know an agent no more; return the kind that it was of, None where it is not in here."""
        number = self._ids.number(agent_id) if self._ids else None
        if number is None:
            return None
        self._ids.discard(agent_id)
        self._counts[number] -= 1
        return self._kinds[number]

    def _sample(self, kind: Kind) -> None:
        """Count one of the first of a kind, which has a number when there are enough of it, if any is left."""
        self._samples[kind] += 1
        if self._samples[kind] == SAMPLES and len(self._kinds) <= GREATEST_NUMBER:
            self._numbers[kind] = len(self._kinds)
            self._kinds.append(kind)
            self._counts.append(0)
