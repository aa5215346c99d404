"""A closer look at few agents: the same question in other words, their colleagues, and other traces of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.observations.probes import LookedCloser, Sign
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Record, field
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp
from cxone_rollcall.probes import BudgetSpent, Probe
from cxone_rollcall.probes.activity import open_contact, open_login
from cxone_rollcall.probes.json_search import plain, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cxone_rollcall.client import Client
    from cxone_rollcall.model.agent import Agent
    from cxone_rollcall.model.observations.base import Observation
    from cxone_rollcall.model.roll import Roll, RollEntry
    from cxone_rollcall.probes import Questions
    from cxone_rollcall.probes.probe import Seen

MOST_ASKED = 5
"""How many agents are looked at so closely: each takes up to four questions."""
FEWEST = 3
"""Active colleagues that a team must have before their silence says anything of the team."""
A_DAY = 86_400
A_SHIFT = 43_200
"""Seconds. Who logged in so long before somebody who is present belongs to another shift."""
LONGEST_SEEN = 160


def look_closer_at(
    client: Client, others: Mapping[str, Agent], *, canary: str | None, with_row: frozenset[str] | None
) -> Probe:
    """Return the probe of one inquiry.

    `others` are the agents of the roster who are not asked about, `canary` one who is present. `with_row` are those
    who have a row in the list of states, None where there is no such list.
    """

    async def ask(questions: Questions, seen: Seen, roll: Roll) -> Observation:
        tenant, states = seen.get(TenantAsked), seen.get(StatesAsked)
        look = _Look(
            client,
            questions,
            others,
            canary,
            with_row,
            states_rows=tenant.states_rows if isinstance(tenant, TenantAsked) else "",
            listed_in=states.exchange if isinstance(states, StatesAsked) else 0,
            asked=len(roll),
        )
        at = look.traces if client.contract.api_versions else look.by_id
        for entry in _open(seen, roll):
            try:
                await at(entry)
            except BudgetSpent:
                break
        return LookedCloser(signs=tuple(look.signs))

    return Probe(
        gives=LookedCloser,
        cost=4 * MOST_ASKED,
        pointless=lambda seen, roll: "asked with --probes deep",
        says_nothing=_says_nothing,
        ask=ask,
    )


def _says_nothing(seen: Seen, roll: Roll) -> str:
    if StatesAsked not in seen:
        return "no state was asked"
    return "" if _open(seen, roll) else "every agent asked about has a state, is inactive, or is on no roster"


def _open(seen: Seen, roll: Roll) -> list[RollEntry]:
    """The agents of whom more is to be known; who is on no page of the roster is known to it by no other name."""
    selected = seen.get(Selected)
    strangers = selected.unknown if isinstance(selected, Selected) else ()
    known = [entry for entry in roll.entries if entry.agent.agent_id not in strangers]
    return [one for one in known if one.standing is not Standing.PRESENT and one.agent.active is not False][:MOST_ASKED]


class _Look(Record):
    """The questions of one look, and the signs that they gave so far.

    `states_rows` is where the rows of states stand in an answer, `listed_in` the last exchange of their list, and
    `asked` how many agents were asked about.
    """

    client: Client
    questions: Questions
    others: Mapping[str, Agent]
    canary: str | None
    with_row: frozenset[str] | None
    states_rows: str
    listed_in: int
    asked: int
    signs: list[Sign] = field(default_factory=list)

    async def by_id(self, entry: RollEntry) -> None:
        """Ask by itself, by other names, with another separator, and for colleagues; one thing at a time."""
        agent = entry.agent
        if entry.standing is Standing.LOGGED_OUT:
            return
        if self.asked > 1:
            await self._ask(agent.agent_id, "asked by itself", (agent.agent_id,))
        if self.canary is None:
            return
        names = dict.fromkeys((entry.asked_as, agent.user_id, agent.user_name, agent.email))
        spelt = tuple(name for name in names if name and name != agent.agent_id)
        beside = f"beside {self.canary}"
        if spelt:
            await self._ask(agent.agent_id, f"asked as {', '.join(spelt)} {beside}", (self.canary, *spelt), spelt)
        usual = self.client.separator
        for separator in self.client.by_id.separators:
            if separator != usual:
                self.client.separator = separator
                try:
                    how = f"asked {beside}, joined with {separator}"
                    await self._ask(agent.agent_id, how, (self.canary, agent.agent_id))
                finally:
                    self.client.separator = usual
        await self._ask_team(agent)

    async def _ask(self, agent_id: str, how: str, asked: tuple[str, ...], spelt: tuple[str, ...] = ()) -> None:
        try:
            answered = await self.questions.states(asked)
        except RequestFailed as failed:
            self._note(agent_id, how, failed.failure.exchange, "status", f"no usable answer: {failed.failure}")
            return
        names = {agent_id.casefold(), *(name.casefold() for name in spelt)}
        found = next((row for row in answered.value.rows if row.agent_id.casefold() in names), None)
        there = any(row.agent_id == self.canary for row in answered.value.rows)
        if found is not None and found.logged_in:
            said = f"a row of {found.agent_id}: {found.state}"
            self._note(agent_id, how, answered.exchange, self.states_rows, said, against=f"{said}, {how}")
        elif answered.value.complaint:
            said = f"no usable answer: {answered.value.complaint}"
            self._note(agent_id, how, answered.exchange, self.states_rows, said)
        else:
            beside = f", and one for {self.canary}" if there else ""
            self._note(agent_id, how, answered.exchange, self.states_rows, f"no row for it{beside}")

    async def _ask_team(self, agent: Agent) -> None:
        """Ask for the colleagues of the agent's team: does any of them have a row?"""
        team = self._colleagues(agent)[: self.questions.largest_batch - 1]
        if len(team) < FEWEST or self.canary is None:
            return
        how = f"{len(team)} colleagues of the team {agent.team}"
        if self.canary in team:
            self._note(agent.agent_id, how, 0, "", f"one of them, {self.canary}, has a row")
            return
        try:
            answered = await self.questions.states((self.canary, *team))
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
        seen = f"{have} have a row" if have else "no row for any of them, and rows for agents of other teams"
        silent = not have and self._worked_lately(agent)
        or_else = "" if not silent else f"nobody of the team {agent.team} has a row: this account may not see the team"
        self._note(agent.agent_id, how, exchange, self.states_rows, seen, or_else=or_else)

    def _worked_lately(self, agent: Agent) -> bool:
        """Tell whether the team should have rows, as far as the roster knows: else it is off shift, and no wonder.

        Where a list of states has rows for who is logged out too, or the roster tells no logins, it should.
        """
        with_row = (self.canary,) if self.canary is not None else self.with_row or ()
        others = [self.others[one].last_login for one in with_row if one in self.others]
        present = max((when for one in others if (when := parse_timestamp(one)) is not None), default=None)
        team = [agent, *(self.others[one] for one in self._colleagues(agent))]
        logins = [when for one in team if (when := parse_timestamp(one.last_login)) is not None]
        return present is None or not logins or max(logins) > present - A_SHIFT

    async def traces(self, entry: RollEntry) -> None:
        """Look for an open contact, an open login, and the last state; the list has the colleagues already."""
        agent_id, written = entry.agent.agent_id, quote(entry.agent.agent_id, safe="")
        now = self.questions.server_now()
        span = f"startDate={format_timestamp(now - A_DAY)}&endDate={format_timestamp(now)}"
        if entry.standing is Standing.LOGGED_OUT:  # of who is absent, the diagnosis itself has asked these
            await self._trace(agent_id, "its open contacts", f"contacts/active?agentId={written}", self._contact)
            await self._trace(
                agent_id, "its logins of the last day", f"agents/{written}/login-history?{span}", self._login
            )
        await self._trace(
            agent_id, "its states of the last day", f"agents/{written}/state-history?{span}", self._history
        )
        team = self._colleagues(entry.agent)
        if entry.standing is not Standing.LOGGED_OUT and self.with_row is not None and len(team) >= FEWEST:
            how = f"{len(team)} colleagues of the team {entry.agent.team}, in the list of states"
            self._note_team(entry.agent, how, len(self.with_row.intersection(team)), self.listed_in)

    async def _trace(self, agent_id: str, how: str, path: str, read: Callable[[str, str, int, object], None]) -> None:
        try:
            answered = await self.questions.detail(path)
        except RequestFailed as failed:
            self._note(agent_id, how, failed.failure.exchange, "status", f"no usable answer: {failed.failure}")
        else:
            read(agent_id, how, answered.exchange, answered.value)

    def _contact(self, agent_id: str, how: str, exchange: int, body: object) -> None:
        found = open_contact(agent_id, exchange, rows(body))
        against = "an open contact" if found else ""
        self._note(agent_id, how, exchange, found.pointer if found else "", found.seen if found else "none", against)

    def _login(self, agent_id: str, how: str, exchange: int, body: object) -> None:
        found = open_login(agent_id, exchange, rows(body))
        against = "a login without a logout" if found and found.certain else ""
        seen = found.seen if found else "each has a logout, or there is none"
        self._note(agent_id, how, exchange, found.pointer if found else "", seen, against)

    def _history(self, agent_id: str, how: str, exchange: int, body: object) -> None:
        """Note the last state that the history tells, whatever its members are called."""
        dated = []
        for pointer, row in rows(body):
            name = next((str(row[key]) for key in row if plain(key).endswith("statename") and row[key]), None)
            began = next((str(row[key]) for key in row if plain(key).startswith("start") and row[key]), "")
            if name:
                dated.append((began, pointer, name))
        began, pointer, name = max(dated, default=("", "", ""))
        said = f"the last is {name}, since {began}" if name else "none is told"
        self._note(agent_id, how, exchange, pointer, said)

    def _note(
        self, agent_id: str, claim: str, exchange: int, pointer: str, seen: str, against: str = "", *, or_else: str = ""
    ) -> None:
        evidence = Evidence(claim=claim, exchange=exchange, pointer=pointer, seen=seen[:LONGEST_SEEN])
        self.signs.append(Sign(agent_id=agent_id, evidence=evidence, against=against, or_else=or_else))
