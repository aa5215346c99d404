"""Texts that are compared with a whole file beside the test."""

from __future__ import annotations

from pathlib import Path

import pytest


def assert_as_written(path: Path, text: str) -> None:
    """Assert that a file has this text. If the file is missing, write it, and fail: somebody must read it."""
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path} is written anew: read what changed")
    assert text == path.read_text(encoding="utf-8"), f"if this is meant, delete {path.name} and run this test again"
