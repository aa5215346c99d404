"""The texts in a case file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a JSON document, names of members too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def nested_texts(value: Any) -> Iterator[str]:
    """Yield all texts of a JSON document, also of JSON within texts."""
    for text in texts(value):
        yield text
        if text.startswith(("{", "[")):
            try:
                yield from nested_texts(json.loads(text))
            except ValueError:
                continue
