"""Third-party clients, each in its own environment. If one cannot be installed, its tests are skipped."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Callable

import pytest
from tests.conformance.environments import Environment, NotInstalledError, environment, node_environment


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


@pytest.fixture(scope="session")
def nice_sdk() -> Environment:
    """Return the folder that NICE's JavaScript SDK is installed in."""
    return _installed("nice_sdk", "NICE's SDK 25.1.2", node_environment)


def _installed(name: str, title: str, make: Callable[[str], Environment] = environment) -> Environment:
    faulthandler.cancel_dump_traceback_later()  # a slow network may take longer than a test may
    try:
        return make(name)
    except NotInstalledError as reason:
        pytest.skip(f"{title} cannot be installed here: {reason}")
