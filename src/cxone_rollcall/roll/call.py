"""Calls the roll. Gets a token, then reads roster and states in the way of the API in use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import TYPE_CHECKING

from cxone_rollcall.client import Client, V2Api
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.roll.by_id.call import call_by_id
from cxone_rollcall.roll.by_list.call import call_by_list
from cxone_rollcall.roll.roster import Deliver, KnownRoster, Roster, RosterInHand, RosterReader
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
    known: KnownRoster | None = None,
    on_roster: Callable[[KnownRoster], None] | None = None,
) -> None:
    """Read the roster, request each selected state, settle what stays open.

    Results and failures go to `ledger` at once: a failed request raises nothing, and after a cancellation the ledger
    can still be reconciled. `progress` is called after each page and each batch. `rng` draws the agents of controls.

    A `known` roster is not read again. `on_roster` is called with the whole roster that was read, for the next run.
    Raises `UnclearAgents` if a text of the selection means no agent of the roster, or several.
    """
    delivered: dict[str, Agent] = {}
    readers: list[RosterReader] = []

    async def read(choice: Choice) -> None:
        api = client.api

        def roster_to(deliver: Deliver) -> Roster:
            async def keep_and_deliver(agents: tuple[Agent, ...]) -> None:
                delivered.update((agent.agent_id, agent) for agent in agents)
                await deliver(agents)

            if known is not None:
                return RosterInHand(known, ledger, deliver)
            readers.append(RosterReader(api, ledger, deliver if on_roster is None else keep_and_deliver))
            return readers[-1]

        if isinstance(api, V2Api):
            await call_by_id(api, ledger, choice, roster_to, state=selection.state, progress=progress, rng=rng)
        else:
            await call_by_list(api, ledger, choice, roster_to, since=selection.since, progress=progress, rng=rng)

    await _read(client, ledger, selection, read)
    if on_roster is not None and readers and ledger.roster is not None:
        gone = readers[-1].withdrawn
        on_roster(KnownRoster.of([agent for agent in delivered.values() if agent.agent_id not in gone], ledger.roster))


async def list_roster(
    client: Client, ledger: Ledger, selection: Selection, *, on_agent: Callable[[Agent], None]
) -> None:
    """Read only the roster. `on_agent` is called with each selected agent when its page arrives.

    Agents that the selection names come after the last page. Raises `UnclearAgents` as `call_roll` does.
    """

    def show(agents: Iterable[Agent]) -> None:
        for agent in agents:
            ledger.call(agent)
            on_agent(agent)

    async def read(choice: Choice) -> None:
        async def list_page(agents: tuple[Agent, ...]) -> None:
            show(choice.choose(agents))

        reader = RosterReader(client.api, ledger, list_page)
        await reader.read()
        show(agent for _, agent in reader.settle_names(choice).agents)

    await _read(client, ledger, selection, read)


async def _read(
    client: Client, ledger: Ledger, selection: Selection, read: Callable[[Choice], Awaitable[None]]
) -> None:
    """Get a token and read. Without a roster here, read again with another API if the host supports one."""
    if not await _authenticate(client, ledger):
        return
    choice = Choice(selection)
    try:
        await read(choice)
        if _roster_is_not_found(ledger) and await client.switch_contract() and await _authenticate(client, ledger):
            ledger.failures.clear()
            await read(choice)
    finally:
        ledger.selected = choice.observe(ledger.roster.exchange if ledger.roster else 0)
    if choice.unclear is not None:
        raise choice.unclear


def _roster_is_not_found(ledger: Ledger) -> bool:
    """Whether the path has no roster; the other API may."""
    return not ledger.agents and any(
        failure.kind is FailureKind.NOT_FOUND and failure.stage is Stage.ROSTER for failure in ledger.failures
    )


async def _authenticate(client: Client, ledger: Ledger) -> bool:
    try:
        ledger.token, ledger.grant_type = await client.token(), client.grant_type
    except RequestFailed as refused:
        ledger.fail(refused.failure)
        return False
    return True
