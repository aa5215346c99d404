"""Calls the roll by id (`v2`). States are requested in batches while the roster is still being read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from random import Random
from typing import TYPE_CHECKING

from cxone_rollcall.client import V2Api
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.roll.by_id.batches import StateBatches
from cxone_rollcall.roll.by_id.canary import settle
from cxone_rollcall.roll.by_id.filtered import repeat_filtered
from cxone_rollcall.roll.by_id.truncation import check_truncation_early
from cxone_rollcall.roll.reconcile import roster_is_complete
from cxone_rollcall.roll.roster import Deliver, Roster

if TYPE_CHECKING:
    from cxone_rollcall.roll.ledger import Ledger
    from cxone_rollcall.roll.selection import Choice

BATCHES_WAITING = 64
"""Batches requested or queued before the next roster page: limits memory."""


async def call_by_id(
    api: V2Api,
    ledger: Ledger,
    choice: Choice,
    roster_to: Callable[[Deliver], Roster],
    *,
    state: str | None,
    progress: Callable[[], None],
    rng: Random | None = None,
) -> None:
    """Call the roll on `v2`: each roster page, then its agents' states.

    Roster and states are requested side by side. Afterwards settle what the responses leave open. `state` filters the
    states, `rng` draws the agents of the controls.
    """
    batches = StateBatches(api, ledger, state=state, progress=progress, rng=rng)
    settled = False
    try:
        async with asyncio.TaskGroup() as tasks:
            queue = _Queue(batches, tasks)

            async def call_page(agents: tuple[Agent, ...]) -> None:
                chosen = choice.choose(agents)
                ledger.call(*chosen)
                await queue.add([agent.agent_id for agent in chosen])
                progress()

            reader = roster_to(call_page)
            await reader.read()
            named = reader.settle_names(choice)
            ledger.call_named(named)
            await queue.add(named.ids_to_ask())  # also ids that the roster does not have: the states may
            await queue.ask_the_rest()
        await settle(batches, choice.bystanders)
        await repeat_filtered(batches)
        if not roster_is_complete(ledger):
            # An unread page may have an agent of that name, under another id.
            ledger.mark_unconfirmed(choice.unknown)
        settled = True
    finally:
        batches.report(settled=settled)


class _Queue:
    """Fills batches with ids and requests each full one. A limited number waits, to limit memory."""

    def __init__(self, batches: StateBatches, tasks: asyncio.TaskGroup) -> None:
        self._batches = batches
        self._tasks = tasks
        self._waiting: list[str] = []
        self._room = asyncio.Semaphore(BATCHES_WAITING)
        self._all_under_way = False

    async def add(self, agent_ids: Iterable[str]) -> None:
        self._waiting += agent_ids
        while len(self._waiting) >= self._batches.size:
            await self._ask_one()

    async def ask_the_rest(self) -> None:
        self._waiting = [agent_id for agent_id in self._waiting if agent_id in self._batches.ledger.agents]
        while self._waiting:
            await self._ask_one()
        self._all_under_way = True
        await check_truncation_early(self._batches)

    async def _ask_one(self) -> None:
        size = self._batches.size
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        await self._room.acquire()
        task = self._tasks.create_task(self._ask(batch))
        task.add_done_callback(lambda _: self._room.release())

    async def _ask(self, batch: list[str]) -> None:
        await self._batches.ask(batch)
        if self._all_under_way or self._has_all_agents():
            await check_truncation_early(self._batches)

    def _has_all_agents(self) -> bool:
        """Whether the roster has named as many agents as its total. The page after them may still be requested."""
        ledger = self._batches.ledger
        return ledger.total is not None and len(ledger.agents) >= ledger.total
