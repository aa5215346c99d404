"""Each route: its status, its headers, its kind. So for wrong methods, names and tokens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.fleet.test_view import Played, arrived
from tests.web.serving import reading, served
from tests.web.test_access import TOKEN, guarded
from tests.web.test_overview import _listed
from tests.web.test_parts import of_a_day

from cxone_rollcall.client import Client
from cxone_rollcall.errors import HistoryError, SettingError
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.web import sse
from cxone_rollcall.web.auth import COOKIE, Access
from cxone_rollcall.web.guard import Guard
from cxone_rollcall.web.server import Source, serving
from cxone_rollcall.web.tenant import Tenant

ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTML, JSON, TEXT = "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"
JSON_TEXT = "application/json; charset=utf-8"
METRICS = "text/plain; version=0.0.4; charset=utf-8"
SSE = "text/event-stream"
ROUTES: tuple[tuple[str, str, int, str], ...] = (
    ("GET", "/", 200, HTML),
    ("GET", "/wall", 200, HTML),
    ("GET", "/day", 200, HTML),
    ("GET", "/agents/1", 200, HTML),
    ("GET", "/static/desk.js", 200, "text/javascript; charset=utf-8"),
    ("GET", "/static/desk.css", 200, "text/css; charset=utf-8"),
    ("GET", "/static/icon.svg", 200, "image/svg+xml; charset=utf-8"),
    ("GET", "/static/desk.html", 404, TEXT),
    ("GET", "/static/desk", 404, TEXT),
    ("GET", "/api/v1/board", 200, JSON),
    ("HEAD", "/api/v1/board", 200, JSON),
    ("GET", "/api/v1/timeline", 404, JSON_TEXT),
    ("GET", "/api/v1/timeline?skip=x", 400, JSON_TEXT),
    ("GET", "/api/v1/agents/1/timeline", 404, JSON_TEXT),
    ("GET", "/api/v1/events", 200, SSE),
    ("GET", "/metrics", 200, METRICS),
    ("GET", "/healthz", 200, TEXT),
    ("GET", "/readyz", 200, TEXT),
    ("GET", "/login", 200, HTML),
    ("GET", "/nowhere", 404, TEXT),
    ("GET", "/t/acme/", 404, TEXT),
    ("POST", "/api/v1/board", 405, TEXT),
    ("DELETE", "/", 405, TEXT),
    ("POST", "/api/v1/alerts/x/acknowledge", 404, JSON_TEXT),
    ("POST", "/login", 401, HTML),
)


async def test_each_route_has_its_headers() -> None:
    """Each answer has its kind and the policy. It does not name the server. Only files of ours may be kept."""
    async with served(5) as here:
        await here.poll()
        for method, path, status, kind in ROUTES:
            origin = {} if method in ("GET", "HEAD") else {"Origin": here.url}
            async with here.session.request(method, here.url + path, headers=origin) as answer:
                assert (method, path, answer.status, answer.headers["Content-Type"]) == (method, path, status, kind)
                assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
                kept = status == 200 and path.startswith("/static/")
                assert answer.headers["Cache-Control"] == ("no-cache" if kept else "no-store")
                assert "Server" not in answer.headers
                assert "Set-Cookie" not in answer.headers


async def test_a_token_opens_each_route_but_few() -> None:
    """Only the health, the form and the files need no token. A browser is sent to the form, a program gets 401."""
    async with served(5, access=guarded()) as here:
        await here.poll()
        for method, path, status, _ in ROUTES:
            open_ = path in ("/healthz", "/readyz", "/login") or path.startswith("/static/")
            origin = {} if method in ("GET", "HEAD") else {"Origin": here.url}
            for headers, expected in (
                ({}, status if open_ else 401),
                ({"Accept": "text/html"}, status if open_ else 303 if not origin else 401),
                ({"Authorization": f"Bearer {TOKEN}"}, status),
                ({"Authorization": f"Bearer {TOKEN}x"}, status if open_ else 401),
            ):
                async with here.session.request(
                    method, here.url + path, headers={**headers, **origin}, allow_redirects=False
                ) as answer:
                    assert (method, path, headers, answer.status) == (method, path, headers, expected)
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"
                    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if expected == 401 != status else None)


async def test_a_write_with_a_token_needs_no_origin() -> None:
    """A program that shows the token may write from anywhere. A cookie alone may not."""
    async with served(5, access=guarded()) as here:
        path = f"{here.url}/api/v1/alerts/x/acknowledge"
        cookie = {"Cookie": f"{COOKIE}={guarded().new_session()}"}
        for headers, status in (
            ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}, 404),
            (cookie, 403),
            ({**cookie, "Origin": "https://evil.example"}, 403),
            ({**cookie, "Origin": here.url}, 404),
            ({"Origin": here.url}, 401),
        ):
            async with here.session.post(path, json={"by": "me"}, headers=headers) as answer:
                assert (headers, answer.status) == (headers, status)


async def test_a_proxy_says_whether_the_page_is_secure() -> None:
    """Behind a believed proxy, origin and cookie are the browser's. Else they are ours."""
    for proxies, secure in ((("127.0.0.1",), True), ((), False)):
        async with served(5, access=guarded(), proxies=proxies, base_path="/b") as here:
            forwarded = {"X-Forwarded-Proto": "HTTPS", "X-Forwarded-Host": "board.example.com"}
            origin = "https://board.example.com" if secure else here.url.removesuffix("/b")
            async with here.session.post(
                f"{here.url}/login",
                data={"token": f" {TOKEN} "},
                headers={**forwarded, "Origin": origin},
                allow_redirects=False,
            ) as answer:
                cookie = answer.headers["Set-Cookie"]
                assert (answer.status, answer.headers["Location"], "Secure" in cookie) == (303, "/b/", secure)
                assert "Max-Age=2592000" in cookie


