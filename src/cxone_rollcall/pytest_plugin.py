"""The pytest plugin: an emulated CXone tenant beside a test.

Every pytest run loads this file, so it imports nothing of rollcall until the fixture is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cxone_rollcall.testing import CxoneTenant


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option."""
    parser.addini("cxone_contract", "the contract of the fixture cxone_tenant: v2 or incontact", default="v2")


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marker."""
    config.addinivalue_line(
        "markers",
        "cxone_tenant(agents=120, contract='v2', faults=(), **settings): what the fixture cxone_tenant is like; "
        "settings are fields of cxone_rollcall.emulator.EmulatorSettings.",
    )


@pytest.fixture
def cxone_tenant(request: pytest.FixtureRequest) -> Iterator[CxoneTenant]:
    """Run an emulated CXone tenant in a thread during the test. Yields a `cxone_rollcall.testing.CxoneTenant`."""
    from cxone_rollcall.testing import emulated_in_thread

    contract = request.config.getini("cxone_contract")
    if contract not in ("v2", "incontact"):
        raise pytest.UsageError(f"cxone_contract must be v2 or incontact, not {contract!r}")
    marker = request.node.get_closest_marker("cxone_tenant")
    with emulated_in_thread(**{"contract": contract, **(marker.kwargs if marker else {})}) as tenant:
        yield tenant
