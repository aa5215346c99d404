"""The rows of `v2`: each agent's roster and state row. They are encoded once and cached."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from cxone_rollcall.emulator.tenant import Tenant

# Most agents in the cache; it is emptied when full, so that a million agents do not stay in memory.
_KEPT = 250_000


class Card(NamedTuple):
    """The encoded rows of an agent, valid until `until`. `state_row` is None if logged out."""

    until: int
    state: str | None
    state_row: bytes | None
    roster_row: bytes


class Rows:
    """The rows of one tenant. They are encoded on first use, or all at the start."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant, self._world = tenant, tenant.world
        self._cards: dict[str, Card] = {}

    def draw_all(self) -> None:
        """Fill the cache, so that no request has to wait."""
        moment = self._tenant.moment()
        for index in range(min(self._world.agents, _KEPT)):
            self.card(self._world.agent_id(index), moment)

    def card(self, agent_id: str, moment: int) -> Card | None:
        """The card of an agent at this moment. None for an unknown id."""
        card = self._cards.get(agent_id)
        if card is None or card.until <= moment:
            index = self._world.index(agent_id)
            if index is None:
                return None
            if len(self._cards) >= _KEPT:
                self._cards.clear()
            card = self._cards[agent_id] = self._draw(agent_id, index, moment)
        return card

    def roster(self, agents: Iterable[int], moment: int) -> list[bytes]:
        """Return the roster rows of these agents, given by number."""
        cards = (self.card(self._world.agent_id(index), moment) for index in agents)
        return [card.roster_row for card in cards if card]

    def states(self, ids: tuple[str, ...], states: frozenset[str], moment: int) -> list[bytes]:
        """Return the state rows of these agents. Logged-out agents have none. `states` filters, if not empty."""
        cards = (self.card(agent_id, moment) for agent_id in dict.fromkeys(ids))
        return [
            card.state_row
            for card in cards
            if card and card.state_row is not None and (not states or card.state in states)
        ]

    def _draw(self, agent_id: str, index: int, moment: int) -> Card:
        person = self._world.person(index)
        stance = self._world.stance(index, moment, person)
        settings = self._tenant.settings
        written = f'"{agent_id}"' if settings.ids == "strings" else agent_id
        roster_row = f'{{"id":{written}}}'
        if settings.detail == "full":
            login = "null" if stance.last_login is None else f'"{_instant(stance.last_login)}"'
            roster_row = (
                f'{{"id":{written},"firstName":{_text(person.name[0])},"lastName":{_text(person.name[1])},'
                f'"userName":"{person.user_name}","email":"{person.user_name}@example.com",'
                f'"isActive":{"true" if person.active else "false"},'
                f'"teamId":{person.team.team_id},"teamName":{_text(person.team.name)},"lastLogin":{login}}}'
            )
        state_row = None
        if stance.state is not None:
            sub_state = f',"subState":{_text(stance.sub_state)}' if stance.sub_state else ""
            state_row = f'{{"agentId":{written},"state":{_text(stance.state)}{sub_state}}}'.encode()
        return Card(stance.until, stance.state, state_row, roster_row.encode())


@cache
def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