async def test_the_form_says_only_after_a_wrong_token_that_it_was_wrong() -> None:
    """The form is the same but for that line. It does not say why."""
    async with served(1, access=guarded()) as here:
        _, form = await here.text("/login")
        async with here.session.post(f"{here.url}/login", data={"token": "x"}, headers={"Origin": here.url}) as answer:
            wrong = await answer.text()
    note = '<p class="wrong" role="alert">That did not work.</p>'
    assert (note in form, wrong.replace(note, "")) == (False, form)


async def test_a_file_is_sent_once() -> None:
    """A browser that has a file is told so. One with an older file gets it."""
    async with served(5) as here:
        async with here.session.get(f"{here.url}/static/desk.js") as first:
            tag = first.headers["ETag"]
        for headers, status in (({"If-None-Match": tag}, 304), ({"If-None-Match": '"x"'}, 200)):
            async with here.session.get(f"{here.url}/static/desk.js", headers=headers) as again:
                assert (again.status, again.headers["ETag"], again.headers["Cache-Control"]) == (
                    status,
                    tag,
                    "no-cache",
                )
                assert bool(await again.read()) is (status == 200)


async def test_readiness_is_said_line_by_line() -> None:
    """A tenant is ready while its board is young. Several are ready if one is, and each has its line."""
    async with served(5) as here:
        assert await here.text("/readyz") == (503, "board: the first poll has not ended\n")
        await here.poll()
        assert await here.text("/readyz") == (200, "board: ready\n")
        assert await here.text("/healthz") == (200, "ok\n")
    played, late = of_a_day()
    _, ready = of_a_day()
    for event in played.wait(31):
        late.take(event)
    why = "late: the board is 31 s old, more than 30 s: no worker has polled it for 31 s\n"
    late.name, ready.name = "late", "good"
    for tenants, status, text in (
        ({"late": late, "good": ready}, 200, f"{why}good: ready\n"),
        ({"late": late}, 503, why),
    ):
        async with _listed(tenants) as (url, _), aiohttp.ClientSession() as session:
            async with session.get(f"{url}/readyz") as answer:
                assert (answer.status, await answer.text()) == (status, text)
            async with session.get(f"{url}/t/late/readyz") as answer:
                assert (answer.status, await answer.text()) == (503, why)
            async with session.get(f"{url}/t/a%20b/") as answer:
                assert (answer.status, await answer.text()) == (404, "there is no tenant a b\n")


