"""The page is true and accessible in a real browser."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from tests.support.thorough import crossed, mostly_thorough
from tests.web.browser import SIZES, in_the_browser, opened
from tests.web.serving import Served, served
from tests.web.test_access import TOKEN, guarded

from cxone_rollcall.alerts.desk import alert_desk
from cxone_rollcall.alerts.reading import parse_alerts

pytestmark = in_the_browser

PLACES = ("available", "on-contact", "after-contact", "unavailable", "unknown", "out")


async def nothing(here: Served) -> None:
    """Leave the floor as it is."""
    await here.poll()


async def stale(here: Served) -> None:
    """Miss two polls."""
    await here.poll()
    here.break_by("server-error")
    await here.poll(2)


async def blind(here: Served) -> None:
    """Miss three polls."""
    await stale(here)
    await here.poll()


async def never(here: Served) -> None:
    """Have no board at all."""
    here.break_by("reset")
    await here.poll()


STATES = [nothing, stale, blind, never]


@pytest.mark.parametrize(
    ("state", "path"),
    mostly_thorough(
        [*zip(STATES, ["/", "/wall"] * 2, strict=True), *zip(STATES, ["/wall", "/"] * 2, strict=True)], quick=2
    ),
)
async def test_everybody_can_use_it(browser: Browser, path: str, state: Callable[[Served], Awaitable[None]]) -> None:
    """Axe finds nothing, and no script breaks the policy. This holds for light and dark."""
    async with served(60) as here:
        await state(here)
        for scheme in ("light", "dark"):
            async with opened(browser, here.url + path, color_scheme=scheme) as tab:
                await expect(tab.page.locator("#link")).not_to_have_text("connecting")
                assert await tab.violations() == []
                assert tab.complaints == []


@pytest.mark.parametrize("path", ["/", "/wall"])
async def test_the_places_add_up_to_the_roster(browser: Browser, path: str) -> None:
    """After each poll, the tiles add up to the roster."""
    async with served(120, "incontact") as here:
        await here.poll()
        async with opened(browser, here.url + path) as tab:
            for _ in range(4):
                board = await here.board()
                available = sum(team["groups"]["available"] for team in board["teams"])
                await expect(tab.page.locator("#tiles li").first).to_contain_text(str(available))
                assert sum([await tab.count(place) for place in PLACES]) == 120
                here.watching.world.emulator.advance(900)
                await here.poll()


@pytest.mark.parametrize("size", [(360, 740), (1280, 900)])
async def test_a_long_team_hides_no_number(browser: Browser, size: tuple[int, int]) -> None:
    """A team's name is cut before a column of numbers is."""
    async with served(60) as here:
        await here.poll()
        async with opened(browser, here.url, size) as tab:
            await tab.page.locator("#teams th").first.evaluate("cell => { cell.textContent = 'W'.repeat(300) }")
            await expect(tab.page.locator("#teams tr td").nth(5)).to_be_in_viewport(ratio=1)


async def test_blindness_is_shown_as_such(browser: Browser) -> None:
    """In an outage the page shows last known figures, then unknown agents.

    No time runs, and everybody is unknown from the third poll on.
    """
    async with served(60) as here:
        await here.poll()
        async with opened(browser, here.url) as tab:
            await expect(tab.page.locator("#agents tr").first).to_contain_text("≥")
            here.break_by("server-error")
            await here.poll(2)
            await expect(tab.page.locator("#bars")).to_contain_text("Cannot reach CXone since")
            await expect(tab.page.locator("#bars")).to_contain_text("RC105")
            await expect(tab.page.locator("#logged-in")).to_contain_text("Last known")
            assert await tab.page.locator("#agents tr:not(.old)").count() == 0
            assert "≥" not in await tab.text("#agents")
            assert await tab.count("unknown") == 0
            await here.poll()
            await expect(tab.page.locator("#logged-in")).to_contain_text("60 unknown now")
            assert await tab.count("unknown") == 60
            assert await tab.page.locator("#agents tr:not(.unknown)").count() == 0
            here.break_by()
            await here.poll()
            await expect(tab.page.locator("#bars")).to_be_empty()
            assert await tab.count("unknown") == 0


async def test_blind_teams_are_counted(browser: Browser) -> None:
    """The bar counts the teams that are unknown. Other teams stay as they are."""
    async with served(120) as here:
        await here.poll()
        async with opened(browser, here.url) as tab:
            here.break_by("poison-id")
            await here.poll(4)
            await expect(tab.page.locator("#bars")).to_contain_text("1 of 12 teams blind")
            assert await tab.page.locator("#teams td.hatched").count() == 1
            assert await tab.page.locator("#agents tr:not(.old):not(.unknown)").count() > 50


async def test_a_refusal_is_not_an_unreachable_host(browser: Browser) -> None:
    """If CXone answers and refuses, the bar says so, with the finding."""
    async with served(40) as here:
        await here.poll()
        async with opened(browser, here.url) as tab:
            here.break_by("forbidden")
            await here.poll(3)
            await expect(tab.page.locator("#bars")).to_contain_text("CXone gives no states since")
            await expect(tab.page.locator("#findings")).to_contain_text("RC30")


async def test_a_page_that_lost_rollcall_says_so_and_catches_up(browser: Browser) -> None:
    """Without a network, the page says so and its states become unknown. It catches up when the network is back."""
    async with served(40) as here:
        await here.poll()
        async with opened(browser, here.url) as tab:
            await expect(tab.page.locator("#link")).to_have_text("live")
            await tab.page.context.set_offline(True)
            await tab.page.evaluate("void (window.real = performance.now.bind(performance))")
            await tab.page.evaluate("void (performance.now = () => real() + 33_500)")
            await expect(tab.page.locator("#bars")).to_contain_text("This page lost rollcall since")
            await expect(tab.page.locator("#link")).to_have_text("lost")
            assert await tab.count("unknown") == 40
            await here.poll()
            await tab.page.context.set_offline(False)
            await expect(tab.page.locator("#bars")).to_be_empty()
            assert await tab.count("unknown") == 0


