"""Third-party clients, each in its own environment. If one cannot be installed, its tests are skipped."""

from __future__ import annotations

import faulthandler
import sys

import pytest
from tests.conformance.environments import Environment, NotInstalledError, environment


@pytest.fixture(scope="session")
def nicepy() -> Environment:
    """Return the environment that NicePy is installed in."""
    return _installed("nicepy", "NicePy 1.0.0")


@pytest.fixture(scope="session")
def tap() -> Environment:
    """Return the environment that tap-nice-incontact is installed in."""
    if sys.version_info >= (3, 12):
        pytest.skip("tap-nice-incontact 0.3.1 pins six 1.15.0, which Python 3.12 and newer cannot import")
    return _installed("tap", "tap-nice-incontact 0.3.1")


def _installed(name: str, title: str) -> Environment:
    faulthandler.cancel_dump_traceback_later()  # a slow network may take longer than a test may
    try:
        return environment(name)
    except NotInstalledError as reason:
        pytest.skip(f"{title} cannot be installed here: {reason}")
