"""A login in a real browser: headless Chromium, the emulator's authorize page, the client and the redirect address."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import aiohttp
import pytest

from rollcall.client import connect
from rollcall.emulator import Emulator, EmulatorSettings
from rollcall.login import Attempt, LoginDenied, log_in
from rollcall.model.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Literal

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LONGEST = 30.0
CLICK = """
new Promise(done => {
    const look = () => {
        const button = document.querySelector('button[value=%s]');
        button ? (done(true), button.click()) : setTimeout(look, 20);
    };
    look();
})
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")


@asynccontextmanager
async def chromium(address: str, profile: Path) -> AsyncIterator[str]:
    """Open the address in a browser without a window; yields the address at which the browser takes orders."""
    assert CHROMIUM is not None
    options = [
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")  # as root it starts only so
    devnull = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *options, address, stdin=devnull, stdout=devnull, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async for line in process.stderr:
            if b"DevTools listening on ws://" in line:
                yield line.decode().split("ws://")[1].partition("/")[0]
                break
    finally:
        process.kill()
        await process.communicate()


async def press(button: str, orders_to: str) -> None:
    """Press a button as soon as a page has it; a page that is left meanwhile is looked for again."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"http://{orders_to}/json/list") as answer:
                pages = [one for one in await answer.json() if one["type"] == "page"]
            if not pages:
                continue
            with suppress(aiohttp.ClientError, TypeError):
                async with session.ws_connect(pages[0]["webSocketDebuggerUrl"]) as wire:
                    asked = {"expression": CLICK % button, "awaitPromise": True}
                    await wire.send_json({"id": 1, "method": "Runtime.evaluate", "params": asked})
                    if "error" not in await wire.receive_json():
                        return


@pytest.mark.parametrize("button", ["allow", "deny"])
@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_a_user_signs_in(
    contract: Literal["v2", "incontact"], button: Literal["allow", "deny"], tmp_path: Path
) -> None:
    """In each contract a user who signs in gives a token that can be renewed, and one who cancels gives none."""
    emulator = Emulator(EmulatorSettings(contracts=(contract,)))
    credentials = Credentials(grant_type="authorization_code", client_id=emulator.credentials.client_id)
    loop = asyncio.get_running_loop()
    browsing: list[asyncio.Task[None]] = []

    async def browse(address: str) -> None:
        async with chromium(address, tmp_path / "profile") as orders_to:
            await press(button, orders_to)
            await asyncio.Event().wait()  # the window stays open until the login is through

    def open_browser(address: str) -> bool:
        loop.call_soon_threadsafe(lambda: browsing.append(loop.create_task(browse(address))))
        return True

    async with emulator.running() as place, connect(place.url, credentials, contract=contract) as client:
        login = log_in(
            client,
            Attempt.begin(secrets.token_bytes),
            open_browser=open_browser,
            paste=None,
            announce=lambda _: None,
            port=0,
            timeout=LONGEST,
        )
        try:
            if button == "deny":
                with pytest.raises(LoginDenied):
                    await login
            else:
                token = await login
                assert token.refresh_token
                assert "tenantId" in {**token.claims, **token.id_claims}
        finally:
            for task in browsing:
                task.cancel()
            await asyncio.gather(*browsing, return_exceptions=True)
