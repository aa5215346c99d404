"""Recorders that are killed lose and double nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from quality.kills.campaign import kill_recorders
from tests.support.thorough import mostly_thorough

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL as POSIX has it")


@pytest.mark.parametrize(
    ("contract", "seed", "kills"),
    mostly_thorough(
        [(contract, seed, 20 if seed else 4) for seed in range(5) for contract in ("v2", "incontact")], quick=2
    ),
)
def test_a_kill_at_any_moment(contract: str, seed: int, kills: int, tmp_path: Path) -> None:
    """After each kill what was acknowledged is there once. The gap is right to a poll."""
    killed = list(kill_recorders(tmp_path, contract=contract, number=kills, seed=seed, agents=60))
    assert [one.wrong for one in killed if one.wrong] == []
    assert sum(one.acknowledged for one in killed) > len(killed)
