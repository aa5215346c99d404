"""What holds for all tests."""

from __future__ import annotations

import faulthandler
import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import settings
from tests.cli.forking import Forking
from tests.conformance.environments import Environment, NotInstalledError, environment

from cxone_rollcall.transport.pace import backoff, rate

if TYPE_CHECKING:
    from playwright.async_api import Browser

# How long an example takes is no truth about the code; speed is measured by the benchmark.
settings.register_profile("thorough", deadline=None, max_examples=60)
settings.register_profile("quick", deadline=None, max_examples=12)

gc.disable()  # until the tests are collected

# Tests never use the settings or the keyring of the user who runs them, nor open a window to unlock a keyring.
for _name in [name for name in os.environ if name.startswith(("CXONE_", "ROLLCALL_"))]:
    del os.environ[_name]
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


def pytest_configure(config: pytest.Config) -> None:
    """Look at fewer examples where what is thorough is left out."""
    settings.load_profile("quick" if config.option.markexpr == "not thorough" else "thorough")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, also for profiles and logins."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("ROLLCALL_LOGINS", str(tmp_path / "logins.json"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits between tries, and keep the rate high. The number of tries stays the same."""
    monkeypatch.setattr(backoff, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(backoff, "FIRST_THROTTLE_WAIT", 0.002)
    monkeypatch.setattr(rate, "SLOWEST", 500.0)


@pytest.fixture(scope="session")
def forking() -> Iterator[Forking]:
    """Return what runs commands as processes of their own, cheaply."""
    one = Forking()
    yield one
    one.close()


@pytest.fixture(scope="session")
def tools() -> Environment:
    """Return the environment of uv, pipx and the checkers. Without an index, tests that need it are skipped."""
    faulthandler.cancel_dump_traceback_later()  # a slow network may take longer than a test may
    try:
        return environment("tools", lock=Path(__file__).parent / "packaging" / "tools.txt")
    except NotInstalledError as reason:
        pytest.skip(f"the tools cannot be installed here: {reason}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A headless browser for all tests. Each opens pages in a context of its own, which keeps nothing."""
    from tests.web.browser import chromium

    async with chromium() as one:
        yield one


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Begin to collect garbage, without the tests themselves. They stay to the end; this saves a tenth of the time."""
    gc.freeze()
    gc.enable()
