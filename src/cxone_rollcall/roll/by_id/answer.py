"""What one response says about the agents requested. Pure: no requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import StateRows


FEW_STRAYS = 2
"""Rows of other agents that a response may have as an extra. More suggest that the server mixed up requests."""


class Batch(Value, frozen=True):
    """The ids of one answered request, and the number of rows.

    The first row is that of the id at `first`, the last that of the id before `end`; both are 0 without rows.
    """

    agent_ids: tuple[str, ...]
    rows: int
    exchange: int
    first: int = 0
    end: int = 0


class SecondRow(NamedTuple):
    """Two rows of one agent in one response."""

    first: AgentState
    second: AgentState


class Answer(Value, frozen=True):
    """One response, sorted by what was asked.

    `rows` are those of the requested agents, without agents whose rows disagree about being logged in (`disputed`):
    nothing is known of them. `named` are all ids that have a row. `strays` are rows of agents that were not requested.
    `complaint` says why the response is not whole, "" if it is. `owner` is the agent of the token itself.
    """

    batch: Batch
    rows: dict[str, AgentState]
    named: frozenset[str]
    disputed: frozenset[str]
    complaint: str
    strays: tuple[AgentState, ...] = ()
    second_rows: tuple[SecondRow, ...] = ()
    owner: str | None = None

    @property
    def with_row(self) -> frozenset[str]:
        """The requested ids with a row, including those whose rows disagree."""
        return self.disputed.union(self.rows)

    @property
    def without_row(self) -> tuple[str, ...]:
        """The requested ids that have no row."""
        known = self.with_row
        return tuple([agent_id for agent_id in self.batch.agent_ids if agent_id not in known])

    @property
    def fits(self) -> bool:
        """Whether all rows are of requested agents."""
        return not self.strays

    @property
    def is_of_another_question(self) -> bool:
        """Whether most rows are of agents that were not requested."""
        return len(self.strays) > max(FEW_STRAYS, len(self.rows))

    @property
    def confirms_absence(self) -> bool:
        """Whether a missing row means absence. The response is complete, fits, and has the row of a requested agent.

        The token's own agent does not count, because everyone may see their own state.
        """
        return self.fits and not self.complaint and bool(self.rows.keys() - {self.owner})


def read_answer(asked: tuple[str, ...], response: StateRows, exchange: int, owner: str | None) -> Answer:
    """Sort the rows of a response by the ids that were requested."""
    wanted = frozenset(asked)
    rows: dict[str, AgentState] = {row.agent_id: row for row in response.rows}
    strays, second_rows = list[AgentState](), list[SecondRow]()
    if len(rows) < len(response.rows) or not wanted.issuperset(rows):
        rows.clear()
        for row in _spelt_as_asked(response.rows, wanted):
            if row.agent_id in rows:
                second_rows.append(SecondRow(rows[row.agent_id], row))
            elif row.agent_id in wanted:
                rows[row.agent_id] = row
            else:
                strays.append(row)
    disputed = frozenset(one.first.agent_id for one in second_rows if one.first.logged_in is not one.second.logged_in)
    for agent_id in disputed:
        del rows[agent_id]
    first = next((place for place, agent_id in enumerate(asked) if agent_id in rows), 0)
    after = next((place for place, agent_id in enumerate(reversed(asked)) if agent_id in rows), len(asked))
    return Answer(
        Batch(asked, len(rows), exchange, first, len(asked) - after),
        rows,
        frozenset([row.agent_id for row in response.rows]),
        disputed,
        response.complaint,
        tuple(strays),
        tuple(second_rows),
        owner,
    )


def _spelt_as_asked(rows: Iterable[AgentState], wanted: frozenset[str]) -> Iterator[AgentState]:
    """Yield the rows with their ids as requested. Letter case and leading zeros make no difference."""
    folded: dict[str, list[str]] = {}
    for agent_id in wanted:
        folded.setdefault(_folded(agent_id), []).append(agent_id)
    for row in rows:
        known_as = folded.get(_folded(row.agent_id), [])
        yield AgentState(known_as[0], row.state, row.sub_state, row.since) if len(known_as) == 1 else row


def _folded(agent_id: str) -> str:
    return agent_id.casefold().lstrip("0") or "0"


def halves(agent_ids: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids in two parts; the first may be one longer."""
    middle = (len(agent_ids) + 1) // 2
    return agent_ids[:middle], agent_ids[middle:]


def pieces(agent_ids: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    """The ids in tuples of at most `size` (1 or more)."""
    size = max(1, size)
    for start in range(0, len(agent_ids), size):
        yield agent_ids[start : start + size]
