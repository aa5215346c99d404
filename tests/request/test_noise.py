"""Noise between client and server proves no mistake of a request."""

from __future__ import annotations

import pytest
from tests.request.conftest import Explain
from tests.support.thorough import crossed

STATES = "/api/v2/agents/states"
NOISE = (
    "rows-come-and-go",
    "rows-come-and-go=20",
    "two-backends",
    "two-backends=lagging",
    "two-backends=turns=alternate",
    "two-backends=turns=connection",
    "two-backends=lagging,turns=connection",
    "answers-cached",
    "answers-cached=yes",
)
RIGHT = {
    "all": f"{STATES}?agentIds={{all}}",
    "a few": f"{STATES}?agentIds={{ins}}",
    "one": f"{STATES}?agentIds={{in}}",
    "filtered": f"{STATES}?agentIds={{break}}&state=Break",
}


@pytest.mark.parametrize(("request_", "noise", "seed"), crossed(RIGHT, NOISE, range(3), every=4))
async def test_noise_proves_no_mistake(explain: Explain, request_: str, noise: str, seed: int) -> None:
    """A right request is not blamed for noise. The server loses rows, mixes up responses or has two heads."""
    told = await explain(RIGHT[request_], noise, seed=seed)
    assert told.proven <= {"RC510", "RC514", "RC515", "RC516"}, told.request["sentence"]


@pytest.mark.parametrize(("rate", "seed"), [(40, 1), (40, 31), (60, 1)])
async def test_one_row_is_easily_lost(explain: Explain, rate: int, seed: int) -> None:
    """If half of the rows are lost, one agent proves no mistake."""
    told = await explain(RIGHT["one"], f"rows-come-and-go={rate}", seed=seed)
    assert told.proven <= {"RC514", "RC515", "RC516"}, told.request["sentence"]


async def test_a_change_that_shows_one_agent(explain: Explain) -> None:
    """A change that shows only one agent is repeated three times. Any other once."""
    for ids, repeated in (("30000000002", 3), ("{break}", 1)):
        told = await explain(f"{STATES}?agentIds={ids}&state=Available")
        (found,) = [one for one in told.document["findings"] if one["code"] == "RC406"]
        assert len(found["evidence"]) == 2 + repeated
        assert found["strength"] == "PROVEN"
