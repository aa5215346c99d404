"""The page of a report in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser
from tests.support.thorough import mostly_thorough
from tests.views.reports.made import ADHERENCE, DAY, bucket, gap, pictures, report, spell
from tests.web.browser import in_the_browser, opened

from cxone_rollcall.views.reports import html

pytestmark = in_the_browser


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The address of a page with each picture. Its names are long and hostile."""
    names = {
        str(number): f"{'Maximilian Featherstonehaugh' * (number % 3)}<b onclick=x>{number}" for number in range(9)
    }
    timeline = [
        row
        for agent_id, name in names.items()
        for row in (spell(8, 12, agent_id=agent_id, name=name), gap(12, 13, agent_id=agent_id, name=name))
    ]
    drawn = pictures(
        timeline,
        [bucket(8 + quarter / 4, 900 * quarter) for quarter in range(16)],
        agents=20,
        teams=dict.fromkeys(names, "Sales"),
        exceptions=[("1", names["1"], DAY, DAY, "Open", "Break", "out")],
    )
    rows = [(one, name, 100, 50, 40, 10, 0, 50.0, 60.0, 90, 90.0, 130.0) for one, name in names.items()]
    path = tmp_path / "report.html"
    path.write_bytes(b"".join(html.report(report("adherence", ADHERENCE, rows, notes=("A note.",)), drawn)))
    return path.as_uri()


@pytest.mark.parametrize("scheme", mostly_thorough(["light", "dark"], quick=1))
async def test_everybody_can_use_it(browser: Browser, page: str, scheme: str) -> None:
    """Axe finds nothing, and the policy is kept. No width needs a sideways scroll."""
    async with opened(browser, page, (1280, 900), color_scheme=scheme) as tab:
        assert await tab.violations() == []
        for width in (360, 1280, 1920):
            await tab.page.set_viewport_size({"width": width, "height": 900})
            assert await tab.page.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.complaints == []


async def test_patterns_are_painted(browser: Browser, page: str) -> None:
    """Each fill of a picture finds its pattern in the page."""
    async with opened(browser, page) as tab:
        unpainted = await tab.page.evaluate(
            """[...document.querySelectorAll("svg rect")]
                .map((one) => getComputedStyle(one).fill.match(/url\\("#(.*)"\\)/))
                .filter((found) => found && !document.getElementById(found[1])).length"""
        )
        lane = tab.page.locator(".lane rect").first
        assert unpainted == 0
        box = await lane.bounding_box()
        assert box is not None
        assert box["width"] > 100
