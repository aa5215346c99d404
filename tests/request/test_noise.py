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
