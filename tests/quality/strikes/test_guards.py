"""The guards that are taken out, one at a time: each is there, once, and striking has been seen to miss it."""

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
    """A guard stands once in its file, what is left without it is Python, and its strikes and tenant are known."""
    ast.parse(without(guard))
    assert set(guard.kinds) <= {kind.name for kind in KINDS}
    assert guard.tenant in {tenant.name for tenant in TENANTS}


def test_every_guard_is_missed() -> None:
    """The page says of each guard what goes wrong without it."""
    page = PAGE.read_text(encoding="utf-8")
    assert len(GUARDS) >= LEAST
    rows = dict(line[2:-2].split(" | ", 1) for line in page.splitlines() if " | " in line)
    assert all(rows[guard.name] != "**nothing**" for guard in GUARDS)
