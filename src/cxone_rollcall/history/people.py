"""Finds a person in a history."""

from __future__ import annotations

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.interval import Person
from cxone_rollcall.history.reading import History
from cxone_rollcall.model.agent import Agent, fold_name
from cxone_rollcall.model.closest_match import closest_match


def find_agent(history: History, text: str) -> tuple[int, Agent]:
    """The number and the newest names of the agent with this name.

    `text` is an id, or any user name, e-mail or name that the agent ever had.
    Raises `SettingError` if there is none, or several.
    """
    people = history.people()
    wanted = fold_name(text)
    found = [number for number, named in people.items() if named[-1].agent.agent_id == text.strip()]
    found = found or [number for number, named in people.items() if wanted in _names(named)]
    if len(found) == 1:
        return found[0], people[found[0]][-1].agent
    if not found:
        near = closest_match(wanted, {name for named in people.values() for name in _names(named)})
        hint = f"; did you mean {near!r}?" if near else ""
        raise SettingError(f"nobody in this history is called {text!r}{hint}")
    agents = [people[number][-1].agent for number in found]
    ids = ", ".join(f"{agent.agent_id} ({agent.name or agent.user_name or 'no name'})" for agent in agents[:5])
    more = f" and {len(agents) - 5} more" if len(agents) > 5 else ""
    raise SettingError(f"{len(agents)} people are called {text!r}: {ids}{more}", example=agents[0].agent_id)


def _names(named: list[Person]) -> set[str]:
    return {
        fold_name(name)
        for one in named
        for name in (one.agent.name, one.agent.user_name, one.agent.email, one.agent.user_id)
        if name
    }
