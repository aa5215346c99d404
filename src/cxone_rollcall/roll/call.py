"""Calls the roll. Gets a token, then reads roster and states in the way of the API in use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import TYPE_CHECKING

from cxone_rollcall.client import Client, V2Api
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.roll.by_id.call import call_by_id
from cxone_rollcall.roll.by_list.call import call_by_list
from cxone_rollcall.roll.reconcile import roster_is_complete
from cxone_rollcall.roll.roster import RosterReader
from cxone_rollcall.roll.selection import Choice

if TYPE_CHECKING:
    from cxone_rollcall.roll.ledger import Ledger
    from cxone_rollcall.roll.selection import Selection


async def call_roll(
    client: Client,
    ledger: Ledger,
    selection: Selection,
    *,
    progress: Callable[[], None] = lambda: None,
    rng: Random | None = None,
) -> None:
    """Read the roster, request each selected state, settle what stays open.

    Results and failures go to `ledger` at once: a failed request raises nothing, and after a cancellation the ledger
    can still be reconciled. `progress` is called after each page and each batch. `rng` draws the agents of controls.
    Raises `UnclearAgents` if a text of the selection means no agent of the roster, or several.
    """
    if not await _authenticate(client, ledger):
        return
    choice = Choice(selection)
    try:
        await _call(client, ledger, selection, choice, progress=progress, rng=rng)
        if _roster_is_not_found(ledger) and await client.switch_contract() and await _authenticate(client, ledger):
            await _call(client, ledger, selection, choice, progress=progress, rng=rng)
    finally:
        ledger.selected = choice.observe(ledger.roster.exchange if ledger.roster else 0)
    if choice.unclear is not None:
        raise choice.unclear


async def _call(
    client: Client,
    ledger: Ledger,
    selection: Selection,
    choice: Choice,
    *,
    progress: Callable[[], None],
    rng: Random | None,
) -> None:
    ledger.failures.clear()
    api = client.api
    if isinstance(api, V2Api):
        await call_by_id(api, ledger, choice, state=selection.state, progress=progress, rng=rng)
    else:
        await call_by_list(api, ledger, choice, since=selection.since, progress=progress)


def _roster_is_not_found(ledger: Ledger) -> bool:
    """Whether the path has no roster; the other API may."""
    return not ledger.agents and any(
        failure.kind is FailureKind.NOT_FOUND and failure.stage is Stage.ROSTER for failure in ledger.failures
    )


async def list_roster(
    client: Client, ledger: Ledger, selection: Selection, *, on_agent: Callable[[Agent], None]
) -> None:
    """Read only the roster. `on_agent` is called with each selected agent when its page arrives.

    Agents that the selection names come after the last page. Raises `UnclearAgents` as `call_roll` does.
    """
    if not await _authenticate(client, ledger):
        return
    choice = Choice(selection)

    def show(agents: Iterable[Agent]) -> None:
        for agent in agents:
            ledger.call(agent)
            on_agent(agent)

    async def list_page(agents: tuple[Agent, ...]) -> None:
        show(choice.choose(agents))

    async def list_pages() -> None:
        ledger.failures.clear()
        reader = RosterReader(client.api, ledger, list_page)
        await reader.read()
        withdrawn = reader.withdrawn()
        for agent_id in withdrawn:
            ledger.withdraw(agent_id)
        named = choice.named(without=withdrawn, whole=roster_is_complete(ledger))
        show(agent for _, agent in named.agents)

    try:
        await list_pages()
        if _roster_is_not_found(ledger) and await client.switch_contract() and await _authenticate(client, ledger):
            await list_pages()
    finally:
        ledger.selected = choice.observe(ledger.roster.exchange if ledger.roster else 0)
    if choice.unclear is not None:
        raise choice.unclear


async def _authenticate(client: Client, ledger: Ledger) -> bool:
    try:
        ledger.token, ledger.grant_type = await client.token(), client.grant_type
    except RequestFailed as refused:
        ledger.fail(refused.failure)
        return False
    return True
