"""Messages that are tried again, and the addresses that take them."""

from __future__ import annotations

import asyncio
import base64

import pytest
from aiohttp import web
from tests.alerts.receiver import receiving
from tests.alerts.test_senders import Waits, emptied, failing, sender

from cxone_rollcall.alerts.outbox import BACKOFF, LONGEST_PAUSE, MOST_LOST, MOST_TRIES, MOST_WAITING, Message, Outbox
from cxone_rollcall.alerts.rules import Place
from cxone_rollcall.alerts.secrets import address_of, key_bytes
from cxone_rollcall.alerts.senders import NotSent
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.version import __version__


async def test_pauses_grow_and_end() -> None:
    """Each pause is that of the table, the last one repeated. After the last try the message is given up."""
    waits = Waits()
    outbox = Outbox({"desk": failing(NotSent("HTTP 500"))}, wait=waits.wait)
    outbox.put("msg_1", b"{}", ["desk"])
    await emptied(outbox)
    usual = [*BACKOFF, *[BACKOFF[-1]] * (MOST_TRIES - 1 - len(BACKOFF))]
    assert len(waits.pauses) == len(usual) == MOST_TRIES - 1
    assert all(0.8 * one <= pause <= 1.2 * one for one, pause in zip(usual, waits.pauses, strict=True))
    assert outbox.undelivered == (Message("desk", "msg_1", b"{}", MOST_TRIES, "HTTP 500", given_up=True),)


@pytest.mark.parametrize(
    ("after", "least", "most"), [(1.0, 1.6, 2.4), (7.0, 7.0, 7.0), (1e9, LONGEST_PAUSE, LONGEST_PAUSE)]
)
async def test_the_longer_pause_counts(after: float, least: float, most: float) -> None:
    """The longer one of our own pause and the receiver's. An hour is the longest."""
    waits = Waits()
    outbox = Outbox({"desk": failing(NotSent("HTTP 503", after=after))}, wait=waits.wait)
    outbox.put("msg_1", b"{}", ["desk"])
    await emptied(outbox)
    assert least <= waits.pauses[0] <= most


async def test_what_was_kept_goes_on() -> None:
    """Messages go on with their tries. Those of a place that is gone, or given up before, are shown."""
    outbox = Outbox({"desk": failing(NotSent("HTTP 500"))}, wait=Waits().wait)
    kept = [
        Message("desk", "1", b"a", 3, "HTTP 500"),
        Message("gone", "2", b"b"),
        Message("desk", "3", b"c", 40, "HTTP 404", given_up=True),
    ]
    values = [
        {
            "place": m.place,
            "id": m.id,
            "body": base64.b64encode(m.body).decode(),
            "tries": m.tries,
            "why": m.why,
            "given_up": m.given_up,
        }
        for m in kept
    ]
    nothing_waits = asyncio.ensure_future(outbox.emptied())
    await asyncio.sleep(0)
    assert nothing_waits.done()
    outbox.restore(values)
    gone = Message("gone", "2", b"b", 0, "its place is no longer in the file", given_up=True)
    assert outbox.undelivered == (gone, kept[2], kept[0])
    outbox.put("1", b"again", ["desk"])
    assert [one["id"] for one in outbox.snapshot()] == ["2", "3", "1"]
    await emptied(outbox)
    assert [(one.id, one.tries) for one in outbox.undelivered] == [("2", 0), ("3", 40), ("1", MOST_TRIES)]


def test_what_an_outbox_keeps_is_bounded() -> None:
    """The last hundred lost messages are shown. The last two thousand ids are known. The first may be under way."""
    outbox = Outbox({"desk": failing(NotSent("HTTP 500")), "chat": failing(NotSent("HTTP 500"))})
    for number in range(2 * MOST_WAITING + 1):
        outbox.put(str(number), b"", ["desk", "nowhere"])
    lost = outbox.undelivered
    assert [one.id for one in lost] == [str(one) for one in range(MOST_WAITING + 2 - MOST_LOST, MOST_WAITING + 2)]
    assert outbox.snapshot()[MOST_LOST]["id"] == "0"
    waiting = len(outbox.snapshot())
    outbox.put("1", b"", ["chat"])
    assert len(outbox.snapshot()) == waiting
    outbox.put("0", b"", ["chat"])
    assert len(outbox.snapshot()) == waiting + 1


