"""Impossible settings are refused with a message that says what works."""

from datetime import datetime
from typing import Any

import pytest

from cxone_rollcall.emulator import EmulatorSettings


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"agents": -1}, "agents must be 0 or more, not -1"),
        ({"page_cap": 0}, "page_cap must be 1 or more"),
        ({"latency_ms": float("nan")}, "latency_ms must be 0 or more"),
        ({"token_life": 0}, "token_life must be 1 or more"),
        ({"rate": 0}, "rate must be more than 0"),
        ({"moment": datetime(2026, 1, 1)}, "moment needs a time zone"),  # noqa: DTZ001  the very thing that is refused
        ({"clock": "fast"}, "clock must be one of frozen, running, manual, not 'fast'"),
        ({"retry_after": "soon"}, "retry_after must be one of seconds, date, none"),
        ({"ids": "uuids"}, "ids must be one of numbers, strings"),
        ({"detail": "none"}, "detail must be one of full, ids"),
        ({"client_id": ""}, "client_id must not be empty"),
    ],
)
def test_wrong_settings(wrong: dict[str, Any], message: str) -> None:
    """An impossible setting is refused by name."""
    with pytest.raises(ValueError, match=message):
        EmulatorSettings(**wrong)


def test_secrets_are_not_shown() -> None:
    """The secrets are not in what is printed of the settings."""
    shown = repr(EmulatorSettings(client_secret="hush", access_key_secret="hushed"))
    assert "hush" not in shown
