"""The states of the agents as they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from cxone_rollcall.client import Client, error_of
from cxone_rollcall.model.failure import Stage, damaged
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.roll.call import call_roll
from cxone_rollcall.roll.ledger import Ledger
from cxone_rollcall.roll.reconcile import entry_of, reconcile
from cxone_rollcall.roll.selection import Selection


async def stream_states(client: Client, selection: Selection | None = None) -> AsyncGenerator[RollEntry, None]:
    """Yield each agent with a state as it arrives, then all others.

    An agent whose entry changes until the end of the run comes again: the last one counts. If the roster could not be
    read whole, RequestFailed is raised after the last entry, because agents are missing then.
    """
    ledger = Ledger()
    arrived: asyncio.Queue[str | None] = asyncio.Queue()
    ledger.watch(arrived.put_nowait)
    calling = asyncio.create_task(call_roll(client, ledger, selection or Selection()))
    calling.add_done_callback(lambda _: arrived.put_nowait(None))
    yielded: dict[str, RollEntry] = {}
    try:
        while (agent_id := await arrived.get()) is not None:
            if agent_id in ledger.agents:
                yielded[agent_id] = entry_of(ledger, agent_id)
                yield yielded[agent_id]
        await calling
    finally:
        calling.cancel()
    roll = reconcile(ledger)
    for entry in roll.entries:
        if yielded.get(entry.agent.agent_id) != entry:
            yield entry
    if not roll.roster_complete:
        exchange = ledger.roster.exchange if ledger.roster else 0
        failures = [*ledger.failures, damaged(Stage.ROSTER, "the roster", exchange, "it is not complete")]
        raise error_of(failures[0])
