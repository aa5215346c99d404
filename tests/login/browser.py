"""A headless browser, and a user who presses a button."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CLICK = """
new Promise(done => {
    const look = () => {
        const button = document.querySelector('button[value=%s]');
        button ? (done(true), button.click()) : setTimeout(look, 20);
    };
    look();
})
"""


@asynccontextmanager
async def chromium(address: str, profile: Path) -> AsyncIterator[str]:
    """The debugging address of a headless browser that opened the address."""
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
    """Press a button as soon as a page has it. A navigation may come before."""
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
