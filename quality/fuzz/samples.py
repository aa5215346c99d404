"""The invented responses of `tests/contracts/samples`, as seeds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

SAMPLES = Path(__file__).parents[2] / "tests" / "contracts" / "samples"


class Sample(NamedTuple):
    """One response, and its request (`roster`, `states`, `token`, ...)."""

    contract: str
    asks: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@cache
def samples() -> tuple[Sample, ...]:
    """Return all samples."""
    return tuple(_read())


def _read() -> Iterator[Sample]:
    for path in sorted(SAMPLES.glob("*/*.json")):
        sample: dict[str, Any] = json.loads(path.read_bytes())
        answer = sample["answer"]
        body = json.dumps(answer["body"]) if "body" in answer else answer["text"]
        asks = next(iter(sample["asks"]))
        yield Sample(path.parent.name, asks, answer["status"], answer["headers"], body.encode())


@cache
def names(contract: str) -> tuple[bytes, ...]:
    """Return all JSON keys in the responses of a contract, quoted."""
    found: set[str] = set()
    for sample in samples():
        if sample.contract == contract:
            try:
                _collect(json.loads(sample.body), found)
            except ValueError:
                continue
    return tuple(json.dumps(name).encode() for name in sorted(found))


def _collect(value: object, found: set[str]) -> None:
    if isinstance(value, dict):
        found.update(value)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _collect(inner, found)
