"""Runs of these tests make the same pauses as any, each of them short."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pauses between tries short; none of them is left out."""
    monkeypatch.setattr("cxone_rollcall.transport.pace.backoff.FIRST_WAIT", 0.005)
    monkeypatch.setattr("cxone_rollcall.transport.pace.backoff.FIRST_THROTTLE_WAIT", 0.01)
