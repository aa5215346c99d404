"""The rows of `incontact`: each agent's roster and state row. They are encoded once and cached."""

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.query import Query
from cxone_rollcall.emulator.readings import Readings
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import compact
from cxone_rollcall.emulator.world import Person, Stance, Team, draw

_KEPT = 250_000  # most agents in the cache, as in the other contract
UNAVAILABLE_CODES = {"Lunch": 12, "Coffee": 13, "Personal": 14, "Training": 15, "Meeting": 16}
_BUSY = ((60, 3), (18, 4), (8, 5), (6, 6), (8, 7))
_BUSY_CODES = tuple(code for weight, code in _BUSY for _ in range(weight))
STATE_NAMES = (
    "LoggedOut",
    "Available",
    "Unavailable",
    "InboundContact",
    "OutboundContact",
    "InboundConsult",
    "OutboundConsult",
    "Dialer",
    "LoggedIn",
)
_SKILL, _CONTACT, _KIND = 0x51, 0x52, 0x53


class Seen(NamedTuple):
    """A state in this contract: its code and details.

    They are the reason for Unavailable, and whether it is after-call work.
    """

    code: int
    reason: str
    after_call: bool

    @property
    def in_contact(self) -> bool:
        """Whether a contact is open."""
        return 3 <= self.code <= 7


class Card(NamedTuple):
    """The encoded rows of an agent.

    Valid from `changed`, the start of the state, to `until`. `touched` is when the roster row changed.
    """

    until: int
    changed: float
    touched: float
    roster_row: bytes
    state_row: bytes


def seen(stance: Stance, index: int) -> Seen:
    """Return a stance as a state of this contract. Paperwork is after-call work, Busy is a contact."""
    match stance.state, (stance.sub_state or "").rpartition(" - ")[2]:
        case None, _:
            return Seen(0, "", after_call=False)
        case "Available", _:
            return Seen(1, "", after_call=False)
        case "Busy", "Voice":
            return Seen(3, "", after_call=False)
        case "Busy", _:
            return Seen(_BUSY_CODES[draw(index, stance.since or 0, _KIND) % len(_BUSY_CODES)], "", after_call=False)
        case _, "Paperwork":
            return Seen(2, "", after_call=True)
        case _, reason:
            return Seen(2, reason, after_call=False)


def skill_of(team: Team) -> tuple[int, str]:
    """Return id and name of a team's one skill."""
    return 4000 + team.team_id, team.name


def unavailable_codes(readings: Readings) -> list[dict[str, Any]]:
    """Return the codes for unavailable agents, with the members that clients read."""
    by_out_state = readings.unavailable_codes == "outState"
    identity, name = ("outStateId", "outStateName") if by_out_state else ("unavailableCodeId", "unavailableCode")
    return [
        {identity: code, name: reason, "isAcw": False, "isActive": True} for reason, code in UNAVAILABLE_CODES.items()
    ]


