"""Messages over a real socket: signed, retried, never sent elsewhere."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Awaitable, Callable
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from tests.alerts.receiver import receiving

from cxone_rollcall.alerts.outbox import MOST_TRIES, Outbox
from cxone_rollcall.alerts.rules import Place
from cxone_rollcall.alerts.secrets import Address, address_of
from cxone_rollcall.alerts.senders import AT_ONCE, NotSent, Send, few_at_once, sender_of, signature
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.shell import pip_install

KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
DESK = Place(name="desk", url="DESK_URL", secret="DESK_KEY")


def sender(url: str, *, timeout: float = 10.0, key: str = KEY) -> Send:
    """A sender to a URL, whose clock stands at 1700000000."""
    place = Place(name="desk", url="DESK_URL", secret="DESK_KEY", timeout=timeout)
    return sender_of(address_of(place, {"DESK_URL": url, "DESK_KEY": key}), lambda: 1_700_000_000.9)


def test_the_signature_of_the_specification() -> None:
    """The example of the Standard Webhooks specification has its signature."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_webhook_is_signed() -> None:
    """Id, time and body are signed, so a receiver can check them."""
    async with receiving() as receiver:
        await sender(receiver.url)("msg_1", b'{"a": 1}')
        ((headers, body),) = receiver.got
    assert body == b'{"a": 1}'
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1700000000")
    signed = hmac.digest(bytes(range(32)), b"msg_1.1700000000." + body, hashlib.sha256)
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
    assert headers["content-type"] == "application/json"


async def test_a_place_is_sent_few_messages_at_once() -> None:
    """The others wait for their turn, and are sent."""
    under_way, most, sent = 0, 0, []

    async def send(message_id: str, body: bytes) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        sent.append(message_id)

    sending = few_at_once(send)
    await asyncio.gather(*(sending(str(one), b"") for one in range(3 * AT_ONCE)))
    assert (most, len(sent)) == (AT_ONCE, 3 * AT_ONCE)


async def test_another_status_is_a_failure() -> None:
    """Only 2xx takes a message. The reason has the status, and no address. Retry-After counts in seconds."""
    async with receiving() as receiver:
        receiver.answers = [web.Response(status=status) for status in (200, 201, 202, 204, 299)]
        for _ in range(5):
            await sender(receiver.url)("msg_1", b"{}")
        for status in (400, 401, 404, 410, 429, 500, 503, 599):
            for after, seconds in (("7", 7.0), ("", 0.0), ("-7", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0)):
                receiver.answers = [web.Response(status=status, headers={"Retry-After": after}, text="T0P-SECRET-PATH")]
                with pytest.raises(NotSent) as raised:
                    await sender(receiver.url)("msg_1", b"{}")
                assert (str(raised.value), raised.value.after) == (f"HTTP {status}", seconds)


async def test_a_redirect_is_not_followed() -> None:
    """Neither another host nor another path is asked."""
    async with receiving() as receiver, receiving() as other:
        for status in (300, 301, 302, 303, 307, 308, 399):
            for target in (other.url, "/elsewhere"):
                receiver.answers = [web.Response(status=status, headers={"Location": target})]
                with pytest.raises(NotSent, match="redirects elsewhere"):
                    await sender(receiver.url)("msg_1", b"{}")
        assert other.got == []
        assert len(receiver.got) == 14


async def test_messages_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names it, and the hosts that need none. This machine is never asked for by a proxy."""
    address = Address(Place(name="desk", url="DESK_URL"), Secret("http://desk.example/x"), None)
    async with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("http_proxy", proxy.url)
        await sender_of(address, lambda: 0.0)("msg_1", b"{}")
        await sender(receiver.url)("msg_2", b"{}")
    assert [(one["host"], one["webhook-id"]) for one, _ in proxy.got] == [("desk.example", "msg_1")]
    assert [one["webhook-id"] for one, _ in receiver.got] == ["msg_2"]


async def test_a_receiver_that_hangs() -> None:
    """A receiver that never answers costs the timeout. One that is not there is not reached."""
    async with receiving() as receiver:
        receiver.answers = [None]
        with pytest.raises(NotSent, match=r"no answer within 0\.2 s"):
            await sender(receiver.url, timeout=0.2)("msg_1", b"{}")
    with pytest.raises(NotSent) as raised:
        await sender(receiver.url)("msg_1", b"{}")
    assert "SECRET" not in str(raised.value)


class Waits:
    """Pauses that pass at once, and are noted."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def wait(self, seconds: float) -> None:
        """Note a pause."""
        self.pauses.append(seconds)
        await asyncio.sleep(0)


