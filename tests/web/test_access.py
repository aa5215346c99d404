"""Who may look, and what every answer carries."""

from __future__ import annotations

import pytest
from tests.web.serving import Served, served

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.web.auth import COOKIE, SESSION, Access, is_loopback, same_origin

TOKEN = "correct-horse-battery"
PRIVATE = ("/", "/wall", "/api/v1/board", "/api/v1/events", "/metrics")


def guarded() -> Access:
    """Access with a token."""
    return Access(Secret(TOKEN), names=["board.example.com"])


async def log_in(here: Served, token: str, **headers: str) -> tuple[int, str, str]:
    """Send the form. Returns status, place and cookie."""
    origin = here.url.removesuffix("/board")
    async with here.session.post(
        f"{here.url}/login", data={"token": token}, headers={"Origin": origin, **headers}, allow_redirects=False
    ) as answer:
        return answer.status, answer.headers.get("Location", ""), answer.headers.get("Set-Cookie", "")


async def test_loopback_needs_no_password() -> None:
    """Without a token everybody on this machine may look."""
    async with served(5) as here:
        await here.poll()
        for path in ("/", "/wall", "/api/v1/board", "/metrics", "/healthz", "/readyz"):
            assert (await here.text(path))[0] == 200


@pytest.mark.parametrize("path", PRIVATE)
async def test_a_token_is_needed(path: str) -> None:
    """A guarded server gives nothing private without the right token. A wrong one and a foreign cookie are refused."""
    async with served(5, access=guarded()) as here:
        await here.poll()
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"{COOKIE}=9999999999.00"}):
            status, text = await here.text(path, **headers)
            assert status == 401
            assert "correct" not in text
        if path != "/api/v1/events":
            assert (await here.text(path, Authorization=f"Bearer {TOKEN}"))[0] == 200
        assert (await here.text("/healthz"))[0] == 200


async def test_a_browser_logs_in() -> None:
    """A browser without a session is sent to the form.

    The token gives it a cookie that scripts cannot read, and sends it to the board.
    """
    async with served(5, access=guarded(), base_path="/board") as here:
        async with here.session.get(
            f"{here.url}/wall?a=1", headers={"Accept": "text/html"}, allow_redirects=False
        ) as sent:
            assert (sent.status, sent.headers["Location"]) == (303, "/board/login?next=%2Fboard%2Fwall%3Fa%3D1")
        status, _, cookie = await log_in(here, "wrong")
        assert (status, cookie) == (401, "")
        status, onward, cookie = await log_in(here, TOKEN)
        assert (status, onward) == (303, "/board/")
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/board/"))
        assert TOKEN not in cookie
        assert (await here.text("/", Cookie=cookie.partition(";")[0]))[0] == 200


@pytest.mark.parametrize("base_path", ["", "/board"])
@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example"])
async def test_a_login_leads_nowhere_else(onward: str, base_path: str) -> None:
    """After the login a browser stays on this server."""
    async with (
        served(5, access=guarded(), base_path=base_path) as here,
        here.session.post(
            f"{here.url}/login",
            params={"next": onward},
            data={"token": TOKEN},
            headers={"Origin": here.url.removesuffix("/board")},
            allow_redirects=False,
        ) as answer,
    ):
        assert answer.headers["Location"] == f"{base_path}/"


@pytest.mark.parametrize(
    ("base_path", "onward", "leads_to"),
    [
        ("", "/wall?a=%20b", "/wall?a=%20b"),
        ("/board", "/board/wall", "/board/wall"),
        ("/board", "/elsewhere", "/board/"),
    ],
)
async def test_a_login_leads_to_the_page_that_was_asked_for(base_path: str, onward: str, leads_to: str) -> None:
    """A login leads to the page that was asked for."""
    async with (
        served(5, access=guarded(), base_path=base_path) as here,
        here.session.post(
            f"{here.url}/login",
            params={"next": onward},
            data={"token": TOKEN},
            headers={"Origin": here.url.removesuffix("/board")},
            allow_redirects=False,
        ) as answer,
    ):
        assert answer.headers["Location"] == leads_to


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "", "10.0.0.5"])
async def test_a_foreign_host_is_refused(host: str) -> None:
    """A host name that is not ours gets nothing (DNS rebinding)."""
    async with served(5) as here:
        await here.poll()
        assert (await here.text("/api/v1/board", Host=host))[0] == 421
        assert (await here.text("/api/v1/board", Host="localhost:1"))[0] == 200


