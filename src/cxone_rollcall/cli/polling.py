"""Shared by commands that poll."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from cxone_rollcall.cli import signals

if TYPE_CHECKING:
    from cxone_rollcall.live.events import Event, Polled
    from cxone_rollcall.live.poller import Poller


async def events_until(stopped: asyncio.Event, poller: Poller, count: int | None) -> AsyncGenerator[Event, None]:
    """The events through poll `count`, or until `stopped` is set."""
    from cxone_rollcall.live.events import Polled

    stopping = asyncio.ensure_future(stopped.wait())
    events = poller.events()
    try:
        while True:
            coming = asyncio.ensure_future(anext(events))
            await asyncio.wait((coming, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
                return
            event = coming.result()
            yield event
            if isinstance(event, Polled) and event.poll == count:
                return
    finally:
        stopping.cancel()
        await events.aclose()


def exit_code(last: Polled | None, poller: Poller) -> int:
    """0 if the last poll was whole, else the code of `check`. 130 if no poll has ended."""
    from cxone_rollcall.findings.account import EXIT_CODES, Verdict

    if last is None:
        return signals.INTERRUPTED
    if last.ok:
        return 0
    code = poller.account.exit_code if poller.account is not None else 0
    return code or EXIT_CODES[Verdict.CANNOT_TELL]
