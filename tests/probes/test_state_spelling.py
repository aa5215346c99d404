"""A state filter that matched no agent is requested again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings.build import called, rows_of

from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.probes import StateRespelt
from cxone_rollcall.model.observations.states import Disagreement, StatesFiltered
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.probes.agents import STATE_SPELLING

from .scripted import Asked, seen

GIVEN, MEANT = "avaliable", "Available"


@dataclass
class Api(Asked):
    """Answers each request for states with the next number of rows."""

    numbers: list[int] = field(default_factory=list)
    asked: list[tuple[str, bool]] = field(default_factory=list)
    ids: set[tuple[str, ...]] = field(default_factory=set)
    contract: Any = field(default_factory=lambda: SimpleNamespace(largest_batch=2))

    @property
    def v2(self) -> Any:
        """The calls of `v2`."""
        return self

    async def states(self, ids: Sequence[str], *, state: str, fresh: bool) -> Any:
        """Answer with rows of these agents and a stray one."""
        self.asked.append((state, fresh))
        self.ids.add(tuple(ids))
        rows = tuple(AgentState(one, MEANT) for one in (*ids[: self.numbers.pop(0)], "z"))
        return SimpleNamespace(value=SimpleNamespace(rows=rows), exchange=10 + len(self.asked))


def filtered(state: str = GIVEN, *, with_row: str = "", asked: str = "abc") -> StatesFiltered:
    """Return what the filter gave for these agents."""
    return StatesFiltered(state=state, with_row=frozenset(with_row), asked=dict.fromkeys(asked, 7))


async def asking(numbers: Sequence[int]) -> tuple[Api, Observation]:
    """Return the API that answered, and what the probe observed."""
    roll, api = called("xabc"), Api(numbers=[*numbers])
    return api, await STATE_SPELLING.ask(api, seen(filtered(), rows_of(roll)), roll)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "asked", "repeated", "disagreement"),
    [
        ([2, 0, 0, 2], [MEANT, GIVEN, GIVEN, MEANT], True, None),
        ([2, 0, 1], [MEANT, GIVEN, GIVEN], False, Disagreement(7, 13, 0, 1)),
        ([2, 1], [MEANT, GIVEN], False, Disagreement(7, 12, 0, 1)),
        ([1, 0, 0, 0], [MEANT, GIVEN, GIVEN, MEANT], False, Disagreement(14, 11, 0, 1)),
        ([0], [MEANT], False, None),
    ],
    ids=["so again", "rows at last", "rows at once", "none at last", "never any"],
)
async def test_both_spellings_are_repeated(
    numbers: list[int], asked: list[str], repeated: bool, disagreement: Disagreement | None
) -> None:
    """The spelling is proven by four requests.

    The filter as given has no row twice, between two answers with rows. An agent whom the roll call's filter was not
    asked about is left out: a row for it would contradict nothing.
    """
    api, found = await asking(numbers)
    assert api.asked == [(state, True) for state in asked]
    assert api.ids == {("a", "b")}  # one batch of the agents in that state
    assert found == StateRespelt(
        meant=MEANT,
        rows=numbers[0],
        exchange=11,
        agents=("a", "b", "c"),
        repeated=repeated,
        disagreement=disagreement,
    )


async def test_the_cost_is_the_most_requests() -> None:
    """The cost is what is sent at worst, for a proof."""
    api, _ = await asking([2, 0, 0, 2])
    assert len(api.asked) == STATE_SPELLING.cost


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ((filtered(), rows_of(called("abc"))), ""),
        ((filtered(with_row="a"), rows_of(called("abc"))), "had rows"),
        ((filtered("On The Moon"), rows_of(called("abc"))), "no known state"),
        ((filtered(asked="x"), rows_of(called("abc"))), "no known state"),
        ((filtered(),), "no known state"),
        ((rows_of(called("abc")),), "no state filter"),
    ],
)
def test_when_a_spelling_is_tried(facts: tuple[Observation, ...], reason: str) -> None:
    """Another spelling is tried if the filter had no rows.

    It must resemble a state of agents that the filter was asked about.
    """
    given = STATE_SPELLING.not_needed(seen(*facts), called("abc"))
    assert reason in given
    assert bool(given) == bool(reason)
