"""Each guard exists exactly once, and the strikes have noticed its removal."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from quality.strikes.guards import GUARDS, Guard, without
from quality.strikes.kinds import KINDS
from quality.strikes.plan import TENANTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "strikes.md"
LEAST = 10


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_guard_can_be_taken_out(guard: Guard) -> None:
    """Without a guard, which occurs once, its file is valid Python. Its strikes and its tenant exist."""
    ast.parse(without(guard))
    assert set(guard.kinds) <= {kind.name for kind in KINDS}
    assert guard.tenant in {tenant.name for tenant in TENANTS}


def test_removing_a_guard_is_noticed() -> None:
    """The page names an error without each guard."""
    page = PAGE.read_text(encoding="utf-8")
    assert len(GUARDS) >= LEAST
    rows = dict(line[2:-2].split(" | ", 1) for line in page.splitlines() if " | " in line)
    assert all(rows[guard.name] != "**none**" for guard in GUARDS)
