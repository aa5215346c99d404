"""Is an absent agent active elsewhere? Asked of the open contacts, then of the logins of the last day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.probes import Activity, ActivityAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Record, field
from cxone_rollcall.probes.json_search import asks_details, plain, rows
from cxone_rollcall.probes.probe import BudgetSpent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxone_rollcall.model.roll import Roll, RollEntry
    from cxone_rollcall.probes.json_search import Row
    from cxone_rollcall.probes.probe import Questions, Seen

MOST_ASKED = 10
MOST_REFUSALS = 2
"""How often a question is put that was never answered: what is refused twice is refused to all."""
A_DAY = 86_400
LONGEST_SEEN = 80
CONTACT, LOGIN = "an open contact", "a login of the last day without a logout"
_SHOWN = ("contactid", "sessionid", "date", "time", "start", "end")
_PLAIN = (str, int, type(None))
_ENDS = ("logout", "logoff", "enddate", "endtime", "ended", "sessionend", "contactend")


def _absent(roll: Roll) -> list[RollEntry]:
    """The absent agents who could be at work, those named by the user first."""
    absent = [entry for entry in roll.of(Standing.ABSENT) if entry.agent.active is not False]
    return sorted(absent, key=lambda entry: entry.asked_as is None)


def _odd(seen: Seen, roll: Roll) -> list[RollEntry]:
    """The absent agents to look for: those named by the user, and others where the list has rows for the logged out.

    Where it has none, an absence is nothing odd, and every tenant has many.
    """
    states = seen.get(StatesAsked)
    if not isinstance(states, StatesAsked):
        return []
    alone = seen.get(AgentsAskedAlone)
    found = {one.agent_id for one in alone.items} if isinstance(alone, AgentsAskedAlone) else set()
    out = [entry.agent for entry in roll.of(Standing.LOGGED_OUT)]
    listed = any(agent.active is True and agent.agent_id not in found for agent in out)
    told = listed if out else states.lists_logged_out
    if not told and not any(entry.asked_as is not None for entry in roll.entries):
        return []
    return [entry for entry in _absent(roll) if told or entry.asked_as is not None][:MOST_ASKED]


def _pointless(seen: Seen, roll: Roll) -> str:
    if not _odd(seen, roll):
        return "no agent is absent against what the states of others lead to expect"
    return asks_details(seen)


def _says_nothing(seen: Seen, roll: Roll) -> str:
    if StatesAsked not in seen or not _absent(roll):
        return "no agent is absent who could be at work"
    return asks_details(seen)


class _Asking(Record):
    """The questions put so far: what was answered, and what is not worth asking any more."""

    questions: Questions
    answered: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    lost: RequestFailed | None = None

    async def about(self, question: str, path: str) -> tuple[int, list[tuple[str, Row]]] | None:
        """Return the exchange and the rows of an answer; None where there is none."""
        if question not in self.answered and self.refused.get(question, 0) >= MOST_REFUSALS:
            return None
        if not self.questions.left:
            return None
        try:
            answered = await self.questions.detail(path)
        except RequestFailed as failed:
            self.lost = failed
            self.refused[question] = self.refused.get(question, 0) + 1
            return None
        self.answered.add(question)
        return answered.exchange, list(rows(answered.value))


async def _ask(questions: Questions, seen: Seen, roll: Roll) -> Observation:
    now = questions.server_now()
    asking = _Asking(questions)
    asked: list[str] = []
    items: list[Activity] = []
    for entry in _odd(seen, roll) or _absent(roll)[:MOST_ASKED]:
        if asked and questions.left < 2:  # an agent takes both questions
            break
        agent_id = entry.agent.agent_id
        written = quote(agent_id, safe="")
        contacts = await asking.about("contacts", f"contacts/active?agentId={written}")
        found = None if contacts is None else open_contact(agent_id, *contacts)
        logins = None
        if found is None:
            span = f"startDate={_written(now - A_DAY)}&endDate={_written(now)}"
            logins = await asking.about("logins", f"agents/{written}/login-history?{span}")
            found = None if logins is None else open_login(agent_id, *logins)
        if contacts is not None or logins is not None:
            asked.append(agent_id)
        if found is not None:
            items.append(found)
    if not asked:
        raise asking.lost or BudgetSpent
    return ActivityAsked(asked=tuple(asked), items=tuple(items))


def open_contact(agent_id: str, exchange: int, found: Iterable[tuple[str, Row]]) -> Activity | None:
    """Return the agent's first contact that is not over.

    A row without any agent's id is this agent's, because the question was about nobody else, if it speaks of contacts.
    """
    for pointer, row in found:
        if not _is_of(agent_id, row, "contact") or any(row[key] for key in _ends(row)):
            continue
        return Activity(agent_id=agent_id, what=CONTACT, exchange=exchange, pointer=pointer, seen=_said(row))
    return None


def open_login(agent_id: str, exchange: int, found: Iterable[tuple[str, Row]]) -> Activity | None:
    """Return the agent's first login without a logout.

    It is never certain: a session that was not closed, or a row that has no member for its end, looks the same.
    """
    logins = [(pointer, row) for pointer, row in found if _is_of(agent_id, row, "login", "session")]
    still = [(pointer, row) for pointer, row in logins if not any(row[key] for key in _ends(row))]
    for pointer, row in sorted(still, key=lambda one: not _ends(one[1])):
        return Activity(
            agent_id=agent_id, what=LOGIN, exchange=exchange, pointer=pointer, seen=_said(row), certain=False
        )
    return None


def _is_of(agent_id: str, row: Row, *words: str) -> bool:
    ids = [value for key, value in row.items() if plain(key) in {"agentid", "agentno"}]
    if ids:
        return str(ids[0]) == agent_id
    return any(word in plain(key) for key in row for word in words)


def _ends(row: Row) -> list[str]:
    """Return the members that would say when it ended."""
    return [key for key in row if any(plain(key).startswith(end) or plain(key).endswith(end) for end in _ENDS)]


def _said(row: Row) -> str:
    """Return what the row says of it: ids and dates, and nothing that names a person."""
    chosen = [key for key, value in row.items() if plain(key).endswith(_SHOWN) and isinstance(value, _PLAIN)]
    said = ", ".join(f"{key} {'null' if row[key] is None else row[key]}" for key in chosen)
    return said[:LONGEST_SEEN] or "a row"


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


ACTIVITY = Probe(gives=ActivityAsked, cost=2 * MOST_ASKED, pointless=_pointless, says_nothing=_says_nothing, ask=_ask)
