"""Agents typed by name are also requested by that name. Their own id is requested beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings.build import called, states_of

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.probes import TypedId, TypedIdsAsked
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.probes.agents import TYPED_IDS
from cxone_rollcall.probes.probe import BudgetSpent

from .scripted import Asked, failure, seen

Answers = Mapping[str, Sequence[str] | str | None]


@dataclass
class Api(Asked):
    """Answers by the text typed. With ids that have a row, with a complaint in words, or None for a failure."""

    says: Answers = field(default_factory=dict)

    async def states(self, ids: Sequence[str]) -> Any:
        """Answer a request for two agents."""
        if not self.left:
            raise BudgetSpent
        self.sent.append(",".join(ids))
        said = self.says[ids[1]]
        if said is None:
            raise RequestFailed(failure(FailureKind.SERVER_TROUBLE, exchange=len(self.sent)))
        rows = () if isinstance(said, str) else tuple(AgentState(one, "Busy") for one in said)
        value = SimpleNamespace(rows=rows, complaint=said if isinstance(said, str) else "")
        return SimpleNamespace(value=value, exchange=len(self.sent))


def typed(**names: str) -> Roll:
    """Return a roll of agents that were typed by these user names."""
    said: dict[str, Any] = {one: {"user_name": name, "typed": name} for one, name in names.items()}
    return called("".join(names), **said)


async def asked(roll: Roll, says: Answers, *, most: int = 99) -> tuple[TypedId, ...]:
    """Return what the probe saw."""
    found = await TYPED_IDS.ask(Api(says=says, most=most), seen(states_of(roll)), roll)  # type: ignore[arg-type]
    assert isinstance(found, TypedIdsAsked)
    return found.items


async def test_each_name_is_requested_beside_its_id() -> None:
    """A name with a row is an id for this API.

    A response without the agent's own row shows nothing, nor does one with another agent's.
    """
    says: Answers = {"ann": "cannot read it", "bo": ["b", "bo"], "cy": [], "di": ["d", "z"]}
    items = await asked(typed(a="ann", b="bo", c="cy", d="di"), says)
    assert [(one.typed, one.agent_id, one.row, one.vouched, one.exchange) for one in items] == [
        ("bo", "b", True, True, 2),
        ("cy", "c", False, False, 3),
        ("di", "d", False, False, 4),
    ]


async def test_a_failure_is_kept_and_the_next_name_is_asked() -> None:
    """A complaint shows nothing about a name. A failed request is noted with its exchange, and the next is sent."""
    items = await asked(typed(a="ann", b="bo"), {"ann": None, "bo": ["b"]})
    assert [(one.typed, one.row, one.vouched, one.exchange) for one in items] == [
        ("ann", False, False, 1),
        ("bo", False, True, 2),
    ]


async def test_the_budget_ends_the_names() -> None:
    """Without requests left no further name is asked. If none has shown anything, the budget is the reason."""
    items = await asked(typed(a="ann", b="bo"), {"ann": ["a"], "bo": ["b"]}, most=1)
    assert [one.typed for one in items] == ["ann"]
    with pytest.raises(BudgetSpent):
        await asked(typed(a="ann", b="bo"), {"ann": "cannot read it", "bo": ["b"]}, most=1)


async def test_of_many_names_the_first_are_requested() -> None:
    """Of many names, as many are asked as the probe costs."""
    names = {one: f"{one}{one}" for one in "abcdefghijklm"}
    assert len(await asked(typed(**names), {name: [] for name in names.values()})) == TYPED_IDS.cost == 10


async def test_agents_typed_by_id_are_not_requested() -> None:
    """Only texts that are an agent's name are requested. Ids are not."""
    roll = called("abc", a={"user_name": "ann", "typed": "a"}, b={"user_name": "bo", "typed": " bo "}, c={})
    items = await asked(roll, {"bo": ["b"], " bo ": ["b"]})
    assert [one.agent_id for one in items] == ["b"]
    assert "an internal id" in TYPED_IDS.not_needed(seen(states_of(called("a"))), called("a"))
    assert "as one list" in TYPED_IDS.not_needed(seen(states_of(roll, listed=True)), typed(a="ann"))
    assert TYPED_IDS.not_needed(seen(states_of(roll)), typed(a="ann")) == ""
