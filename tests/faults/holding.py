"""What must hold of every run."""

from __future__ import annotations

from quality.common.judge import Run, complaints


def hold(run: Run, *faults: str) -> None:
    """Assert that the account balances, and that no agent is lost, invented or wrongly called absent."""
    assert complaints(run, *faults) == ()
