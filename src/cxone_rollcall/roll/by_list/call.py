"""Calls the roll by list (`incontact`). The roster and the list of all states are read side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from cxone_rollcall.client import IncontactApi
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.roll.by_list.delta import observe_changes
from cxone_rollcall.roll.by_list.state_list import StateList
from cxone_rollcall.roll.reconcile import roster_is_complete
from cxone_rollcall.roll.roster import RosterReader

if TYPE_CHECKING:
    from cxone_rollcall.roll.ledger import Ledger
    from cxone_rollcall.roll.selection import Choice, Selection


async def call_by_list(
    api: IncontactApi, ledger: Ledger, selection: Selection, choice: Choice, *, progress: Callable[[], None]
) -> None:
    """Call the roll on `incontact`: read roster and state list.

    Afterwards settle what the two leave open.
    """
    states = StateList(api, ledger, progress)
    settled = False

    async def call_page(agents: tuple[Agent, ...]) -> None:
        chosen = choice.choose(agents)
        ledger.call(*chosen, selection=selection)
        states.hand_over([agent.agent_id for agent in chosen])
        progress()

    roster = RosterReader(api, ledger, call_page)
    try:
        if selection.since is not None:
            await observe_changes(api, ledger, selection.since)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(roster.read())
            tasks.create_task(states.read())
        for agent_id in roster.withdrawn():
            ledger.withdraw(agent_id)
        unknown_agents = choice.unknown()
        ledger.call(*map(Agent, unknown_agents), selection=selection)  # the roster does not know them; the states may
        states.hand_over(unknown_agents)
        await states.settle(roster.seen, roster.inactive)
        if not roster_is_complete(ledger):
            ledger.mark_unconfirmed(unknown_agents)  # an unread page may have an agent of that name, under another id
        settled = True
    finally:
        states.report(settled=settled)
