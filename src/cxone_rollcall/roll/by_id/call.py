"""Calling the roll where the contract takes ids: states are asked in batches while the roster still streams."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.roll.by_id.batches import Asking
from cxone_rollcall.roll.by_id.canary import settle
from cxone_rollcall.roll.by_id.truncation import show_uncut
from cxone_rollcall.roll.reconcile import roster_is_complete
from cxone_rollcall.roll.roster import RosterReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cxone_rollcall.client import Client
    from cxone_rollcall.roll.ledger import Ledger
    from cxone_rollcall.roll.selection import Choice, Selection

BATCHES_WAITING = 64
"""How many batches may be under way or waiting for their turn before the roster is read on: it bounds the memory."""


async def call_by_id(
    client: Client, ledger: Ledger, selection: Selection, choice: Choice, *, progress: Callable[[], None]
) -> None:
    """Read the roster, ask the states of each page as it comes, and settle what the answers leave open."""
    asking = Asking(client, ledger, state=selection.state, progress=progress)
    settled = False
    try:
        async with asyncio.TaskGroup() as tasks:
            batches = _Batches(asking, tasks)

            async def call_page(agents: tuple[Agent, ...]) -> None:
                chosen = choice.choose(agents)
                ledger.call(*chosen, selection=selection)
                await batches.add([agent.agent_id for agent in chosen])
                progress()

            reader = RosterReader(client, ledger, call_page)
            await reader.read()
            for agent_id in reader.withdrawn():
                ledger.withdraw(agent_id)
            strangers = choice.unknown()
            ledger.call(*map(Agent, strangers), selection=selection)  # the roster does not know them; the states may
            await batches.add(strangers)
            await batches.ask_the_rest()
        await settle(asking, choice.bystanders)
        if not roster_is_complete(ledger):
            ledger.doubt(strangers)  # somebody of that name may be on a page that was not read, under an id
        settled = True
    finally:
        asking.report(settled=settled)


class _Batches:
    """Fills batches with ids and asks each full one, so many at a time that a long roster takes little memory."""

    def __init__(self, asking: Asking, tasks: asyncio.TaskGroup) -> None:
        self._asking = asking
        self._tasks = tasks
        self._waiting: list[str] = []
        self._room = asyncio.Semaphore(BATCHES_WAITING)
        self._all_under_way = False

    async def add(self, agent_ids: Iterable[str]) -> None:
        self._waiting += agent_ids
        while len(self._waiting) >= self._asking.size:
            await self._ask_one()

    async def ask_the_rest(self) -> None:
        self._waiting = [agent_id for agent_id in self._waiting if agent_id in self._asking.ledger.agents]
        while self._waiting:
            await self._ask_one()
        self._all_under_way = True
        await show_uncut(self._asking)

    async def _ask_one(self) -> None:
        size = self._asking.size
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        await self._room.acquire()
        task = self._tasks.create_task(self._ask(batch))
        task.add_done_callback(lambda _: self._room.release())

    async def _ask(self, batch: list[str]) -> None:
        await self._asking.ask(batch)
        if self._all_under_way:
            await show_uncut(self._asking)
