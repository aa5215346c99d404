"""What holds for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.cli.forking import Forking

# How long an example takes is no truth about the code; speed is measured by the benchmark.
settings.register_profile("thorough", deadline=None, max_examples=60)
settings.register_profile("quick", deadline=None, max_examples=20)

# The keyring of whoever runs the tests is never asked, and no window to unlock it is opened.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


def pytest_configure(config: pytest.Config) -> None:
    """Look at fewer examples where what is thorough is left out."""
    settings.load_profile("quick" if config.option.markexpr == "not thorough" else "thorough")


@pytest.fixture(scope="session")
def forking() -> Iterator[Forking]:
    """Return what runs commands as processes of their own, cheaply."""
    one = Forking()
    yield one
    one.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep the tests themselves, which stay to the end, out of the way of the garbage collector: it is a tenth."""
    gc.collect()
    gc.freeze()
