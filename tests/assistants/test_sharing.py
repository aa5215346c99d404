"""How seldom the tenant is asked. The clock is the test's."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress

import pytest
from tests.assistants.asking import asking

from cxone_rollcall.assistants.problem import NotAnswered
from cxone_rollcall.assistants.sharing import KEPT, MOST_INQUIRIES, Inquiries, Shared
from cxone_rollcall.assistants.tenant import AskedTenant
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.testing import emulated


class Source:
    """Counts how often it is asked. It answers when the test lets it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.error: Exception | None = None

    def clock(self) -> float:
        """The time in seconds."""
        return self.now

    async def fetch(self) -> int:
        """How often it was asked."""
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return number

    async def of(self, text: str) -> str:
        """The answer about a text."""
        self.asked += 1
        return text


async def test_who_asks_at_once_shares_an_answer() -> None:
    """Concurrent readers share one fetch."""
    source = Source()
    shared = Shared(source.fetch, source.clock)
    readers = [asyncio.ensure_future(shared.get()) for _ in range(5)]
    await asyncio.sleep(0)
    source.may_answer.set()
    assert await asyncio.gather(*readers) == [(1, 0.0)] * 5


async def test_an_answer_is_kept_for_a_minute_and_tells_its_age() -> None:
    """For a minute the same answer comes again, with its age. Then it is fetched anew."""
    source = Source()
    source.may_answer.set()
    shared = Shared(source.fetch, source.clock)
    assert await shared.get() == (1, 0.0)
    source.now = KEPT - 1
    assert await shared.get() == (1, KEPT - 1)
    source.now = KEPT
    assert await shared.get() == (2, 0.0)


async def test_who_stops_waiting_takes_no_answer_from_others() -> None:
    """A cancelled reader cancels nothing. The next one gets the answer."""
    source = Source()
    shared = Shared(source.fetch, source.clock)
    first = asyncio.ensure_future(shared.get())
    await asyncio.sleep(0)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    source.may_answer.set()
    assert await shared.get() == (1, 0.0)


async def test_a_failure_is_kept_too() -> None:
    """What failed is not tried again within the minute."""
    source = Source()
    source.error = ValueError("no")
    source.may_answer.set()
    shared = Shared(source.fetch, source.clock)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            await shared.get()
    assert source.asked == 1


async def test_a_failure_that_nobody_waits_for_is_not_logged() -> None:
    """A reader who stops waiting leaves the fetch, which may fail later."""
    source, told = Source(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    source.error = ValueError("no")
    shared = Shared(source.fetch, source.clock)
    reader = asyncio.ensure_future(shared.get())
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.wait((reader,))
    source.may_answer.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del reader, shared
    gc.collect()
    assert (source.asked, told) == (1, [])


async def test_closing_stops_what_is_under_way() -> None:
    """After `close` nothing is fetched any more."""
    source = Source()
    shared = Shared(source.fetch, source.clock)
    reader = asyncio.ensure_future(shared.get())
    await asyncio.sleep(0)
    await shared.close()
    with pytest.raises(asyncio.CancelledError):
        await reader


async def test_closing_a_tenant_stops_all_that_is_asked() -> None:
    """Closing ends the roll call and each inquiry under way."""
    for asks_for_all in (True, False):
        async with emulated(10, faults=["latency=60000"]) as world:
            tenant = AskedTenant(world.client, "Acme", Groups(), names=False, clock=lambda: 0.0)
            asked = [tenant.inquiries.get("30000000001"), *([tenant.roll_call.get()] if asks_for_all else [])]
            readers = [asyncio.ensure_future(one) for one in asked]
            await asyncio.sleep(0)
            await tenant.close()
            await asyncio.sleep(0)
            assert all(one.cancelled() for one in readers)


async def test_few_agents_are_asked_about_in_a_minute() -> None:
    """The fifth agent in a minute is refused. The first is answered again."""
    source = Source()
    inquiries = Inquiries(source.of, source.clock)
    for number in range(MOST_INQUIRIES):
        source.now = float(number)
        assert await inquiries.get(str(number)) == (str(number), 0.0)
    assert await inquiries.get("0") == ("0", 3.0)
    with pytest.raises(NotAnswered, match="Ask again in 57 seconds"):
        await inquiries.get("another")
    source.now = KEPT - 0.4
    with pytest.raises(NotAnswered, match="Ask again in 1 second;"):
        await inquiries.get("another")
    source.now = KEPT
    assert await inquiries.get("another") == ("another", 0.0)
    assert source.asked == MOST_INQUIRIES + 1


async def test_assistants_cannot_hammer_a_tenant() -> None:
    """All questions in a minute are one roll call."""
    async with asking(agents=20) as assistant:
        answers = await asyncio.gather(*(assistant.ask("check") for _ in range(50)))
        requests = assistant.requests
        assert {one["as_of"] for one in answers} == {answers[0]["as_of"]}
        assistant.now = 42.0
        answer = await assistant.ask("who_is_logged_in", group="available")
        assert (answer["age"], answer["as_of"], assistant.requests) == (42.0, answers[0]["as_of"], requests)
        assistant.now = 60.0
        assert (await assistant.ask("check"))["age"] == 0.0
        assert assistant.requests > requests


async def test_why_missing_is_limited_too() -> None:
    """The fifth agent in a minute sends the tenant no request."""
    async with asking(agents=20) as assistant:
        for number in range(MOST_INQUIRIES):
            await assistant.ask("why_missing", agent=f"3000000000{number + 1}")
        requests = assistant.requests
        message, _ = await assistant.refused("why_missing", agent="30000000009")
        assert "Ask again in 60 seconds" in message
        assert assistant.requests == requests
