"""The format of a case, as in `format.txt`.

That is its names, its types, and what a missing member means. Cases are kept for years: whoever changes the format must
still read the older ones.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from tests.support.written import assert_as_written

from cxone_rollcall.casefile.document import OBSERVATIONS, Document
from cxone_rollcall.model.observations import access, base, probes, request, roster, states

MODULES = (access, base, probes, request, roster, states)


def test_the_format_stays() -> None:
    """A case's members and their defaults are those of `format.txt`."""
    _, objects = msgspec.json.schema_components([Document, *OBSERVATIONS])
    arrays = {
        f"{name}, an array": {"members": kind._fields, "defaults": kind._field_defaults}
        for module in MODULES
        for name, kind in vars(module).items()
        if hasattr(kind, "_field_defaults")
    }
    lines = [f"{name}: {json.dumps(_plain(shape))}" for name, shape in sorted({**objects, **arrays}.items())]
    assert_as_written(Path(__file__).with_name("format.txt"), "\n".join(lines) + "\n")


def _plain(shape: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in shape.items() if key not in ("title", "description")}
