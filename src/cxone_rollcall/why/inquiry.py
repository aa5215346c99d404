"""An inquiry about a few agents: roster, states, closer look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from cxone_rollcall.client import Client, IncontactApi, V2Api
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.probes import PROBES
from cxone_rollcall.probes.probe import Probe
from cxone_rollcall.roll import Ledger, Selection, list_roster
from cxone_rollcall.roll.agent_search import name_agents
from cxone_rollcall.roll.by_id.answer import pieces
from cxone_rollcall.roll.by_id.batches import StateBatches
from cxone_rollcall.roll.by_id.canary import SEARCHED_AT_ONCE, find_present, settle
from cxone_rollcall.roll.by_id.filtered import repeat_filtered
from cxone_rollcall.roll.by_list.state_list import StateList
from cxone_rollcall.roll.reconcile import roster_is_complete
from cxone_rollcall.why.closer_look import closer_look


class Inquiry:
    """Asks about the agents that the user named; `ledger` holds only these.

    `state` filters the states as the user's own request does. `progress` is called after each step.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        typed: Sequence[str],
        *,
        state: str | None = None,
        progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._typed = Selection(agents=tuple(typed)).typed
        self._state = state
        self.progress = progress
        self._asked: tuple[str, ...] = ()
        self._others: dict[str, Agent] = {}
        self._canary: str | None = None
        self._with_row: frozenset[str] | None = None

    @property
    def others(self) -> Mapping[str, Agent]:
        """The roster without the agents that the user named, by id."""
        return self._others

    async def look_up(self) -> None:
        """Read the roster and find the agents that the user named.

        The ledger then holds only these. An id that the roster lacks is requested nevertheless: the states may have it.
        Raises `UnclearAgents` if a text means no agent of the roster, or several.
        """
        ledger = self._ledger
        try:
            await list_roster(self._client, ledger, Selection(), on_agent=lambda _: self.progress())
        finally:
            roster = dict(ledger.agents)
            for agent_id in roster:
                ledger.withdraw(agent_id)
            named = name_agents(self._typed, roster.values(), whole=roster_is_complete(ledger))
            if ledger.token is not None:
                ledger.call_named(named)
            self._asked = named.ids_to_ask()
            self._others = {one: agent for one, agent in roster.items() if one not in ledger.agents}
            ledger.selected = replace(
                ledger.selected,
                agents=self._typed,
                state=self._state,
                kept=len(roster),  # the user did not ask for the others
                unknown=named.unknown,
                why=True,
            )

    async def ask(self) -> None:
        """Request the agents' states, by list or by id. The contract decides which."""
        ledger = self._ledger
        if ledger.token is None or not ledger.agents:
            return
        api = self._client.api
        await (self._ask_by_id(api) if isinstance(api, V2Api) else self._ask_list(api))
        if not roster_is_complete(ledger):
            ledger.mark_unconfirmed(ledger.selected.unknown)  # an unread page may have an agent of that name

    def probes(self) -> tuple[Probe, ...]:
        """The probes for these agents."""
        return (
            *PROBES,
            closer_look(self._others, canary=self._canary, with_row=self._with_row),
        )

    async def _ask_list(self, api: IncontactApi) -> None:
        ledger = self._ledger
        states = StateList(api, ledger, self.progress)
        everybody = {**self._others, **ledger.agents}
        settled = False
        try:
            await states.read()
            self._with_row = frozenset((*states.rows, *ledger.rows))
            await states.settle(everybody, {one for one, agent in everybody.items() if agent.active is False})
            settled = True
        finally:
            states.report(settled=settled)

    async def _ask_by_id(self, api: V2Api) -> None:
        ledger = self._ledger
        batches = StateBatches(api, ledger, state=self._state, progress=self.progress)
        settled = False
        try:
            for piece in pieces(self._asked, batches.size):
                await batches.ask(piece)
            if not self._present() and (batches.silent or batches.refused):
                likely = _likeliest(agent for agent in self._others.values() if agent.active is not False)
                if (found := await find_present(batches, likely)) is not None:
                    ledger.mark_present(found[0], exchange=found[1])  # the canary
            await settle(batches)
            await repeat_filtered(batches)
            self._canary = next(iter(self._present()), None)
            settled = True
        finally:
            batches.report(settled=settled)

    def _present(self) -> list[str]:
        ledger = self._ledger
        return [one for one, row in ledger.rows.items() if row.logged_in and one != ledger.owner]


def _likeliest(agents: Iterable[Agent]) -> tuple[str, ...]:
    """Ids of agents, the last to log in first. Without login times, a sample of the whole roster first."""
    listed = list(agents)
    dated = sorted(listed, key=lambda agent: -(parse_timestamp(agent.last_login) or 0.0))
    if any(agent.last_login for agent in listed):
        return tuple(agent.agent_id for agent in dated)
    step = max(1, len(listed) // SEARCHED_AT_ONCE)
    return tuple(agent.agent_id for start in range(step) for agent in listed[start::step])
