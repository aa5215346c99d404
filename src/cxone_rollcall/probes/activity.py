"""Is an absent agent active after all? Requests its open contacts, then its logins of the last day."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.observations.base import Observation, Observations
from cxone_rollcall.model.observations.probes import Activity, ActivityAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, StatesAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import Record, field, replace
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.probes.json_search import Row, asks_details, plain, rows
from cxone_rollcall.probes.probe import BudgetedClient, BudgetSpent, Probe

MOST_ASKED = 8
MOST_REPEATED = 2
"""Agents with an open contact for whom both requests are repeated. More do not fit into the budget of the probes."""
IN_A_ROW = 2
"""How often the state of such an agent is requested. One for each of two backends."""
MOST_REFUSALS = 2
"""Refusals before a kind of request without an answer is given up."""
A_DAY = 86_400
LONGEST_SEEN = 80
CONTACT, LOGIN = "an open contact", "a login of the last day without a logout"
_SHOWN = ("contactid", "sessionid", "date", "time", "start", "end")
_PLAIN = (str, int, type(None))
_ENDS = ("logout", "logoff", "enddate", "endtime", "ended", "sessionend", "contactend")


def _absent(roll: Roll) -> list[RollEntry]:
    """Absent agents that could be at work. Those that the user named come first."""
    absent = [entry for entry in roll.of(Standing.ABSENT) if entry.agent.active is not False]
    return sorted(absent, key=lambda entry: entry.asked_as is None)


def _suspicious(seen: Observations, roll: Roll) -> list[RollEntry]:
    """Absent agents to look for.

    Those that the user named, and all if logged-out agents have rows here. A server without such rows has many absent
    agents who are off shift.
    """
    states, alone = seen.get(StatesAsked), seen.get(AgentsAskedAlone) or AgentsAskedAlone()
    if states is None:
        return []
    logged_out = [entry.agent for entry in roll.of(Standing.LOGGED_OUT)]
    lists_logged_out = alone.are_listed(logged_out) if logged_out else states.lists_logged_out
    return [entry for entry in _absent(roll) if lists_logged_out or entry.asked_as is not None][:MOST_ASKED]


def _not_needed(seen: Observations, roll: Roll) -> str:
    if not _suspicious(seen, roll):
        return "no agent's absence is suspicious"
    return asks_details(seen)


def _not_needed_deep(seen: Observations, roll: Roll) -> str:
    if StatesAsked not in seen or not _absent(roll):
        return "no absent agent could be at work"
    return asks_details(seen)


class _Requests(Record):
    """The requests sent so far. Which kinds were answered, and which are refused too often."""

    api: BudgetedClient
    answered: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    lost: RequestFailed | None = None

    async def rows_of(self, kind: str, path: str) -> tuple[int, list[tuple[str, Row]]] | None:
        """The response's exchange and rows, or None without a response."""
        if kind not in self.answered and self.refused.get(kind, 0) >= MOST_REFUSALS:
            return None
        if not self.api.left:
            return None
        try:
            answered = await self.api.detail(path)
        except RequestFailed as failed:
            self.lost = failed
            self.refused[kind] = self.refused.get(kind, 0) + 1
            return None
        self.answered.add(kind)
        return answered.exchange, list(rows(answered.value))

    async def contacts_of(self, agent_id: str) -> tuple[int, list[tuple[str, Row]]] | None:
        """The same for the open contacts of one agent."""
        return await self.rows_of("contacts", f"contacts/active?agentId={quote(agent_id, safe='')}")


async def _is_so_again(requests: _Requests, found: Activity) -> bool:
    """Whether the agent still has no row, and the same contact.

    They are requested in this order, the state twice in a row: two backends may answer alternately, and so each of
    them gets the request that lacks a row.
    """
    for _ in range(IN_A_ROW):
        try:
            states = (await requests.api.state_of(found.agent_id)).value
        except (RequestFailed, BudgetSpent):
            return False
        if states.rows or states.complaint:
            return False
    contacts = await requests.contacts_of(found.agent_id)
    again = None if contacts is None else open_contact(found.agent_id, *contacts)
    return again is not None and again.seen == found.seen