async def test_names_stay_text(browser: Browser) -> None:
    """Hostile names are shown, and run nothing."""
    async with served(60, faults=["hostile-names"]) as here:
        await here.poll()
        names = {agent["name"] for agent in (await here.board())["agents"]}
        assert any("<" in name for name in names)
        for path in ("/", "/wall"):
            async with opened(browser, here.url + path) as tab:
                await expect(tab.page.locator("#link")).to_have_text("live")
                assert await tab.page.locator("main script, main img, main iframe, footer b").count() == 0
                assert tab.complaints == []


@pytest.mark.parametrize(("agents", "size"), crossed([0, 12, 120, 5000], SIZES, every=2))
async def test_the_wall_fits(browser: Browser, size: str, agents: int) -> None:
    """Nothing scrolls, letters are large, and agents without room are counted.

    At 5 m on 55 inches 60 agents fit.
    """
    async with served(agents) as here:
        await here.poll()
        async with opened(browser, f"{here.url}/wall?distance=5&diagonal=55", SIZES[size]) as tab:
            await expect(tab.page.locator("#link")).to_have_text("live" if agents else "blind")
            width, height = SIZES[size]
            for side in ("Height", "Width"):
                assert await tab.page.evaluate(f"document.documentElement.scroll{side} <= inner{side}")
            rem = float(await tab.page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)"))
            smallest = await tab.page.evaluate(
                "Math.min(...[...document.querySelectorAll('body *')].filter(one => one.textContent.trim())"
                ".map(one => parseFloat(getComputedStyle(one).fontSize)))"
            )
            metres = 0.7 * smallest / height * (55 * 0.0254 * height / math.hypot(width, height))
            assert math.degrees(math.atan(metres / 5)) * 60 >= 15.99
            assert smallest >= rem - 0.01
            shown = await tab.page.locator(".column li:not(.more):not(.head)").count()
            board = await here.board()
            inside = board["counts"]["present"] if agents else 0
            hidden = sum(
                [
                    int("".join(filter(str.isdigit, await one.inner_text())))
                    for one in await tab.page.locator("li.more").all()
                ]
            )
            assert shown + hidden == inside
            assert shown >= min(60, inside)


async def test_a_filter_is_counted(browser: Browser) -> None:
    """Agents that a filter or the last row hides are counted. The keyboard is enough to set a filter."""
    async with served(800) as here:
        await here.poll()
        async with opened(browser, here.url) as tab:
            await expect(tab.page.locator("#agents tr")).to_have_count(200)
            await expect(tab.page.locator("#rest")).to_contain_text("600 not on the screen")
            await tab.page.locator("#team").focus()
            await tab.page.keyboard.press("ArrowDown")
            await tab.page.keyboard.press("Tab")
            await tab.page.keyboard.press("Tab")
            await tab.page.keyboard.type("nobody has this name")
            await expect(tab.page.locator("#nobody")).to_be_visible()
            await expect(tab.page.locator("#rest")).to_contain_text("800 by the filter")


async def test_a_browser_logs_in_with_the_form(browser: Browser) -> None:
    """A wrong token is refused without a reason. The right one opens the page that was asked for."""
    async with served(20, access=guarded()) as here:
        await here.poll()
        async with opened(browser, f"{here.url}/wall") as tab:
            await tab.page.fill("#token", "wrong")
            await tab.page.keyboard.press("Enter")
            await expect(tab.page.get_by_role("alert")).to_have_text("That did not work.")
            await tab.page.fill("#token", TOKEN)
            await tab.page.keyboard.press("Enter")
            await expect(tab.page.locator("#link")).to_have_text("live")
            assert await tab.page.evaluate("document.cookie") == ""
            assert tab.complaints == []


async def test_an_alert_is_acknowledged_with_the_keyboard(browser: Browser, tmp_path: Path) -> None:
    """People of an alert come first, and one form acknowledges it.

    They are marked. Its name and note stay after the next poll.
    """
    rules = parse_alerts('[[alert]]\nname = "in a call"\neach = { group = "on-contact" }\n', named="alerts.toml")
    opened_desk = alert_desk(rules.rules, {}, tenant="acme", path=tmp_path / "a.json", complain=print)
    async with served(40) as here, opened_desk as desk:
        here.tenant.desk = desk
        await here.poll()
        async with opened(browser, here.url) as tab:
            await expect(tab.page.locator("#agents tr").first).to_have_class("over")
            await expect(tab.page.locator("#agents tr").first).to_contain_text("!")
            assert await tab.violations() == []
            button = tab.page.get_by_role("button", name="Acknowledge").first
            waiting = await tab.page.locator("#alerts button").count()
            await button.focus()
            await here.poll()
            await expect(button).to_be_focused()
            await tab.page.keyboard.press("Enter")
            await tab.page.keyboard.type("Ann Lee")
            await tab.page.keyboard.press("Enter")
            await expect(tab.page.locator("#alerts")).to_contain_text("by Ann Lee")
            await here.poll()
            await expect(tab.page.locator("#alerts button")).to_have_count(waiting - 1)
            assert tab.complaints == []


async def test_only_the_seconds_move(browser: Browser) -> None:
    """Nothing is animated."""
    async with served(20) as here:
        await here.poll()
        for path in ("/", "/wall"):
            async with opened(browser, here.url + path) as tab:
                await expect(tab.page.locator("#link")).to_have_text("live")
                assert await tab.page.evaluate("document.getAnimations().length") == 0