async def test_a_message_under_way_is_not_given_up() -> None:
    """The oldest waiting message is given up, never the one being sent. Each other is sent once."""
    sent: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(message_id: str, body: bytes) -> None:
        begun.set()
        await go_on.wait()
        sent.append(message_id)

    outbox = Outbox({"desk": slow})
    outbox.put("0", b"", ["desk"])
    running = asyncio.create_task(outbox.run())
    await begun.wait()
    for number in range(1, MOST_WAITING + 2):
        outbox.put(str(number), b"", ["desk"])
    lost = [(one.id, one.why) for one in outbox.undelivered if one.given_up]
    assert lost == [(number, "too many messages wait") for number in ("1", "2")]
    go_on.set()
    await outbox.emptied()
    running.cancel()
    assert sent == ["0", *(str(number) for number in range(3, MOST_WAITING + 2))]


async def test_only_2xx_is_taken() -> None:
    """Each 2xx takes a message. What names no seconds to wait asks for none."""
    async with receiving() as receiver:
        receiver.answers = [web.Response(status=status) for status in (200, 202, 299)]
        for _ in range(3):
            await sender(receiver.url)("msg_1", b"{}")
        headers = dict(receiver.got[0][0])
        assert headers["user-agent"] == f"rollcall/{__version__}"
        for status, after, seconds, words in (
            (300, "7", 0.0, "HTTP 300: it redirects elsewhere, which is not followed"),
            (399, "7", 0.0, "HTTP 399: it redirects elsewhere, which is not followed"),
            (400, "7", 7.0, "HTTP 400"),
            (503, "Wed, 21 Oct 2026 07:28:00 GMT", 0.0, "HTTP 503"),
            (503, "-1", 0.0, "HTTP 503"),
            (503, "٣", 0.0, "HTTP 503"),
        ):
            receiver.answers = [web.Response(status=status, headers={"Retry-After": after})]
            with pytest.raises(NotSent) as raised:
                await sender(receiver.url)("msg_1", b"{}")
            assert (str(raised.value), raised.value.after) == (words, seconds)


@pytest.mark.parametrize(("size", "usable"), [(23, False), (24, True), (64, True), (65, False)])
def test_the_sizes_of_keys(size: int, *, usable: bool) -> None:
    """A key has 24 to 64 bytes, with its prefix or without."""
    place, made = Place(name="desk", url="U", secret="K"), base64.b64encode(bytes(range(size))).decode()
    for text in (made, f"whsec_{made}"):
        if usable:
            assert key_bytes(Secret(text), place) == bytes(range(size))
        else:
            with pytest.raises(
                SettingError, match=r"the secret of desk \(K\) must be base64 of 24 to 64 bytes"
            ) as refusal:
                key_bytes(Secret(text), place)
            assert refusal.value.example == 'export K="whsec_$(openssl rand -base64 32)"'


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://hooks.example/x", ""),
        (" https://hooks.example:8443/x?y=z ", ""),
        ("http://127.0.0.1:8080/x", ""),
        ("http://localhost/x", ""),
        ("https://hooks.example:0/x", "must be like https://host/path"),
        ("https://hooks.example/x y", "must be like https://host/path"),
        ("https://hooks.example/\x07", "must be like https://host/path"),
        ("https:///x", "must be like https://host/path"),
        ("https://me@hooks.example/x", "must be like https://host/path"),
        ("https://:pass@hooks.example/x", "must be like https://host/path"),
        ("http://127.0.0.1.example/x", "must begin with https: messages name people"),
    ],
)
def test_the_addresses_of_webhooks(url: str, words: str) -> None:
    """Messages name people: only HTTPS is taken, or this machine."""
    place = Place(name="desk", url="DESK_URL")
    if words:
        with pytest.raises(SettingError, match=words):
            address_of(place, {"DESK_URL": url})
    else:
        address = address_of(place, {"DESK_URL": url})
        assert (address.place, address.url.reveal(), address.key) == (place, url.strip(), None)
