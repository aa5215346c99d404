"""What must hold of each run, whatever the faults."""

from __future__ import annotations

from quality.common.judge import Run, complaints


def hold(run: Run, *faults: str) -> None:
    """Assert that the account adds up. No agent is lost, invented or misreported."""
    assert complaints(run, *faults) == ()
