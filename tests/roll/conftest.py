"""Retries wait for no time here: what they wait for is told in tests/transport."""

from __future__ import annotations

import pytest

from cxone_rollcall.transport.pace import backoff, rate


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(backoff, "FIRST_THROTTLE_WAIT", 0.0)
    monkeypatch.setattr(rate, "SLOWEST", 1e6)
