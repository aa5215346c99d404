"""`python -m quality.fleet [--write]`: simulates, and prints or writes the page and its picture."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quality.fleet.report import MEASURED, PICTURE, RUNS, page, picture
from quality.fleet.scenario import Fault, run

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = "fleet-scale.md"


def pages() -> Mapping[str, str]:
    """The page and its picture by file name."""
    outcomes = [run(fault, tenants=tenants, workers=workers) for tenants, workers in RUNS for fault in Fault]
    measured: Mapping[str, Any] = MEASURED
    return {PAGE: page(outcomes, run(Fault.WORKER, **measured)), PICTURE: picture()}


if __name__ == "__main__":
    for name, text in pages().items():
        if "--write" in sys.argv[1:]:
            (DOCS / name).write_text(text)
        elif name == PAGE:
            print(text)
