"""Looks closer at a few agents. Requests them in other ways, and colleagues, contacts and logins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import quote

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Observation, Observations, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import LookedCloser, Sign
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import Record, field
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp
from cxone_rollcall.probes.activity import open_contact, open_login
from cxone_rollcall.probes.json_search import plain, rows
from cxone_rollcall.probes.probe import BudgetedClient, BudgetSpent, Probe

MOST_ASKED = 5
"""Agents to look at; each takes up to four requests."""
FEWEST_COLLEAGUES = 3
"""Active colleagues without a row before the team is suspected hidden."""
A_DAY = 86_400
A_SHIFT = 43_200
"""Seconds between last logins of agents on different shifts. Compared with a present agent's last login."""
LONGEST_SEEN = 160


def closer_look(others: Mapping[str, Agent], *, canary: str | None, with_row: frozenset[str] | None) -> Probe:
    """The probe of one inquiry.

    `others` are the agents of the roster that the user did not ask about, `canary` is one that is present. `with_row`
    are the ids with a row in the list of states, None if there is no such list.
    """

    async def ask(api: BudgetedClient, seen: Observations, roll: Roll) -> Observation:
        look = _Look(
            api,
            others,
            canary,
            with_row,
            states_rows=seen[TenantAsked].states_rows,
            listed_in=seen[StatesAsked].exchange,
            asked=len(roll),
        )
        at = look.traces if api.client.contract.lists_states else look.by_id
        with suppress(BudgetSpent):
            for entry in _open(seen, roll):
                await at(entry)
        return LookedCloser(signs=tuple(look.signs))

    return Probe(
        gives=LookedCloser,
        cost=4 * MOST_ASKED,
        not_needed=lambda seen, roll: "only runs with --probes deep",
        not_needed_deep=_not_needed_deep,
        ask=ask,
    )


def _not_needed_deep(seen: Observations, roll: Roll) -> str:
    if StatesAsked not in seen:
        return StatesAsked.unseen
    return "" if _open(seen, roll) else "every agent in question has a state, is inactive, or is not on the roster"


def _open(seen: Observations, roll: Roll) -> list[RollEntry]:
    """Agents of the roster without a logged-in state that could work."""
    selected = seen.get(Selected)
    not_on_roster = selected.unknown if selected is not None else ()
    known = [entry for entry in roll.entries if entry.agent.agent_id not in not_on_roster]
    return [one for one in known if one.standing is not Standing.PRESENT and one.agent.active is not False][:MOST_ASKED]


