"""Commands of these tests see no settings but their own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _alone(alone: None) -> None:
    """Keep profiles, logins and the `.env` of this machine out."""
