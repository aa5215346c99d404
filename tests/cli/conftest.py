"""Commands of these tests see only the settings of the test."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _alone(alone: None) -> None:
    """Hide the profiles, logins and `.env` of this machine."""