async def emptied(outbox: Outbox) -> None:
    """Let the outbox run until no message waits."""
    running = asyncio.ensure_future(outbox.run())
    await outbox.emptied()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_failure_is_tried_again() -> None:
    """Each try has the same id, and pauses grow. Retry-After is heeded, and later messages keep their order."""
    waits = Waits()
    async with receiving() as receiver:
        receiver.answers = [
            web.Response(status=500),
            web.Response(status=503, headers={"Retry-After": "99"}),
            web.Response(status=302, headers={"Location": "https://elsewhere.example/"}),
        ]
        outbox = Outbox({"desk": sender(receiver.url)}, wait=waits.wait, rng=Random(1))
        outbox.put("msg_1", b'"1"', ["desk"])
        outbox.put("msg_2", b'"2"', ["desk", "unknown"])
        await emptied(outbox)
        assert [headers["webhook-id"] for headers, _ in receiver.got] == ["msg_1"] * 4 + ["msg_2"]
        assert len({body for _, body in receiver.got[:4]}) == 1
    first, second, third = waits.pauses
    assert 1.6 <= first <= 2.4
    assert (second, outbox.undelivered) == (99.0, ())
    assert 12 <= third <= 18


async def test_a_message_is_taken_once() -> None:
    """Each place gets an id once, also after a restart."""
    async with receiving() as receiver:
        outbox = Outbox({"desk": sender(receiver.url)})
        outbox.put("msg_1", b'"1"', ["desk"])
        outbox.put("msg_1", b'"1"', ["desk"])
        again = Outbox({"desk": sender(receiver.url)})
        again.restore(json.loads(json.dumps(outbox.snapshot())))
        again.put("msg_1", b'"1"', ["desk"])
        await emptied(again)
        assert [body for _, body in receiver.got] == [b'"1"']


def failing(error: Exception) -> Callable[[str, bytes], Awaitable[None]]:
    """A sender that always fails."""

    async def send(message_id: str, body: bytes) -> None:
        raise error

    return send


async def test_what_could_not_be_sent_is_shown() -> None:
    """A message that is given up stays visible. A sender's own error ends nothing else."""
    waits = Waits()
    secret = ValueError("https://hooks.example/T0P-SECRET-PATH")
    outbox = Outbox({"desk": failing(NotSent("HTTP 500")), "other": failing(secret)}, wait=waits.wait)
    outbox.put("msg_1", b"{}", ["desk", "other"])
    await emptied(outbox)
    assert all(one.given_up for one in outbox.undelivered)
    shown = {one.place: (one.tries, one.why) for one in outbox.undelivered}
    assert shown["desk"] == (MOST_TRIES, "HTTP 500")
    assert shown["other"][1].startswith("ValueError at ")
    again = Outbox({})
    again.restore(outbox.snapshot())
    assert {one.id for one in again.undelivered} == {"msg_1"}
    with pytest.raises(ValueError, match="damaged"):
        again.restore([{"place": 1}])


MAKE_KEY = 'must be base64 of 24 to 64 bytes: export DESK_KEY="whsec_$(openssl rand -base64 32)"'


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "DESK_URL is not set: export DESK_URL=..."),
        ({"DESK_URL": " "}, "DESK_URL is not set: export DESK_URL=..."),
        ({"DESK_URL": "hooks.example/x"}, "must be like https://host/path: "),
        ({"DESK_URL": "ftp://hooks.example/T0P"}, "must be like https://host/path: "),
        ({"DESK_URL": "https://me:T0P@hooks.example/"}, "must be like https://host/path: "),
        ({"DESK_URL": "https://[T0P/"}, "must be like https://host/path: "),
        ({"DESK_URL": "http://hooks.example/T0P"}, "must begin with https: messages name people: "),
        ({"DESK_URL": "https://hooks.example/T0P"}, "DESK_KEY is not set: export DESK_KEY=..."),
        ({"DESK_URL": "https://hooks.example/T0P", "DESK_KEY": "T0P"}, MAKE_KEY),
        ({"DESK_URL": "https://hooks.example/T0P", "DESK_KEY": "whsec_T0P="}, MAKE_KEY),
        ({"DESK_URL": "https://hooks.example/T0P", "DESK_KEY": f"{KEY}!"}, MAKE_KEY),
    ],
)
def test_an_unusable_address_is_refused(environ: dict[str, str], words: str) -> None:
    """The message names the variable and never its value. A command follows where one helps."""
    with pytest.raises(SettingError) as raised:
        address_of(DESK, environ)
    refusal = f"{raised.value}: {raised.value.example}"
    assert refusal.endswith(words)
    assert "T0P" not in refusal


