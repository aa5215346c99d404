"""Who may ask: hosts, tokens, sessions, writes."""

from __future__ import annotations

from tests.support.many_values import together

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.web.auth import SESSION, Access, is_loopback, same_origin

TOKEN = "correct-horse-battery"
OPEN, GUARDED = Access(None, names=["Board.example"]), Access(Secret(TOKEN), names=["Board.example"])


@together(
    "host",
    {
        "our name": ("board.EXAMPLE", True, True),
        "our name with a port": ("board.example:8080", True, True),
        "our name with the root's dot": ("board.example.:80", True, True),
        "localhost": ("LocalHost:1", True, True),
        "a name below ours": ("x.board.example", False, False),
        "a name that begins like ours": ("board.example.evil", False, False),
        "loopback": ("127.0.0.1:80", True, True),
        "loopback of IPv6": ("[::1]:80", True, True),
        "another address": ("192.0.2.1:80", False, True),
        "another address of IPv6": ("[2001:db8::1]", False, True),
        "nothing": ("", False, False),
        "a port alone": (":80", False, False),
        "a user of another host": ("board.example:80@evil.example", False, False),
        "two hosts": ("127.0.0.1:80, evil.example", False, False),
        "text after an address": ("[::1]evil.example", False, False),
        "a number": ("2130706433", False, False),
    },
)
def test_a_host_is_ours_or_not(host: tuple[str, bool, bool]) -> None:
    """Only names that are ours are answered. An address other than loopback needs a token."""
    header, open_, guarded = host
    assert (OPEN.knows_host(header), GUARDED.knows_host(header)) == (open_, guarded)


@together(
    "header",
    {
        "right": (f"Bearer {TOKEN}", True),
        "any letter case": (f"bEARER {TOKEN}", True),
        "blanks": (f"Bearer   {TOKEN} ", True),
        "another scheme": (f"Basic {TOKEN}", False),
        "no scheme": (TOKEN, False),
        "another token": (f"Bearer {TOKEN}x", False),
        "a part of the token": (f"Bearer {TOKEN[:-1]}", False),
        "another letter case of the token": (f"Bearer {TOKEN.upper()}", False),
        "nothing": ("", False),
        "a lone surrogate": ("Bearer \ud800", False),
    },
)
def test_a_bearer_has_the_token_or_not(header: tuple[str, bool]) -> None:
    """The token must be whole. Without a token of ours none is right."""
    text, right = header
    assert GUARDED.takes_bearer(text) is right
    assert OPEN.takes_bearer(text) is OPEN.takes_token(TOKEN) is OPEN.takes_token("") is False
    assert (OPEN.needs_token, GUARDED.needs_token) == (False, True)


def test_a_session_lasts_30_days() -> None:
    """A cookie is valid up to its last second. One that was changed is not."""
    now = [1_000.9]
    access = Access(Secret(TOKEN), clock=lambda: now[0])
    cookie = access.new_session()
    expiry, _, seal = cookie.partition(".")
    assert int(expiry) == 1_000 + SESSION == 1_000 + 30 * 24 * 3600
    assert TOKEN not in cookie
    now[0] = int(expiry) - 0.01
    assert access.takes_session(cookie)
    for wrong in (
        "",
        expiry,
        f"{expiry}.",
        f".{seal}",
        f"{expiry}.{seal[:-1]}",
        f"{int(expiry) + 1}.{seal}",
        f" {cookie}",
    ):
        assert not access.takes_session(wrong)
    assert not access.takes_session(f"{'9' * 16}.{seal}")
    assert not access.takes_session(f"{'9' * 5_000}.{seal}")
    assert not access.takes_session(f"\u0664{expiry[1:]}.{seal}")
    now[0] = float(expiry)
    assert not access.takes_session(cookie)


@together(
    "write",
    {
        "our origin": ({"Origin": "HTTP://localhost:80"}, True),
        "our origin, whatever the fetch says": (
            {"Origin": "http://localhost:80", "Sec-Fetch-Site": "cross-site"},
            True,
        ),
        "another port": ({"Origin": "http://localhost:81"}, False),
        "another scheme": ({"Origin": "https://localhost:80"}, False),
        "no origin to tell": ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, False),
        "an empty origin": ({"Origin": "", "Sec-Fetch-Site": "same-origin"}, False),
        "a fetch of ours": ({"Sec-Fetch-Site": "same-origin"}, True),
        "a fetch of a neighbour": ({"Sec-Fetch-Site": "same-site"}, False),
        "a fetch by hand": ({"Sec-Fetch-Site": "none"}, False),
        "nothing": ({}, False),
    },
)
def test_a_write_comes_from_our_page_or_not(write: tuple[dict[str, str], bool]) -> None:
    """The origin decides. Without one a browser must say that the page is ours."""
    headers, ours = write
    assert same_origin(headers, "http://localhost:80") is ours


def test_only_this_machine_is_loopback() -> None:
    """Names other than localhost are not, whatever they begin with."""
    assert [
        is_loopback(one) for one in ("127.0.0.1", "[::1]", "LOCALHOST", "10.0.0.1", "localhost.", "127.0.0.1.x")
    ] == [*(True, True, True, False, False, False)]
