"""Engines of tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cxone_rollcall.fleet import embedded


@pytest.fixture(scope="session", autouse=True)
def engines_of_this_process() -> Iterator[None]:
    """Tests that run beside these take other ports. A node that is stopped would lose its own to them."""
    first = 10_000 + os.getpid() % 1_000 * 20
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "FIRST_PORTS", (first, first + 6, first + 12))
        patch.setattr(embedded, "LONGEST_START", 180.0)  # a busy machine is no error
        yield