async def test_writes_come_from_our_own_page() -> None:
    """A write is refused unless it comes from our own page."""
    async with served(5) as here:
        path = f"{here.url}/api/v1/alerts/x/acknowledge"
        for headers, status in (
            ({"Origin": "https://evil.example"}, 403),
            ({}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": here.url}, 404),
        ):
            async with here.session.post(path, json={"by": "me"}, headers=headers) as answer:
                assert answer.status == status


async def test_forwarded_headers_count_only_from_a_named_proxy() -> None:
    """X-Forwarded-Host is believed from a trusted proxy, and from nobody else."""
    for proxies, status in (((), 421), (("127.0.0.1",), 200)):
        async with served(5, proxies=proxies) as here:
            await here.poll()
            headers = {"Host": "evil.example", "X-Forwarded-Host": "localhost"}
            assert (await here.text("/api/v1/board", **headers))[0] == status


async def test_every_answer_has_the_policy() -> None:
    """Every answer forbids foreign scripts, frames and guesses about its type.

    This holds for pages, errors and data.
    """
    async with served(5) as here:
        for path in ("/", "/wall", "/static/base.css", "/static/desk.js", "/api/v1/board", "/nowhere", "/login"):
            async with here.session.get(here.url + path) as answer:
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert "unsafe" not in answer.headers["Content-Security-Policy"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["..%2fserver.py", "desk.html", "%2e%2e/auth.py", "nothing.js", "x\x00.js"])
async def test_only_static_files_are_given(name: str) -> None:
    """No other file of the package is served."""
    async with served(5) as here:
        assert (await here.text(f"/static/{name}"))[0] == 404


def test_a_session_ends() -> None:
    """A cookie is valid for its time only. It needs the token that made it."""
    now = [1000.0]
    access = Access(Secret(TOKEN), clock=lambda: now[0])
    cookie = access.new_session()
    assert access.takes_session(cookie)
    assert not Access(Secret(TOKEN + "2"), clock=lambda: now[0]).takes_session(cookie)
    later = f"{int(cookie.partition('.')[0]) + 1}.{cookie.partition('.')[2]}"
    assert not access.takes_session(later)
    now[0] += SESSION
    assert not access.takes_session(cookie)


def test_loopback_is_this_machine() -> None:
    """Loopback addresses and localhost are this machine. Other names and addresses are not."""
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost")))
    assert not any(map(is_loopback, ("192.0.2.1", "::", "10.0.0.1", "localhost.example", "")))
    assert same_origin({"Sec-Fetch-Site": "same-origin"}, "http://localhost")
    assert not same_origin({"Sec-Fetch-Site": "same-site"}, "http://localhost")


async def test_anonymous_boards_have_no_names() -> None:
    """With --anonymous no name, user name or e-mail address leaves the server."""
    async with served(40) as open_, served(40, anonymous=True) as here:
        await open_.poll()
        await here.poll()
        for _ in range(3):
            here.watching.world.emulator.advance(3600)
            await here.poll()
        _, text = await here.text("/api/v1/board")
        board = await here.board()
        assert [agent["agent_id"] for agent in board["agents"]]
        assert all(len(word) == 2 for agent in board["agents"] for word in agent["name"].split())
        for agent in (await open_.board())["agents"]:
            assert agent["user_name"] not in text
            assert agent["name"] not in text
