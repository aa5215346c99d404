"""The emulated agents: teams, shifts, and what each does when.

Everything here is a pure function of seed, agent and moment. Nothing is stored, so a world of a million agents costs
nothing. Times are whole seconds since 1970, UTC.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import NamedTuple

from cxone_rollcall.emulator.names import NAMES

FIRST_ID = 30_000_000_001
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_MASK = 2**64 - 1
_LOW = 2**62 - 1  # the bits of a UUID below its version and variant
_INACTIVE_SINCE = 20_450  # inactive agents left before this day, late in 2025
# The purposes of random numbers: draws for one agent and two purposes are independent.
_NAME, _TEAM, _ATTENDS, _COMES, _LUNCH, _PACE, _STATE, _LEFT, _USER = range(9)


class Shift(NamedTuple):
    """A shift: the minute of the day it starts, and its minutes."""

    name: str
    start: int
    length: int

    @property
    def past_midnight(self) -> bool:
        """Whether the shift ends on the next day."""
        return self.start + self.length > _DAY // _MINUTE


EARLY, DAY = Shift("early", 360, 510), Shift("day", 480, 540)
LATE, NIGHT = Shift("late", 840, 510), Shift("night", 1320, 510)


class Team(NamedTuple):
    """A team and its shift."""

    team_id: int
    name: str
    shift: Shift


TEAMS = tuple(
    Team(101 + place, name, shift)
    for place, (name, shift) in enumerate(
        (
            ("Billing", EARLY),
            ("Bookings", DAY),
            ("Claims", DAY),
            ("Fraud Watch", NIGHT),
            ("Orders", EARLY),
            ("Retention", DAY),
            ("Sales EMEA", EARLY),
            ("Sales Americas", LATE),
            ("Support Tier 1", DAY),
            ("Support Tier 2", EARLY),
            ("Technical Desk", DAY),
            ("Welcome Desk", EARLY),
        )
    )
)

# States and sub-states with their weights.
_MIX = (
    (34, "Available", None),
    (26, "Busy", None),
    (12, "Busy", "Busy - Voice"),
    (9, "Break", "Break - Coffee"),
    (3, "Break", "Break - Personal"),
    (6, "Not Ready", "Not Ready - Training"),
    (4, "Not Ready", "Not Ready - Meeting"),
    (6, "Not Ready", "Not Ready - Paperwork"),
)
_DOINGS = tuple((state, sub_state) for weight, state, sub_state in _MIX for _ in range(weight))
_AT_LUNCH = ("Break", "Break - Lunch")
STATES = ("Available", "Busy", "Break", "Not Ready")


class Person(NamedTuple):
    """An agent as on the roster; a `newcomer` has never logged in."""

    agent_id: int
    name: tuple[str, str]
    user_name: str
    team: Team
    active: bool
    newcomer: bool


class Stance(NamedTuple):
    """What an agent is doing, from `since` until at least `until`. `state` is None if logged out.

    `since` is None for an agent who has never logged in. A state of a logged-in agent ends at `until`; `number` counts
    the states since the login, from 1, and is 0 if logged out.
    """

    state: str | None
    sub_state: str | None
    until: int
    last_login: int | None
    since: int | None = None
    number: int = 0


def draw(*keys: int, bits: int = 0) -> int:
    """Return 64 pseudo-random bits for these keys (splitmix64).

    `bits` is the result for the keys before these: draw(1, 2) is draw(2, bits=draw(1)).
    """
    for key in keys:
        bits = (bits ^ key) + 0x9E3779B97F4A7C15 & _MASK
        bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        bits = (bits ^ bits >> 27) * 0x94D049BB133111EB & _MASK
        bits ^= bits >> 31
    return bits


@dataclass(frozen=True)
class World:
    """Agents made from a seed. They are numbered from 0 and have consecutive ids."""

    agents: int
    seed: int

    def index(self, agent_id: str) -> int | None:
        """The number of the agent with this id, or None."""
        if not (agent_id.isascii() and agent_id.isdecimal() and len(agent_id) < 20) or agent_id[0] == "0":
            return None
        index = int(agent_id) - FIRST_ID
        return index if 0 <= index < self.agents else None

    def agent_id(self, index: int) -> str:
        """Return the id of an agent, given by number."""
        return str(FIRST_ID + index)

    def person(self, index: int) -> Person:
        """Return the person of an agent, given by number."""
        position = (index * self._stride + self._start) % len(NAMES)
        lap, name = index // len(NAMES), NAMES[position]
        kind = (index + self._start) % 50
        return Person(
            FIRST_ID + index,
            (name.first, name.last),
            f"{name.login}{lap + 1}" if lap else name.login,
            TEAMS[draw(index, _TEAM, bits=self._bits) % len(TEAMS)],
            active=kind not in {11, 36},
            newcomer=kind == 24,
        )

    def stance(self, index: int, moment: int, person: Person | None = None) -> Stance:
        """What an agent, given by number, is doing at a moment. `person` saves a lookup."""
        person = person or self.person(index)
        today = moment // _DAY
        if person.newcomer:
            return Stance(None, None, moment + _DAY, None)
        if not person.active:
            left = min(today, _INACTIVE_SINCE) - draw(index, _LEFT, bits=self._bits) % 300
            return Stance(None, None, moment + _DAY, *self._session(index, person.team.shift, left))
        shift = person.team.shift
        for day in (today, today - 1) if shift.past_midnight else (today,):
            login, logout = self._session(index, shift, day)
            if login <= moment < logout and self._attends(index, day):
                state, sub_state, since, until, number = self._doing(index, login, moment)
                return Stance(state, sub_state, min(until, logout), login, since, number)
        upcoming = (self._session(index, shift, day)[0] for day in (today, today + 1))
        until = min(login for login in upcoming if login > moment)
        return Stance(None, None, until, *self._last_session(index, shift, moment))

    def stances(self, index: int, begin: int, end: int) -> Iterator[Stance]:
        """Yield what an agent does from `begin` to before `end`, in order. The first may have begun earlier."""
        person, at, before = self.person(index), begin, None
        while at < end:
            stance = self.stance(index, at, person)
            if before is None or stance.since != before.since:
                yield stance
            at, before = stance.until, stance

    def user_id(self, index: int) -> str:
        """The user id of an agent, given by number. It is a UUID that encodes the number."""
        low = index ^ self._bits & _LOW
        return str(uuid.UUID(int=draw(index, _USER, bits=self._bits) << 64 | low, version=4))

    def user_index(self, user_id: str) -> int | None:
        """The number of the agent with this user id, or None."""
        try:
            index = uuid.UUID(user_id).int & _LOW ^ self._bits & _LOW
        except ValueError:
            return None
        return index if index < self.agents and self.user_id(index) == user_id.lower() else None

    def find(self, salt: int, suits: Callable[[int], bool]) -> Iterator[int]:
        """The numbers of all suitable agents, in a random order. The order depends on the seed and `salt`."""
        if self.agents:
            start, stride = draw(salt, bits=self._bits), _coprime(draw(salt, 1, bits=self._bits), self.agents)
            for step in range(self.agents):
                index = (start + step * stride) % self.agents
                if suits(index):
                    yield index

    @cached_property
    def _bits(self) -> int:
        return draw(self.seed)

    @cached_property
    def _start(self) -> int:
        return draw(_NAME, bits=self._bits)

    @cached_property
    def _stride(self) -> int:
        return _coprime(draw(_NAME, 1, bits=self._bits), len(NAMES))

    def _attends(self, index: int, day: int) -> bool:
        working_day = (day + 3) % 7 < 5  # 1970 began on a Thursday
        return draw(index, day, _ATTENDS, bits=self._bits) % 100 < (92 if working_day else 30)

    def _session(self, index: int, shift: Shift, day: int) -> tuple[int, int]:
        comes = draw(index, day, _COMES, bits=self._bits)
        login = day * _DAY + shift.start * _MINUTE - 600 + comes % 1200
        return login, login + shift.length * _MINUTE - 300 + (comes >> 32) % 600

    def _last_session(self, index: int, shift: Shift, moment: int) -> tuple[int, int] | tuple[None, None]:
        today = moment // _DAY
        for day in range(today, today - 60, -1):
            login, logout = self._session(index, shift, day)
            if login <= moment and self._attends(index, day):
                return login, logout
        return None, None

    def _doing(self, index: int, login: int, moment: int) -> tuple[str, str | None, int, int, int]:
        """State, sub-state, start, end and number of what a session has then."""
        lunch = login + 4 * _HOUR + draw(index, login, _LUNCH, bits=self._bits) % _HOUR
        back = lunch + _HOUR // 2
        pace = 240 + draw(index, _PACE, bits=self._bits) % 480
        lunch_number = -((login - lunch) // pace) + 1
        if lunch <= moment < back:
            return (*_AT_LUNCH, lunch, back, lunch_number)
        spell = (moment - login) // pace
        state, sub_state = _DOINGS[draw(index, login, spell, _STATE, bits=self._bits) % len(_DOINGS)]
        since, until = login + spell * pace, login + (spell + 1) * pace
        if moment < lunch:
            return state, sub_state, since, min(until, lunch), spell + 1
        return state, sub_state, max(since, back), until, lunch_number + 1 + spell - (back - login) // pace


def _coprime(bits: int, size: int) -> int:
    stride = bits % size or 1
    while gcd(stride, size) != 1:
        stride += 1
    return stride
