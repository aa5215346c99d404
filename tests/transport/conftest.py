"""These tests are about the waits between tries."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def short_waits() -> None:
    """Keep the waits at their real length."""
