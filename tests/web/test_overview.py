"""The list of all tenants: what is worst comes first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, expect
from tests.fleet.seats import seat
from tests.fleet.test_view import Played, arrived
from tests.web.browser import in_the_browser, opened
from yarl import URL

from cxone_rollcall.fleet.records import Changed, Note
from cxone_rollcall.web import overview
from cxone_rollcall.web.auth import Access
from cxone_rollcall.web.guard import Guard
from cxone_rollcall.web.overview import Worst
from cxone_rollcall.web.server import application
from cxone_rollcall.web.tenant import Tenant

FILTER = Note("RC406", True, "PROVEN", "a filter hides agents")


def _shown(name: str, *changes: Changed, waits: float = 0.0, **fields: object) -> Tenant:
    """A tenant after one poll, and some time without another."""
    played, tenant = Played(), Tenant(name, name, interval=10.0)
    tenant.show(played.view)
    for event in (*played.poll(*changes, number=len(changes), **fields), *played.wait(waits)):
        tenant.take(event)
    return tenant


def test_the_worst_is_first() -> None:
    """Late tenants come first, then unknown agents, findings and alerts. The rest is by name."""
    lost = Changed("2", None, seat("2", missed=3))
    tenants = [
        _shown("b", arrived("1")),
        _shown("a", arrived("1")),
        _shown("found", arrived("1"), notes=(FILTER,)),
        _shown("blind", arrived("1"), lost, ok=False, complete=False, missed="1 agents unknown"),
        _shown("late", arrived("1"), waits=31.0),
        Tenant("new", "new", interval=10.0),
        _shown("crashed", arrived("1")),
        _shown("barred", as_of=None, ok=False, missed="the token was refused"),
        _shown("begins", as_of=None, ok=False),
        _shown("vague", arrived("1"), complete=False),
        _shown("part", arrived("1"), ok=False, complete=False, missed="the roster was not read whole"),
        _shown("told", arrived("1")),
        _shown("waits", arrived("1")),
    ]
    tenants[2].alerts = tenants[-3].alerts = [{"state": "firing"}]
    tenants[-2].alerts = [{"state": "firing"}, {"state": "blind"}, {"state": "pending"}]
    tenants[-1].alerts = [{"state": "pending"}]
    tenants[6].crashed = "an error of rollcall"
    lines = sorted(map(overview.of, tenants))
    assert [(one.worst, one.name, one.text) for one in lines] == [
        (Worst.LATE, "barred", "late: the token was refused"),
        (Worst.LATE, "begins", "late: there is no board yet"),
        (Worst.LATE, "crashed", "late: an error of rollcall"),
        (Worst.LATE, "late", "late: the board is 31 s old, more than 30 s: no worker has polled it for 31 s"),
        (Worst.LATE, "new", "late: the first poll has not ended"),
        (Worst.UNKNOWN, "blind", "2 agents, 1 present, 1 unknown: 1 agents unknown"),
        (Worst.UNKNOWN, "part", "1 agent, 1 present: the roster was not read whole; 1 alert"),
        (Worst.UNKNOWN, "vague", "1 agent, 1 present"),
        (Worst.FINDINGS, "found", "1 agent, 1 present: RC406; 1 alert"),
        (Worst.ALERTS, "told", "1 agent, 1 present; 2 alerts"),
        (Worst.FINE, "a", "1 agent, 1 present"),
        (Worst.FINE, "b", "1 agent, 1 present"),
        (Worst.FINE, "waits", "1 agent, 1 present"),
    ]
    short = "13 tenants: 5 late, 3 with unknown agents, 1 with findings, 1 with alerts"
    assert (overview.in_short(lines), overview.in_short(lines[-1:])) == (short, "1 tenant")


@asynccontextmanager
async def _listed(tenants: Mapping[str, Tenant], base: str = "") -> AsyncIterator[tuple[str, web.AppRunner]]:
    """The address of these tenants, and their server."""
    runner = web.AppRunner(application(tenants, Guard(Access(None), base_path=base)), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{base}", runner
    finally:
        await runner.cleanup()


async def test_each_tenant_is_one_entry_of_the_list() -> None:
    """The list has one entry for each tenant. A title is shown if it is not the name."""
    tenants = {name: Tenant(name, title, interval=10.0) for name, title in (("a", "a"), ("b", "B & Co"))}
    async with _listed(tenants, "") as (url, _), aiohttp.ClientSession() as session, session.get(f"{url}/") as answer:
        page = await answer.text()
    late = "<span>late: the first poll has not ended</span></li>"
    first = f'<li class="worst-late"><a href="t/a/">a</a> {late}\n'
    second = f'<li class="worst-late"><a href="t/b/">b</a> B &amp; Co {late}\n'
    assert first + second in page


@pytest.mark.parametrize("base", ["", "/rollcall"])
@pytest.mark.parametrize("name", ["acme", "a b", "\u00fc/x", "p%2Fq", "{c}", "a&<b>", "t+u"])
async def test_a_name_may_have_any_characters(name: str, base: str) -> None:
    """A tenant is found by its address, whatever its name is. Another name is not found."""
    tenants = {name: Tenant(name, name, interval=10.0)}
    async with _listed(tenants, base) as (url, _), aiohttp.ClientSession() as session:

        async def status(tenant: str, path: str) -> int:
            address = URL(f"{url}/t/{quote(tenant, safe='')}{path}", encoded=True)
            async with session.get(address, allow_redirects=False) as answer:
                return answer.status

        async with session.get(f"{url}/") as answer:
            assert f'href="t/{quote(name, safe="")}/"' in await answer.text()
        assert [await status(name, path) for path in ("", "/", "/wall", "/api/v1/board")] == [308, 200, 200, 200]
        assert [await status("other", path) for path in ("/", "/wall", "/api/v1/board", "/metrics")] == [404] * 4


class TestInTheBrowser:
    """The list in a real browser."""

    pytestmark = in_the_browser

    @pytest.mark.thorough
    async def test_the_list_follows(self, browser: Browser) -> None:
        """Tenants appear and disappear. The list says if rollcall does not answer."""
        tenants: dict[str, Tenant] = {}
        async with _listed(tenants) as (url, runner), opened(browser, url) as tab:
            rows = tab.page.locator("#tenants li")
            await expect(rows).to_have_text(["No tenant is known yet."])
            tenants |= {"acme": _shown("acme", arrived("1")), "lost": _shown("lost", arrived("1"), waits=31.0)}
            await expect(rows.locator("a")).to_have_text(["lost", "acme"])
            await expect(tab.page.locator("#tenants p")).to_have_text("2 tenants: 1 late")
            assert (await tab.violations(), tab.complaints) == ([], [])
            del tenants["lost"]
            await expect(rows).to_have_text(["acme 1 agent, 1 present"])
            await expect(tab.page.locator("#lost")).to_be_hidden()
            await runner.cleanup()
            await expect(tab.page.locator("#lost")).to_be_visible()
            await expect(rows).to_have_text(["acme 1 agent, 1 present"])

    async def test_a_tenant_that_nobody_polls_says_so(self, browser: Browser) -> None:
        """The bar blames neither a server nor an old finding."""
        finding = Note("RC105", True, "PROVEN", "no connection", explains_all=True)
        tenants = {"lost": _shown("lost", arrived("1"), notes=(finding,), waits=61.0)}
        async with _listed(tenants) as (url, _), opened(browser, f"{url}/t/lost/") as tab:
            bars = tab.page.locator("#bars")
            await expect(bars).to_contain_text("Not polled since")
            await expect(bars).to_contain_text("no worker has polled it for 61 s")
            await expect(bars).not_to_contain_text("RC105")
