"""Calls the roll by list (`incontact`). The roster and the list of all states are read side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from cxone_rollcall.client import IncontactApi
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.roll.by_list.delta import observe_changes, repeat_changes
from cxone_rollcall.roll.by_list.state_list import StateList
from cxone_rollcall.roll.reconcile import roster_is_complete
from cxone_rollcall.roll.roster import Deliver, Roster

if TYPE_CHECKING:
    from cxone_rollcall.roll.ledger import Ledger
    from cxone_rollcall.roll.selection import Choice


async def call_by_list(
    api: IncontactApi,
    ledger: Ledger,
    choice: Choice,
    roster_to: Callable[[Deliver], Roster],
    *,
    since: str | None,
    progress: Callable[[], None],
    rng: Random | None = None,
) -> None:
    """Call the roll on `incontact`: read roster and state list.

    Afterwards settle what the two leave open.
    """
    states = StateList(api, ledger, progress, rng)
    settled = False

    async def call_page(agents: tuple[Agent, ...]) -> None:
        chosen = choice.choose(agents)
        ledger.call(*chosen)
        states.hand_over([agent.agent_id for agent in chosen])
        progress()

    roster = roster_to(call_page)
    try:
        if since is not None:
            await observe_changes(api, ledger, since)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(roster.read())
            tasks.create_task(states.read())
        named = roster.settle_names(choice)
        ledger.call_named(named)
        states.hand_over(named.ids_to_ask())  # also ids that the roster does not have: the states may
        await states.settle(roster.seen, roster.inactive)
        await repeat_changes(api, ledger)
        if not roster_is_complete(ledger):
            ledger.mark_unconfirmed(choice.unknown)  # an unread page may have an agent of that name, under another id
        settled = True
        ledger.name_sub_states(*await api.with_sub_states(ledger.rows.values()))
    finally:
        states.report(settled=settled)