def test_an_address_hides_its_secrets() -> None:
    """Neither the URL nor the key is shown by an address."""
    address = address_of(DESK, {"DESK_URL": "https://hooks.example/T0P-SECRET", "DESK_KEY": KEY})
    assert "T0P" not in repr(address)
    assert KEY not in repr(address)


def keyring_of(get: Callable[[str, str], str | None]) -> ModuleType:
    """A keyring library with these entries."""
    made: Any = ModuleType("keyring")
    made.get_password = get
    return made  # type: ignore[no-any-return]


def test_secrets_of_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL may stand in the keyring. One that is locked is said to be."""
    place = Place(name="desk", url="DESK", url_in="keyring")
    entries = {("rollcall-alerts", "DESK"): "https://hooks.example/x"}
    monkeypatch.setitem(sys.modules, "keyring", keyring_of(lambda *entry: entries.get(entry)))
    assert address_of(place, {}).url.reveal() == "https://hooks.example/x"
    entries.clear()
    with pytest.raises(SettingError, match="the keyring's entry DESK is not set"):
        address_of(place, {})

    def locked(service: str, name: str) -> str | None:
        raise RuntimeError("T0P")

    monkeypatch.setitem(sys.modules, "keyring", keyring_of(locked))
    with pytest.raises(SettingError, match=r"cannot be used \(RuntimeError\)"):
        address_of(place, {})


class Apprise:
    """The part of the library apprise that is used."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.taken: bool | Exception | None = True

    def add(self, url: str) -> bool:
        """Whether the URL is one of a service."""
        return url.startswith("json://")

    async def async_notify(self, **message: str) -> bool:
        """Take a message. A service that takes None never answers."""
        self.told.append(message)
        if isinstance(self.taken, Exception):
            raise self.taken
        if self.taken is None:
            await asyncio.Event().wait()
        return bool(self.taken)


async def test_apprise_sends_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apprise gets tenant and text. Its failures quote no URL; without the library a command installs it."""
    place = Place(name="chat", kind="apprise", url="CHAT", timeout=0.1)
    monkeypatch.setitem(sys.modules, "apprise", None)
    address = address_of(place, {"CHAT": "json://T0P"})
    with pytest.raises(SettingError, match="not installed") as missing:
        sender_of(address, lambda: 0.0)
    assert missing.value.example == pip_install("apprise")
    service = Apprise()
    monkeypatch.setitem(sys.modules, "apprise", SimpleNamespace(Apprise=lambda: service))
    send = sender_of(address, lambda: 0.0)
    for data in (b'{"data": {"text": "a trial"}}', b'{"data": {"tenant": "acme@eu", "text": "few"}}'):
        await send("msg_1", data)
    assert [one["body"] for one in service.told] == ["a trial", "acme＠eu: few"]
    assert service.told[0] == {"title": "rollcall", "body": "a trial", "body_format": "text"}
    said: tuple[tuple[bool | Exception | None, str], ...] = (
        (None, "no answer within 0.1 s"),
        (False, "the service did not take it"),
        (ValueError("json://T0P"), "apprise failed (ValueError)"),
    )
    for taken, why in said:
        service.taken = taken
        with pytest.raises(NotSent) as raised:
            await send("msg_2", b'{"data": {"text": "few"}}')
        assert str(raised.value) == why
    with pytest.raises(SettingError, match="apprise does not know the URL"):
        sender_of(address_of(place, {"CHAT": "nothing://T0P"}), lambda: 0.0)