class Rows:
    """The rows that the caller may see. They are encoded on first use."""

    def __init__(self, tenant: Tenant, clock: Clock) -> None:
        self._tenant, self._world, self._clock = tenant, tenant.world, clock
        self._readings = tenant.settings.readings
        self.business_unit = 4_600_000 + draw(tenant.settings.seed, 3) % 1000
        self._cards: dict[int, Card] = {}
        self._found: dict[tuple[bool, Query], Sequence[int]] = {}
        self._found_at = -1
        self._changes: tuple[list[float], list[int]] = ([], [])
        self._changes_at = -1
        self._visible: dict[bool, Sequence[int]] = {}

    def draw_all(self) -> None:
        """Fill the cache, so that no request has to wait."""
        moment = self._clock.poll().moment
        for index in range(min(self._world.agents, _KEPT)):
            self.card(index, moment)

    def visible(self, index: int) -> bool:
        """Whether the caller may see this agent."""
        if self._readings.sees == "own":
            return index == 0
        hidden = self._readings.hidden_teams
        return not hidden or str(self._world.person(index).team.team_id) not in hidden

    def everyone(self, *, states: bool) -> Sequence[int]:
        """The numbers of the visible agents, in the roster or the states."""
        if states not in self._visible:
            of = self._readings
            inactive = not states or of.inactive_rows
            if of.sees == "all" and not of.hidden_teams and inactive:
                self._visible[states] = range(self._world.agents)
            else:
                self._visible[states] = [
                    index
                    for index in range(self._world.agents)
                    if self.visible(index) and (inactive or self._world.person(index).active)
                ]
        return self._visible[states]

    def find(self, query: Query, moment: int, *, states: bool) -> Sequence[int]:
        """Return the numbers of all requested agents, in the requested order."""
        if states and query.since is not None:
            everyone: Sequence[int] = self._changed_since(query.since, moment)
        else:
            everyone = self.everyone(states=states)
        if query.plain and not (states and not self._readings.logged_out_rows):
            return everyone
        if self._found_at != moment or len(self._found) > 50:
            self._found, self._found_at = {}, moment
        asked = (states, replace(query, top=None, skip=0, fields=None))
        if asked not in self._found:
            self._found[asked] = self._search(everyone, query, moment, states=states)
        return self._found[asked]

    def row(self, index: int, moment: int, *, states: bool) -> bytes:
        """Return the row of one agent."""
        card = self.card(index, moment)
        return card.state_row if states else card.roster_row

    def card(self, index: int, moment: int) -> Card:
        """Return the card of an agent, given by number, at this moment."""
        card = self._cards.get(index)
        if card is None or not int(card.changed) <= moment < card.until:
            if len(self._cards) >= _KEPT:
                self._cards.clear()
            card = self._cards[index] = self._draw(index, moment)
        return card

    def contact_id(self, index: int, stance: Stance) -> int:
        """Return the id of the agent's open contact."""
        return 600_000_000_000 + draw(index, stance.since or 0, _CONTACT) % 10**9

    def _search(self, everyone: Sequence[int], query: Query, moment: int, *, states: bool) -> Sequence[int]:
        suits: list[Callable[[Card, dict[str, Any]], bool]] = []
        if query.active is not None:
            suits.append(lambda card, row: row["isActive"] is query.active)
        if query.search:
            texts = ("firstName", "lastName", "userName", "emailAddress")
            suits.append(lambda card, row: any(query.search in str(row.get(text, "")).lower() for text in texts))
        if query.since is not None and not states:
            since = query.since - self._clock.ahead
            suits.append(lambda card, row: card.touched > since)
        if states and not self._readings.logged_out_rows:
            suits.append(lambda card, row: row["agentStateId"] != 0)
        found = []
        for index in everyone:
            card = self.card(index, moment)
            row = json.loads(card.state_row if states else card.roster_row)
            if all(suit(card, row) for suit in suits):
                found.append((index, {name.lower(): value for name, value in row.items()}))
        for order in reversed(query.order):
            if found and order.field not in found[0][1]:
                raise ValueError(f"orderBy names no field of these rows: {order.field}.")
            found.sort(key=lambda one: _sortable(one[1][order.field]), reverse=order.descending)
        return [index for index, _ in found]

    def _changed_since(self, since: float, moment: int) -> Sequence[int]:
        if self._changes_at != moment:
            cards = ((self.card(index, moment).changed, index) for index in self.everyone(states=True))
            changes = sorted(change for change in cards if change[0])
            self._changes = [at for at, _ in changes], [index for _, index in changes]
            self._changes_at = moment
        at, indexes = self._changes
        return sorted(indexes[bisect_right(at, since - self._clock.ahead) :])

    def _draw(self, index: int, moment: int) -> Card:
        person = self._world.person(index)
        stance = self._world.stance(index, moment, person)
        changed = self._clock.exact(stance.since, index) if stance.since is not None else 0.0
        began = self._clock.happened(stance.since, index) if stance.since is not None else None
        login = self._clock.happened(stance.last_login, index) if stance.last_login is not None else None
        touched = stance.since if not person.active else stance.last_login
        newer = self._readings.shape == "v34"
        common = {
            "agentId": person.agent_id,
            "userName": f"{person.user_name}@example.com",
            "firstName": person.name[0],
            "lastName": person.name[1],
            "isActive": person.active,
            "teamId": person.team.team_id,
            "teamName": person.team.name,
        }
        roster_row = {
            **common,
            "userId" if newer else "userID": self._world.user_id(index),
            "emailAddress": f"{person.user_name}@example.com",
            "teamUuid" if newer else "teamUuId": f"00000000-0000-4000-8000-{person.team.team_id:012d}",
            "lastLogin": login,
            "inactiveDate": None if person.active else began,
            "locked": False,
        }
        state_row = {**common, **self._state(index, person, stance, began, login)}
        return Card(stance.until, changed, float(touched or 0), compact(roster_row), compact(state_row))

    def _state(
        self, index: int, person: Person, stance: Stance, began: str | None, login: str | None
    ) -> dict[str, object]:
        is_, newer = seen(stance, index), self._readings.shape == "v34"
        skill_id, skill_name = skill_of(person.team) if is_.in_contact else (0, "")
        row: dict[str, object] = {
            "agentStateId": is_.code,
            "agentStateName": STATE_NAMES[is_.code],
            "businessUnitId": self.business_unit,
            "contactId": self.contact_id(index, stance) if is_.in_contact else None,
            "isACW" if newer else "isAcw": is_.after_call,
            "isOutbound": is_.code in {4, 6, 7},
            "openContacts": int(is_.in_contact),
            "outStateId": UNAVAILABLE_CODES.get(is_.reason, 0),
            "outStateDescription": is_.reason if self._readings.sub_states == "name" else None,
            "skillId": skill_id,
            "skillName": skill_name,
            "stationId": 0 if stance.state is None else 7000 + index,
            "startDate": began,
            "lastUpdateTime": began,
            "sessionStartTime": None if stance.state is None else login,
        }
        if not newer:
            row |= {"mediaName": "Call" if is_.in_contact else "", "mediaType": 4 if is_.in_contact else 0}
        return row


def _sortable(value: object) -> tuple[bool, Any]:
    return value is not None, value.casefold() if isinstance(value, str) else value or 0
