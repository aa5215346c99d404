"""The states of all agents are requested without ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.probes import EverybodyAsked
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.probes.agents import LIST_WITHOUT_IDS

from .scripted import Asked, seen


@dataclass
class Api(Asked):
    """Answers with the next number of rows, and a complaint."""

    numbers: list[int] = field(default_factory=list)
    complaint: str = ""
    asked: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)

    async def states(self, ids: Sequence[str], *, fresh: bool = False) -> Any:
        """Answer a request for states."""
        self.asked.append((tuple(ids), fresh))
        value = SimpleNamespace(rows=(None,) * self.numbers.pop(0), complaint=self.complaint)
        return SimpleNamespace(value=value, exchange=len(self.asked))


async def ask(api: Api) -> Any:
    """Return what the probe observes."""
    return await LIST_WITHOUT_IDS.ask(api, seen(), Roll((), roster_complete=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(("numbers", "asked"), [([3], [False]), ([0, 0], [False, True]), ([0, 2], [False, True])])
async def test_an_empty_list_is_requested_past_caches(numbers: list[int], asked: list[bool]) -> None:
    """A list without rows is requested once more, past caches."""
    api = Api(numbers=[*numbers])
    assert await ask(api) == EverybodyAsked(exchange=len(asked), rows=numbers[-1])
    assert api.asked == [((), fresh) for fresh in asked]
    assert len(asked) == (1 if numbers[0] else LIST_WITHOUT_IDS.cost)


async def test_a_list_with_a_complaint_is_a_failure() -> None:
    """A list that reports an error shows nothing."""
    with pytest.raises(RequestFailed, match="not all of it") as refused:
        await ask(Api(numbers=[1], complaint="not all of it"))
    failure = refused.value.failure
    assert (failure.kind, failure.stage, failure.exchange) == (FailureKind.DAMAGED, Stage.PROBE, 1)
