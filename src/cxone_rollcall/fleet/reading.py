"""Reads the history of a zone in order, each record once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet.engine import Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.records import NewerSchema, Record, decode_record

if TYPE_CHECKING:
    from nats.aio.msg import Msg

LOOK = 1.0
"""Seconds until it looks although nothing was announced."""
PAUSE = 0.25
"""Seconds until the next try if the engine does not answer."""


def record_of(stored: Stored) -> Record:
    """The record in a message of the history.

    EngineError if it is no record, or if a newer version wrote it.
    """
    try:
        return decode_record(stored.data)
    except (NewerSchema, ValueError) as error:
        why = "a newer rollcall wrote it: update this one" if isinstance(error, NewerSchema) else "it is none of ours"
        tenant = stored.subject.rpartition(".")[2]
        raise EngineError(f"record {stored.sequence} of {tenant} cannot be read: {why}", exit_code=2) from None


async def follow(engine: Engine, zone: str, tenant: str | None, start: int) -> AsyncIterator[list[Stored]]:
    """The records from a sequence on, as they come. Some at once, never none.

    A replica that is behind has a part of the records, and no others. The engine's republished messages only say that
    there is something to read.
    """
    stream, one = streams_of(zone)[1], tenant or "*"
    bell = asyncio.Event()

    async def ring(_: Msg) -> None:
        bell.set()

    end = await engine.listen(f"live.{zone}.{one}", ring)
    try:
        while True:
            bell.clear()
            try:
                found = await engine.read(stream, f"hist.{zone}.{one}", start)
            except Refused:
                await asyncio.sleep(PAUSE)
                continue
            if found:
                start = found[-1].sequence + 1
                yield found
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await bell.wait()
    finally:
        await end()