async def _ask(api: BudgetedClient, seen: Observations, roll: Roll) -> Observation:
    now = api.client.server_clock.now()
    requests = _Requests(api)
    asked: list[str] = []
    items: list[Activity] = []
    for entry in _suspicious(seen, roll) or _absent(roll)[:MOST_ASKED]:
        if asked and api.left < 2:  # an agent may take two requests
            break
        agent_id = entry.agent.agent_id
        written = quote(agent_id, safe="")
        contacts = await requests.contacts_of(agent_id)
        found = None if contacts is None else open_contact(agent_id, *contacts)
        logins = None
        if found is None:
            span = f"startDate={format_timestamp(now - A_DAY, 'seconds')}&endDate={format_timestamp(now, 'seconds')}"
            logins = await requests.rows_of("logins", f"agents/{written}/login-history?{span}")
            found = None if logins is None else open_login(agent_id, *logins)
        if contacts is not None or logins is not None:
            asked.append(agent_id)
        if found is not None:
            items.append(found)
    if not asked:
        raise requests.lost or BudgetSpent
    certain = [one for one in items if one.certain]
    again = [replace(one, repeated=await _is_so_again(requests, one)) for one in certain[:MOST_REPEATED]]
    others = [one for one in items if one not in certain[:MOST_REPEATED]]
    return ActivityAsked(asked=tuple(asked), items=(*again, *others))


def open_contact(agent_id: str, exchange: int, found: Iterable[tuple[str, Row]]) -> Activity | None:
    """The agent's first contact without an end, or None.

    A row without an agent id counts as this agent's if it looks like a contact: the request named this agent alone.
    """
    for pointer, row in found:
        if not _is_of(agent_id, row, "contact") or any(row[key] for key in _ends(row)):
            continue
        return Activity(agent_id=agent_id, what=CONTACT, exchange=exchange, pointer=pointer, seen=_summary(row))
    return None


def open_login(agent_id: str, exchange: int, found: Iterable[tuple[str, Row]]) -> Activity | None:
    """The agent's first login whose logout is empty, or None.

    It is never certain: a session that was not closed looks the same. A row without a logout field is no sign; in
    NICE's OpenAPI file no row of login-history has one.
    """
    for pointer, row in found:
        ends = _ends(row)
        if ends and not any(row[key] for key in ends) and _is_of(agent_id, row, "login", "session"):
            return Activity(
                agent_id=agent_id, what=LOGIN, exchange=exchange, pointer=pointer, seen=_summary(row), certain=False
            )
    return None


def _is_of(agent_id: str, row: Row, *words: str) -> bool:
    ids = [value for key, value in row.items() if plain(key) in {"agentid", "agentno"}]
    if ids:
        return str(ids[0]) == agent_id
    return any(word in plain(key) for key in row for word in words)


def _ends(row: Row) -> list[str]:
    """Members that hold the end of a contact or a session."""
    return [key for key in row if any(plain(key).startswith(end) or plain(key).endswith(end) for end in _ENDS)]


def _summary(row: Row) -> str:
    """The ids and dates of a row. Nothing in it names a person."""
    chosen = [key for key, value in row.items() if plain(key).endswith(_SHOWN) and isinstance(value, _PLAIN)]
    text = ", ".join(f"{key} {'null' if row[key] is None else row[key]}" for key in chosen)
    return text[:LONGEST_SEEN] or "a row"


ACTIVITY = Probe(
    gives=ActivityAsked,
    cost=2 * MOST_ASKED + IN_A_ROW * MOST_REPEATED,
    not_needed=_not_needed,
    not_needed_deep=_not_needed_deep,
    ask=_ask,
)
