"""Debian's Chromium on the board's page. The fixture `browser` is one for all tests of a process.

A test that uses it is marked with `in_the_browser`: it runs in the event loop of the session, as the browser does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright
from tests.login.browser import CHROMIUM

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "2160p": (3840, 2160)}
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


in_the_browser = [
    pytest.mark.thorough,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here"),
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless browser."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


class Tab:
    """A page and its complaints. They are errors, and breaches of the content security policy."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda one: self.complaints.append(one.text) if "Policy" in one.text else None)

    async def violations(self) -> list[tuple[str, list[str]]]:
        """The rules of axe-core that the page breaks, each with elements."""
        await self.page.evaluate(f"void (() => {{ {AXE} }})()")
        found = await self.page.evaluate("axe.run({resultTypes: ['violations']}).then(all => all.violations)")
        return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found]

    async def text(self, selector: str) -> str:
        """The text of an element."""
        return await self.page.locator(selector).inner_text()

    async def count(self, place: str) -> int:
        """The number on the tile of a place."""
        tile = self.page.locator(f"#tiles li:has(.is-{place}), #tiles li.is-{place}").first
        text = await tile.inner_text()
        return int("".join(filter(str.isdigit, text)))


@asynccontextmanager
async def opened(browser: Browser, url: str, size: tuple[int, int] = (1440, 900), **options: Any) -> AsyncIterator[Tab]:
    """A tab with this page, after its first board."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    try:
        tab = Tab(await context.new_page())
        await tab.page.goto(url)
        yield tab
    finally:
        await context.close()
