"""Texts that are compared with a whole file beside the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest


def assert_as_written(path: Path, text: str) -> None:
    """Assert that a file has this text. If the file is missing, write it, and fail: somebody must read it."""
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path} is written anew: read what changed")
    assert text == path.read_text(encoding="utf-8"), f"if this is meant, delete {path.name} and run this test again"


def format_of(*kinds: type[Any]) -> str:
    """The members that these values have in a file.

    A line for each value: its names, its types, and what a missing member means.
    """
    _, shapes = msgspec.json.schema_components(kinds)
    return "".join(f"{name}: {json.dumps(_plain(shape))}\n" for name, shape in sorted(shapes.items()))


def _plain(shape: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shape.items() if key not in ("title", "description")}
