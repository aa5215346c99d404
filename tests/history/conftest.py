"""A history file that tests may change."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.history.recorded import recorded

BEGIN = 1_772_440_200.0
"""2026-03-02T08:30:00Z, so that the file is the same in each run."""


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of two recorders, with a gap and long intervals."""
    path = tmp_path_factory.mktemp("sound") / "h.db"

    async def record() -> None:
        async with recorded(path, "incontact", agents=30, now=lambda: BEGIN) as world:
            for _ in range(2):
                async with world.recorder() as recorder:
                    await recorder.polls(60)
                    world.pass_time(2 * 86_400)
                    await recorder.polls(2)
                world.pass_time(120)

    asyncio.run(record())
    return path.read_bytes()


@pytest.fixture
def path(sound: bytes, tmp_path: Path) -> Path:
    """A copy of the sound file."""
    copy = tmp_path / "h.db"
    copy.write_bytes(sound)
    return copy


@pytest.fixture
def built_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Builds SQLite anew, so that each connection begins with this setting."""
    connect = sqlite3.connect

    def build(setting: str) -> None:
        def connected(*given: Any, **more: Any) -> sqlite3.Connection:
            db: sqlite3.Connection = connect(*given, **more)
            db.execute(f"PRAGMA {setting}")
            return db

        monkeypatch.setattr(sqlite3, "connect", connected)

    return build