class _Look(Record):
    """One look at a few agents, and the signs found so far.

    `states_rows` is the JSON pointer to the rows of states, `listed_in` the last exchange of the list of states, and
    `asked` the number of agents in question.
    """

    api: BudgetedClient
    others: Mapping[str, Agent]
    canary: str | None
    with_row: frozenset[str] | None
    states_rows: str
    listed_in: int
    asked: int
    signs: list[Sign] = field(default_factory=list)

    async def by_id(self, entry: RollEntry) -> None:
        """Request an agent in other ways: alone, otherwise named, otherwise separated. Then its colleagues."""
        agent = entry.agent
        if entry.standing is Standing.LOGGED_OUT:
            return
        if self.asked > 1:
            await self._ask(agent.agent_id, "asked alone", (agent.agent_id,))
        if self.canary is None:
            return
        names = dict.fromkeys((entry.asked_as, agent.user_id, agent.user_name, agent.email))
        spelt = tuple(name for name in names if name and name != agent.agent_id)
        beside = f"beside {self.canary}"
        if spelt:
            await self._ask(agent.agent_id, f"asked as {', '.join(spelt)} {beside}", (self.canary, *spelt), spelt)
        usual = self.api.v2.separator
        for separator in self.api.v2.contract.separators:
            if separator != usual:
                self.api.v2.separator = separator
                try:
                    how = f"asked {beside}, joined with {separator}"
                    await self._ask(agent.agent_id, how, (self.canary, agent.agent_id))
                finally:
                    self.api.v2.separator = usual
        await self._ask_team(agent)

    async def _ask(self, agent_id: str, how: str, asked: tuple[str, ...], spelt: tuple[str, ...] = ()) -> None:
        try:
            answered = await self.api.states(asked)
        except RequestFailed as failed:
            self._note(agent_id, how, failed.failure.exchange, "status", f"no usable response: {failed.failure}")
            return
        names = {agent_id.casefold(), *(name.casefold() for name in spelt)}
        found = next((row for row in answered.value.rows if row.agent_id.casefold() in names), None)
        there = any(row.agent_id == self.canary for row in answered.value.rows)
        if found is not None and found.logged_in:
            row = f"a row of {found.agent_id}: {found.state}"
            self._note(agent_id, how, answered.exchange, self.states_rows, row, against=f"{row}, {how}")
        elif answered.value.complaint:
            text = f"no usable response: {answered.value.complaint}"
            self._note(agent_id, how, answered.exchange, self.states_rows, text)
        else:
            beside = f", and one for {self.canary}" if there else ""
            self._note(agent_id, how, answered.exchange, self.states_rows, f"no row for it{beside}")

    async def _ask_team(self, agent: Agent) -> None:
        """Ask for the states of the agent's team."""
        team = self._colleagues(agent)[: self.api.v2.contract.largest_batch - 1]
        if len(team) < FEWEST_COLLEAGUES or self.canary is None:
            return
        how = f"{len(team)} colleagues in team {agent.team}"
        if self.canary in team:
            self._note(agent.agent_id, how, 0, "", f"one of them, {self.canary}, has a row")
            return
        try:
            answered = await self.api.states((self.canary, *team))
        except RequestFailed:
            return
        found = {row.agent_id for row in answered.value.rows}
        if self.canary in found and not answered.value.complaint:
            self._note_team(agent, how, len(found.intersection(team)), answered.exchange)

    def _colleagues(self, agent: Agent) -> list[str]:
        if not agent.team:
            return []
        return [one for one, other in self.others.items() if other.team == agent.team and other.active is not False]

    def _note_team(self, agent: Agent, how: str, have: int, exchange: int) -> None:
        seen = f"{have} have a row" if have else "no row for any of them, and rows for agents in other teams"
        silent = not have and self._worked_lately(agent)
        or_else = "" if not silent else f"no agent in team {agent.team} has a row: this account may not see the team"
        self._note(agent.agent_id, how, exchange, self.states_rows, seen, or_else=or_else)

    def _worked_lately(self, agent: Agent) -> bool:
        """Whether the team should have rows. False if the roster shows that it is off shift.

        True if the list of states has rows for logged-out agents too, or the roster gives no logins.
        """
        with_row = (self.canary,) if self.canary is not None else self.with_row or ()
        others = [self.others[one].last_login for one in with_row if one in self.others]
        present = max((when for one in others if (when := parse_timestamp(one)) is not None), default=None)
        team = [agent, *(self.others[one] for one in self._colleagues(agent))]
        logins = [when for one in team if (when := parse_timestamp(one.last_login)) is not None]
        return present is None or not logins or max(logins) > present - A_SHIFT

    async def traces(self, entry: RollEntry) -> None:
        """Look for an open contact, an open login, the last state. The list of states has the colleagues."""
        agent_id, written = entry.agent.agent_id, quote(entry.agent.agent_id, safe="")
        now = self.api.client.server_clock.now()
        span = f"startDate={format_timestamp(now - A_DAY)}&endDate={format_timestamp(now)}"
        if entry.standing is Standing.LOGGED_OUT:  # the activity probe has asked these for absent agents
            await self._trace(agent_id, "its open contacts", f"contacts/active?agentId={written}", self._contact)
            await self._trace(
                agent_id, "its logins of the last day", f"agents/{written}/login-history?{span}", self._login
            )
        newest = f"{span}&orderBy=startDate%20desc&top=1000"  # a page may be shorter than a day
        await self._trace(
            agent_id, "its states of the last day", f"agents/{written}/state-history?{newest}", self._history
        )
        team = self._colleagues(entry.agent)
        # A list without any row says nothing of the team; it may have been refused.
        if entry.standing is not Standing.LOGGED_OUT and self.with_row and len(team) >= FEWEST_COLLEAGUES:
            how = f"{len(team)} colleagues in team {entry.agent.team}, in the list of states"
            self._note_team(entry.agent, how, len(self.with_row.intersection(team)), self.listed_in)

    async def _trace(self, agent_id: str, how: str, path: str, read: Callable[[str, str, int, object], None]) -> None:
        try:
            answered = await self.api.detail(path)
        except RequestFailed as failed:
            self._note(agent_id, how, failed.failure.exchange, "status", f"no usable response: {failed.failure}")
        else:
            read(agent_id, how, answered.exchange, answered.value)

    def _contact(self, agent_id: str, how: str, exchange: int, body: object) -> None:
        found = open_contact(agent_id, exchange, rows(body))
        against = "an open contact" if found else ""
        self._note(agent_id, how, exchange, found.pointer if found else "", found.seen if found else "none", against)

    def _login(self, agent_id: str, how: str, exchange: int, body: object) -> None:
        found = open_login(agent_id, exchange, rows(body))
        seen = found.seen if found else "none with an empty logout"
        self._note(agent_id, how, exchange, found.pointer if found else "", seen)

    def _history(self, agent_id: str, how: str, exchange: int, body: object) -> None:
        """Note the last state in the history, whatever its members are called."""
        dated = []
        for pointer, row in rows(body):
            name = next((str(row[key]) for key in row if plain(key).endswith("statename") and row[key]), None)
            began = next((str(row[key]) for key in row if plain(key).startswith("start") and row[key]), "")
            if name:
                dated.append((began, pointer, name))
        began, pointer, name = max(dated, default=("", "", ""))
        since = f", since {began}" if began else ""
        text = f"the last is {name}{since}" if name else "none"
        self._note(agent_id, how, exchange, pointer, text)

    def _note(
        self, agent_id: str, claim: str, exchange: int, pointer: str, seen: str, against: str = "", *, or_else: str = ""
    ) -> None:
        evidence = Evidence(claim, exchange, pointer, seen[:LONGEST_SEEN])
        self.signs.append(Sign(agent_id=agent_id, evidence=evidence, against=against, or_else=or_else))
