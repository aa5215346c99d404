"""A user without a home folder, as in some services and containers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cxone_rollcall.alerts.desk import kept_in
from cxone_rollcall.config.load import config_path
from cxone_rollcall.config.logins import logins_path
from cxone_rollcall.errors import SettingError


def no_home(_: object = None) -> Path:
    """Fail as `Path.home` does for a user that no list has."""
    raise RuntimeError("Could not determine home directory.")


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the user's home away."""
    for name in ("user_config_path", "user_data_path"):
        monkeypatch.setattr(f"platformdirs.{name}", lambda *_, **__: no_home())


def test_a_user_without_a_home(homeless: None) -> None:
    """The error names the variables to set."""
    asks: tuple[Callable[[], Path], ...] = (
        lambda: config_path({}),
        lambda: logins_path({}),
        lambda: kept_in("acme", Path("a.toml")),
    )
    for ask in asks:
        with pytest.raises(SettingError, match="has no home folder") as caught:
            ask()
        assert caught.value.example.startswith("export HOME=")


def test_what_is_named_needs_no_home(homeless: None) -> None:
    """Files that the environment names need no home folder."""
    assert config_path({"ROLLCALL_CONFIG": "/c.toml"}) == Path("/c.toml")
    assert logins_path({"ROLLCALL_LOGINS": "/l.json"}) == Path("/l.json")
