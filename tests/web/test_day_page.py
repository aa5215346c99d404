"""The pages of a day in a real browser."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from tests.support.thorough import mostly_thorough
from tests.web.browser import in_the_browser, opened
from tests.web.serving import Served, served

pytestmark = in_the_browser

GROUPS = ("available", "on-contact", "after-contact", "unavailable", "unknown", "out")


async def pass_minutes(here: Served, minutes: int) -> None:
    """Let time pass, with a poll each minute."""
    for _ in range(minutes):
        here.watching.world.emulator.advance(60)
        await here.poll()


async def busy(here: Served) -> dict[str, Any]:
    """Record an hour with an outage. Returns an agent who is on a contact."""
    await here.poll()
    await pass_minutes(here, 30)
    here.break_by("server-error")
    await pass_minutes(here, 8)
    here.break_by()
    await pass_minutes(here, 22)
    return next(agent for agent in (await here.board())["agents"] if agent["group"] == "on-contact")


def clock(text: str) -> int:
    """Seconds of a duration such as 05:59 or 1:05:09."""
    parts = [int(one) for one in re.findall(r"\d+", text)]
    return sum(part * 60**power for power, part in enumerate(reversed(parts)))


async def drawn(page: Page, selector: str) -> list[str]:
    """The classes of the parts of a picture."""
    return [await one.get_attribute("class") or "" for one in await page.locator(f"{selector} .part").all()]


@pytest.mark.parametrize("path", mostly_thorough(["/agents/{}", "/day", "/agents/nobody"], quick=1))
async def test_everybody_can_use_a_day(browser: Browser, path: str, tmp_path: Path) -> None:
    """Axe finds nothing, and no script breaks the policy. This holds for light and dark, large and small."""
    async with served(30, "incontact", history=tmp_path / "h.db") as here:
        agent = await busy(here)
        for scheme, size in (("light", (1280, 720)), ("dark", (400, 800))):
            url = here.url + path.format(agent["agent_id"])
            async with opened(browser, url, size, color_scheme=scheme) as tab:
                ready = "#said" if "nobody" in path else ".part"
                await expect(tab.page.locator(ready).first).to_be_visible()
                assert await tab.violations() == []
                assert tab.complaints == []
                assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
                assert await tab.page.evaluate("document.getAnimations().length") == 0


async def test_the_keyboard_leads_to_a_day_and_back(browser: Browser, tmp_path: Path) -> None:
    """Enter on a name opens the day. The way back leads to the same name with the same filter."""
    async with served(60, "incontact", history=tmp_path / "h.db") as here:
        agent = await busy(here)
        async with opened(browser, here.url) as tab:
            page = tab.page
            await page.locator("#search").fill(agent["name"])
            link = page.locator("#agents a", has_text=agent["name"]).first
            await link.focus()
            await here.poll()  # the rows are written anew
            await expect(link).to_be_focused()
            for back in ("link", "history"):
                await page.keyboard.press("Enter")
                await expect(page.locator("#name")).to_have_text(agent["name"])
                await expect(page.locator("#moment")).to_be_visible()
                if back == "link":
                    await page.get_by_role("link", name="Board").press("Enter")
                else:
                    await page.go_back()
                await expect(page.locator("#search")).to_have_value(agent["name"])
                await expect(page.locator("#agents a", has_text=agent["name"]).first).to_be_focused()
            assert tab.complaints == []


async def test_a_focused_name_stays_the_same_person(browser: Browser, tmp_path: Path) -> None:
    """The focus follows the person when the order of the list changes."""
    async with served(60, "incontact", history=tmp_path / "h.db") as here:
        await here.poll()
        async with opened(browser, here.url) as tab:
            await tab.page.locator("#group").select_option("all")
            link = tab.page.locator("#agents a").nth(5)
            name = await link.inner_text()
            await link.focus()
            names = await tab.text("#agents")
            await pass_minutes(here, 20)
            await expect(tab.page.locator("#agents")).not_to_have_text(names)
            assert await tab.page.evaluate("document.activeElement.textContent") == name


async def test_the_day_is_the_timeline(browser: Browser, tmp_path: Path) -> None:
    """The page shows each interval of the timeline. Its sums are whole."""
    async with served(60, "incontact", history=tmp_path / "h.db") as here:
        agent = await busy(here)
        async with opened(browser, f"{here.url}/agents/{agent['agent_id']}", timezone_id="UTC") as tab:
            page = tab.page
            await expect(page.locator("#intervals tr").first).to_be_visible()
            async with here.session.get(f"{here.url}/api/v1/agents/{agent['agent_id']}/timeline") as answer:
                known = (await answer.json())["coverage"]["known"]
            totals = {place: await page.locator(f"#totals li:has(.is-{place}) b").inner_text() for place in GROUPS}
            rows = await page.locator("#intervals tr").all_inner_texts()
            assert len(rows) == len(await drawn(page, "#moment"))
            assert sum(clock(totals[place]) for place in GROUPS if place != "unknown") == known
            whole = clock(await page.locator("#sum td").inner_text())
            assert sum(map(clock, totals.values())) == whole
            assert sum([clock(await one.inner_text()) for one in await page.locator("#sums td.number").all()]) == whole
            gap = page.locator("#intervals tr.unknown", has_text="RC105")
            assert await gap.count() == 1
            hatched = page.locator("#moment .part.fill-unknown", has_text="?").last
            assert "gradient" in await hatched.evaluate("one => getComputedStyle(one).backgroundImage")


async def test_the_keyboard_walks_through_a_day(browser: Browser, tmp_path: Path) -> None:
    """Arrow keys go from interval to interval and say each. The table marks the same one."""
    async with served(60, "incontact", history=tmp_path / "h.db") as here:
        agent = await busy(here)
        async with opened(browser, f"{here.url}/agents/{agent['agent_id']}") as tab:
            moment = tab.page.get_by_role("slider", name="Intervals of the day")
            await expect(moment).to_be_visible()
            last = await tab.page.locator("#intervals tr").count() - 1
            await moment.focus()
            for key, at in (("End", last), ("ArrowLeft", last - 1), ("ArrowLeft", last - 2), ("ArrowRight", last - 1)):
                await tab.page.keyboard.press(key)
                await expect(moment).to_have_attribute("aria-valuenow", str(at))
            row = tab.page.locator("#intervals tr").nth(1)
            await expect(row).to_have_attribute("aria-current", "true")
            begin = await row.locator("td").first.inner_text()
            assert begin in (await moment.get_attribute("aria-valuetext") or "")
            await expect(tab.page.locator("#readout")).to_contain_text(begin)
            await here.poll()
            await expect(row).to_have_attribute("aria-current", "true")
            await tab.page.keyboard.press("Escape")
            await expect(tab.page.locator("#intervals [aria-current]")).to_have_count(0)
            box = await moment.bounding_box()
            assert box is not None
            await moment.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
            await expect(tab.page.locator("#intervals tr").first).to_have_attribute("aria-current", "true")


async def test_another_day_is_asked_for(browser: Browser, tmp_path: Path) -> None:
    """A day without records is unknown, not logged out. The address keeps the day."""
    async with served(20, history=tmp_path / "h.db") as here:
        await here.poll()
        await pass_minutes(here, 2)
        agent = (await here.board())["agents"][0]["agent_id"]
        async with opened(browser, f"{here.url}/agents/{agent}") as tab:
            page = tab.page
            await expect(page.locator("#later")).to_be_disabled()
            await page.locator("#earlier").press("Enter")
            await expect(page.locator("#intervals tr")).to_have_count(1)
            await expect(page.locator("#intervals")).to_contain_text("Unknown: not recorded")
            await expect(page.locator("#totals li:has(.is-out) b")).to_have_text("00:00")
            assert "date=" in page.url
            await page.go_back()
            await expect(page.locator("#intervals")).not_to_have_text("")
            await expect(page.locator("#later")).to_be_disabled()
            assert "date=" not in page.url


@pytest.mark.thorough
async def test_a_team_day_is_bounded(browser: Browser, tmp_path: Path) -> None:
    """At most 60 of 5,000 agents are drawn. The others are counted, and a key away."""
    async with served(5000, history=tmp_path / "h.db") as here:
        await here.poll()
        await pass_minutes(here, 2)
        async with opened(browser, f"{here.url}/day") as tab:
            page = tab.page
            await expect(page.locator("#lanes tr")).to_have_count(60)
            await expect(page.locator("#rest")).to_have_text("60 of 5,000 agents; not on the screen: 4,940 after them")
            first = await page.locator("#lanes th").first.inner_text()
            await page.locator("#after").press("Enter")
            await expect(page.locator("#rest")).to_contain_text("60 before them, 4,880 after them")
            await page.locator("#before").press("Enter")
            await expect(page.locator("#rest")).to_contain_text("4,940 after them")
            assert await page.locator("#lanes th").first.inner_text() == first
            team = (await here.board())["teams"][3]
            await page.locator("#team").select_option(f"={team['team']}")
            await expect(page.locator("#rest")).to_contain_text(f"of {team['roster']}")
            await expect(page.locator("#name")).to_have_text(team["team"])
            assert tab.complaints == []


async def test_hostile_names_stay_text_in_a_day(browser: Browser, tmp_path: Path) -> None:
    """Hostile names are text on the pages of a day. They run nothing."""
    async with served(60, faults=["hostile-names"], history=tmp_path / "h.db") as here:
        await here.poll()
        await pass_minutes(here, 2)
        hostile = next(agent for agent in (await here.board())["agents"] if "<" in agent["name"])
        for path in (f"/agents/{hostile['agent_id']}", "/day", "/day?team=%3Cimg%20src%3Dx%3E"):
            async with opened(browser, here.url + path) as tab:
                await expect(tab.page.locator("#link")).to_have_text("live")
                await expect(tab.page.locator("#rest")).not_to_have_text("")
                assert await tab.page.locator("main script, main img, main iframe").count() == 0
                assert tab.complaints == []


async def test_without_a_history_nothing_links_to_a_day(browser: Browser, tmp_path: Path) -> None:
    """Without a history the board links to no day. A day says how to record one."""
    async with served(10) as here:
        await here.poll()
        async with opened(browser, here.url) as tab:
            await expect(tab.page.locator("#agents tr").first).to_be_visible()
            assert await tab.page.locator("#agents a, #teams a").count() == 0
            await expect(tab.page.locator("#day")).to_be_hidden()
            await tab.page.goto(f"{here.url}/day")
            await expect(tab.page.locator("#said")).to_contain_text("start it with --history")


async def test_a_history_that_cannot_be_written_is_said(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bar says that the history is not being written. It goes when it is again."""
    async with served(10, history=tmp_path / "h.db") as here:
        await here.poll()
        async with opened(browser, here.url) as tab:
            await expect(tab.page.locator("#bars")).to_be_empty()
            trouble = sqlite3.OperationalError("database or disk is full")
            await fail_to_write(here, monkeypatch, trouble)
            await expect(tab.page.locator("#bars")).to_contain_text("The history is not being written")
            monkeypatch.undo()
            await here.poll(2)
            await expect(tab.page.locator("#bars")).to_be_empty()


async def fail_to_write(here: Served, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let two polls happen whose changes cannot be written."""
    from cxone_rollcall.history.store import Store

    def full(store: Store, batch: object) -> None:
        raise error

    monkeypatch.setattr(Store, "write", full)
    await here.poll(2)


async def test_a_day_is_found_below_a_path(browser: Browser, tmp_path: Path) -> None:
    """Below a base path, the board leads to days and back."""
    async with served(10, base_path="/board", history=tmp_path / "h.db") as here:
        await here.poll(2)
        async with opened(browser, f"{here.url}/") as tab:
            page = tab.page
            await page.locator("#group").select_option("all")
            await page.locator("#agents a").first.click()
            await expect(page.locator("#intervals tr").first).to_be_visible()
            await page.locator("#team-day").click()
            await expect(page.locator("#lanes a").first).to_be_visible()
            await page.locator("#lanes a").first.click()
            await expect(page.locator("#intervals tr").first).to_be_visible()
            await page.get_by_role("link", name="Board").click()
            await expect(page.locator("#logged-in")).to_contain_text("of 10")
            assert page.url.startswith(here.url)
