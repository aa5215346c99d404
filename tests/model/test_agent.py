"""What the roster says of an agent's last login."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.agent import Agent


@pytest.mark.parametrize(("text", "has"), [(None, None), ("", False), ("2026-11-28T08:00:00Z", True), (" ", True)])
def test_agents_that_have_logged_in(text: str | None, has: bool | None) -> None:
    """An empty last login means never; a missing one means unknown."""
    assert Agent("1", last_login=text).has_logged_in is has
