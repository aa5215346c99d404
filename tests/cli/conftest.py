"""Commands of these tests see no settings but their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away the settings of whoever runs the tests, and the folder whose `.env` would be read."""
    for name in [name for name in os.environ if name.startswith(("CXONE_", "ROLLCALL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ROLLCALL_LOGINS", str(tmp_path / "logins.json"))
    monkeypatch.chdir(tmp_path)
