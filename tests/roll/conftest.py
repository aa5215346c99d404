"""Retries wait for no time here: what they wait for is told in tests/transport."""

from __future__ import annotations

import pytest

from cxone_rollcall.transport import rate, waits


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "_FIRST_WAIT", 0.0)
    monkeypatch.setattr(waits, "_FIRST_THROTTLE_WAIT", 0.0)
    monkeypatch.setattr(rate, "SLOWEST", 1e6)
