"""What the browser and the user are told, as a whole."""

from __future__ import annotations

import asyncio
import errno

import pytest
from tests.login.played import TENANT, PlayedClient, arrive
from tests.login.test_callback_server import ATTEMPT, listening

from cxone_rollcall.errors import SettingError
from cxone_rollcall.login.attempt import LoginTimedOut
from cxone_rollcall.login.callback_server import Listener
from cxone_rollcall.login.flow import log_in
from cxone_rollcall.login.page import page

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Server": "rollcall-login",
}
ANSWERS = [
    ("callback", "code=x&state=theirs", 400, "This response belongs to another login"),
    ("callback", "code=x&state=our-state", 200, "rollcall received the response"),
    ("callback", "code=x&state=our-state", 410, "This login is finished"),
    ("start/once", "", 302, ""),
    ("start/once", "", 410, "This address was used already"),
]


async def test_each_answer_is_private_and_ends_its_connection() -> None:
    """No answer is cached, framed, or names its address to others."""
    async with listening("once") as (listener, browser, root):
        listener.lead_to(TENANT)
        for path, query, status, title in ANSWERS:
            async with browser.get(f"{root}/{path}?{query}", allow_redirects=False) as answer:
                text = await answer.text()
                assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
                assert (answer.status, answer.headers.get("Location")) == (status, TENANT if status == 302 else None)
                assert (f"<title>{title}</title>" in text, f"<h1>{title}</h1>" in text) == (bool(title), bool(title))
                assert "our-state" not in text
                if title:
                    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
                    assert answer.headers["Connection"] == "close"


async def test_a_start_address_leads_nowhere_before_it_is_known() -> None:
    """The start address is closed until it leads somewhere."""
    async with listening("once") as (listener, browser, root):
        async with browser.get(f"{root}/start/once", allow_redirects=False) as answer:
            assert answer.status == 410
        assert listener.lead_to(TENANT) == f"{root}/start/once"


def test_titles_and_texts_are_no_markup() -> None:
    """Title and text of a page are escaped."""
    written = page("<a>&\"'", "<b>{title}")
    assert written.count("&lt;a&gt;&amp;&quot;&#x27;") == 2
    assert written.count("&lt;b&gt;{title}") == 1
    assert "<a>" not in written
    assert "<b>" not in written


OPENS = (
    "The browser opens the tenant's sign-in; rollcall waits for at most 20 s."
    "\nNo browser? Press Ctrl-C and type: rollcall auth login --no-browser"
)


async def said_of(*, opens: bool | None, pastes: bool) -> tuple[list[str], PlayedClient]:
    """Return what a user is told during a login, and the client."""
    client = PlayedClient()
    said: list[str] = []
    opened: list[str] = []

    def browser(address: str) -> bool:
        opened.append(address)
        return bool(opens)

    login = asyncio.create_task(
        log_in(
            client,
            ATTEMPT,
            open_browser=None if opens is None else browser,
            paste=(lambda: "good-code\n") if pastes else None,
            announce=said.append,
            port=0,
            timeout=20,
        )
    )
    if not pastes:
        await arrive(client, "code=good-code&state=our-state")
    assert (await login).access_token.reveal() == "access"
    assert len(opened) == (opens is not None)
    return said, client


async def test_what_is_said_if_a_browser_opens() -> None:
    """If a browser opens, the user learns how long it may take."""
    said, _ = await said_of(opens=True, pastes=False)
    assert said == [OPENS]


async def test_what_is_said_without_a_browser() -> None:
    """Without a browser, the user learns the address and what to paste."""
    said, client = await said_of(opens=None, pastes=True)
    address = client.asked["redirect_uri"]
    assert said[0].startswith(f"Open this address in a browser and sign in:\n\n{TENANT}?")
    assert said[1:] == [
        "A browser on this machine returns automatically. On another machine it ends at an address that it"
        f"\ncannot open ({address}?...): paste that address, or its code, here."
    ]
    said, _ = await said_of(opens=False, pastes=True)
    assert said[:2] == [OPENS, "No browser could be opened here."]
    assert len(said) == 4


async def test_a_login_without_any_callback() -> None:
    """A timeout without a callback names the seconds, and nothing else."""
    with pytest.raises(LoginTimedOut) as late:
        await log_in(
            PlayedClient(), ATTEMPT, open_browser=None, paste=None, announce=lambda _: None, port=0, timeout=0.05
        )
    assert str(late.value) == "the browser did not call back within 0.05 s"


@pytest.mark.parametrize(
    ("number", "port", "message", "example"),
    [
        (errno.EACCES, 80, "this user may not use port 80", "rollcall auth login --port 81"),
        (errno.EPERM, 65535, "this user may not use port 65535", "rollcall auth login --port 8765"),
        (errno.EADDRNOTAVAIL, 9, "port 9 of 127.0.0.1 cannot be used: of no use", "rollcall auth login --port 10"),
    ],
)
async def test_a_port_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, number: int, port: int, message: str, example: str
) -> None:
    """Why a port cannot be used is named, with another port."""

    async def refuse(_site: object) -> None:
        raise OSError(number, "of no use")

    monkeypatch.setattr("aiohttp.web.TCPSite.start", refuse)
    with pytest.raises(SettingError) as refused:
        async with Listener(ATTEMPT, port, start="at-random"):
            pass
    assert (str(refused.value), refused.value.example) == (message, example)