async def test_a_path_is_moved_to_its_folder() -> None:
    """A path without its slash leads to the one with it."""
    _, tenant = of_a_day()
    async with _listed({"a b": tenant}, "/board") as (url, _), aiohttp.ClientSession() as session:
        for path, place in (("", "/board/"), ("/t/a%20b", "/board/t/a%20b/"), ("/t/other", "/board/t/other/")):
            async with session.get(f"{url}{path}", allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (308, place)


async def test_the_list_of_tenants_is_escaped() -> None:
    """A name, a title and a reason are text in the list. None can reverse it."""
    played, tenant = of_a_day()
    tenant.name, tenant.title = '<a"', "Acme \u202e<b>"
    for event in played.quiet(2, 2, ok=False, complete=False, missed="<i>\x1b"):
        tenant.take(event)
    async with (
        _listed({tenant.name: tenant}) as (url, _),
        aiohttp.ClientSession() as session,
        session.get(f"{url}/") as answer,
    ):
        page = await answer.text()
    assert page.partition("<ul>\n")[2].partition("\n\n</ul>")[0] == (
        '<li class="worst-unknown"><a href="t/%3Ca%22/">&lt;a&quot;</a> Acme \\u202e&lt;b&gt; '
        "<span>2 agents, 1 present: &lt;i&gt;\\x1b</span></li>"
    )
    assert "<p>1 tenant: 1 with unknown agents</p>" in page


async def test_a_reader_begins_with_the_time_and_the_board() -> None:
    """A reader gets the server's time, the board and the last poll. Readers are counted."""
    async with served(3) as here:
        await here.poll()
        async with here.session.get(f"{here.url}/api/v1/events") as answer:
            assert answer.headers["X-Accel-Buffering"] == "no"
            lines = [b""]
            while lines[-1] != b"id: test.1\n":
                lines.append(await answer.content.readline())
            events = [line.decode().removeprefix("event: ") for line in lines if line.startswith(b"event: ")]
            data = [json.loads(line.removeprefix(b"data: ")) for line in lines if line.startswith(b"data: ")]
            assert lines[1] == b"retry: 2000\n"
            assert (events[:2], set(events[2:-1]), events[-1]) == (["clock\n", "board\n"], {"finding\n"}, "poll\n")
            assert [one["type"] for one in data] == [event.strip() for event in events]
            assert data[0]["now"] is not None
            assert data[1] == await here.board()
            assert here.tenant.readers == 1


async def test_a_quiet_connection_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a poll a comment is sent now and then. The next poll follows it."""
    monkeypatch.setattr(sse, "QUIET", 0.01)
    async with served(3) as here:
        await here.poll()
        async with here.session.get(f"{here.url}/api/v1/events") as answer:
            while await answer.content.readline() != b": still here\n":
                pass
            assert await answer.content.readline() == b"\n"
            await here.poll()
            while await answer.content.readline() != b"id: test.2\n":
                pass
    assert here.tenant.readers == 0


@pytest.mark.parametrize("before", [1, 3])
async def test_polling_that_begins_anew_gives_a_new_board(before: int) -> None:
    """A number of the polling before is no place in the new. A reader begins with its whole board."""
    async with served(5) as here:
        await here.poll()
        async with reading(here) as reader:
            polled = [(await reader.read_poll())["poll"]]
            for _ in range(1, before):
                await here.poll()
                polled.append((await reader.read_poll())["poll"])
            played = Played()
            here.tenant.show(played.view)
            for number in range(1, 4):
                for event in played.poll(arrived(f"new{number}"), number=number):
                    here.tenant.take(event)
                polled.append((await reader.read_poll())["poll"])
            assert (polled, reader.kinds.count("board")) == ([*range(1, before + 1), 1, 2, 3], 2)
            assert reader.agents.keys() == {"new1", "new2", "new3"}


class Refusing:
    """Clients that cannot be opened, until the last."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.opened = 0

    @asynccontextmanager
    async def connect(self, count: object) -> AsyncIterator[Client]:
        """Raise the next error."""
        self.opened += 1
        if not self.errors:
            raise asyncio.CancelledError
        raise self.errors.pop(0)
        yield


async def test_an_error_of_ours_begins_polling_anew() -> None:
    """A crash is told without its text, which may hold a secret. A history's error is told whole."""
    tenant, said = Tenant("", "Acme", interval=0.001), list[str]()
    refusing = Refusing(ValueError("hunter2"), HistoryError("the file is gone"))
    with pytest.raises(asyncio.CancelledError):
        await tenant.run(refusing.connect, groups=Groups(), complain=said.append)
    assert refusing.opened == 3
    assert "hunter2" not in "".join(said)
    assert said[0].startswith("Acme: ValueError")
    assert said[0].endswith("; polling begins again in 0.001 s")
    assert said[1] == "Acme: the file is gone; polling begins again in 0.001 s"
    assert tenant.crashed == "the file is gone"


async def test_a_server_listens_where_it_says() -> None:
    """The address has the scheme, the host and the base path. One that is taken is refused with an example.

    It ends although a feed misses that it is cancelled.
    """
    asked: list[dict[str, Tenant]] = []

    async def feed(tenants: dict[str, Tenant]) -> None:
        asked.append(tenants)
        with suppress(asyncio.CancelledError):  # as `wait_for` of Python 3.11 may
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    guard = Guard(Access(None), base_path="/b")
    async with serving([], guard, host="127.0.0.1", port=0, complain=print, feed=feed) as url:
        port = int(url.removeprefix("http://127.0.0.1:").removesuffix("/b/"))
        async with aiohttp.ClientSession() as session, session.get(f"{url}healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok\n")
        assert asked == [{}]
        with pytest.raises(SettingError) as refused:
            async with serving([], guard, host="127.0.0.1", port=port, complain=print):
                pass
        assert str(refused.value).startswith(f"cannot listen on 127.0.0.1:{port}: error while attempting to bind")
        assert refused.value.example == "--listen 127.0.0.1:0"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{url}healthz")


async def test_a_reader_who_leaves_is_gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream of a reader who leaves ends at once. It waits for no event."""
    stream, ended = sse.stream, asyncio.Event()

    async def streaming(tenant: Tenant, request: web.Request) -> web.StreamResponse:
        try:
            return await stream(tenant, request)
        finally:
            ended.set()

    monkeypatch.setattr(sse, "stream", streaming)
    monkeypatch.setattr(sse, "QUIET", 3600.0)
    tenant = Tenant("", "Acme", interval=10.0)
    source = Source(tenant=tenant, connect=Refusing(ValueError()).connect)
    async with serving([source], Guard(Access(None)), host="127.0.0.1", port=0, complain=print) as url:
        async with aiohttp.ClientSession() as session, session.get(f"{url}api/v1/events") as answer:
            assert await answer.content.readline() == b"retry: 2000\n"
            assert tenant.readers == 1
        async with asyncio.timeout(30):
            await ended.wait()
        assert tenant.readers == 0


async def test_a_source_is_polled_while_the_server_listens() -> None:
    """Each source is polled under its name. Its polling ends with the server."""
    ended = asyncio.Event()

    @asynccontextmanager
    async def connect(count: Any) -> AsyncIterator[Client]:
        try:
            await asyncio.Event().wait()
            yield  # type: ignore[misc]
        finally:
            ended.set()

    tenant = Tenant("acme", "Acme", interval=10.0)
    source = Source(tenant=tenant, connect=connect)
    async with serving([source], Guard(Access(None)), host="127.0.0.1", port=0, complain=print) as url:
        async with aiohttp.ClientSession() as session, session.get(f"{url}t/acme/api/v1/board") as answer:
            board = await answer.json()
        assert board["tenant"] == {"name": "acme", "title": "Acme", "contract": None}
        assert (board["agents"], board["counts"], board["interval"]) == ([], None, 10.0)
        assert not ended.is_set()
    assert ended.is_set()
    assert tenant.ring.closed.is_set()
