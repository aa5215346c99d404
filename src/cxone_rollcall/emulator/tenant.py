"""The running tenant: its world, its clock and its tokens."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple
from zlib import crc32

from cxone_rollcall.emulator.settings import ContractName, EmulatorSettings
from cxone_rollcall.emulator.world import TEAMS, World, draw


class Truth(NamedTuple):
    """What is true of one agent, whatever faults do to responses."""

    agent_id: str
    name: str
    active: bool
    state: str | None
    sub_state: str | None

    @property
    def standing(self) -> str:
        """`present` if the agent is logged in, else `logged_out`."""
        return "logged_out" if self.state is None else "present"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an access token permits. Tokens are numbered from 1.

    Only the contract that issued a token accepts it. `scope_shown` is whether the token and its response list the
    scopes. `user` is False for the token of a client without a user; `without_user` is then the response to requests
    about agents. `agent` is the number of the user's own agent, if the token names it.
    """

    number: int
    scopes: tuple[str, ...]
    issued_at: int
    life: int
    tenant_id: str
    contract: ContractName
    scope_shown: bool = True
    user: bool = True
    without_user: Literal["refused", "empty"] = "refused"
    agent: int | None = None


class Tenant:
    """One tenant: its settings, its world and the tokens that it issued."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self.settings = settings
        self.world = World(settings.agents, settings.seed)
        self.tenant_id = str(uuid.UUID(int=draw(settings.seed, 1) << 64 | draw(settings.seed, 2), version=4))
        self.grants: dict[str, Grant] = {}
        self.began = settings.now()
        self.advanced = 0.0
        self._picked: dict[tuple[str, int], tuple[str, ...]] = {}
        self._picked_teams: dict[tuple[str, int], frozenset[int]] = {}

    def now(self) -> float:
        """Return the server's time, in seconds since 1970."""
        return self.began + self.advanced if self.settings.clock == "manual" else self.settings.now()

    def moment(self) -> int:
        """Return the time in the emulated world, in seconds since 1970."""
        elapsed = 0.0 if self.settings.clock == "frozen" else self.now() - self.began
        return int(self.settings.moment.timestamp() + elapsed)

    def new_grant(self, contract: ContractName, scopes: tuple[str, ...]) -> Grant:
        """Return what the next token permits, if no fault changes it."""
        return Grant(
            number=len(self.grants) + 1,
            scopes=scopes,
            issued_at=int(self.now()),
            life=self.settings.token_life,
            tenant_id=self.tenant_id,
            contract=contract,
        )

    def chosen(self, purpose: str, count: int) -> tuple[str, ...]:
        """Return logged-in agents' ids that the seed chooses for this purpose. The choice stays."""
        key = (purpose, count)
        if key not in self._picked:
            moment, world = self.moment(), self.world
            found = world.find(crc32(purpose.encode()), lambda index: world.stance(index, moment).state is not None)
            self._picked[key] = tuple(world.agent_id(index) for index in islice(found, count))
        return self._picked[key]

    def chosen_teams(self, purpose: str, count: int) -> frozenset[int]:
        """Ids of teams that the seed chooses; the choice stays. Each has at least three active agents.

        Teams with at least three logged-in agents come first: a team that is off shift has no states to hide.
        """
        key = (purpose, count)
        if key not in self._picked_teams:
            moment, world, salt = self.moment(), self.world, crc32(purpose.encode())
            active: Counter[int] = Counter()
            logged_in: Counter[int] = Counter()
            for index in range(world.agents):
                person = world.person(index)
                active[person.team.team_id] += person.active
                logged_in[person.team.team_id] += world.stance(index, moment, person).state is not None
            found = [team.team_id for team in TEAMS if active[team.team_id] >= 3]
            found.sort(key=lambda team_id: (logged_in[team_id] < 3, draw(self.settings.seed, salt, team_id)))
            self._picked_teams[key] = frozenset(found[:count])
        return self._picked_teams[key]

    def truth(self, ids: Sequence[str] | None = None) -> tuple[Truth, ...]:
        """Return what is true now of these agents, by default of all."""
        world, moment = self.world, self.moment()
        wanted = range(world.agents) if ids is None else [i for i in map(world.index, ids) if i is not None]
        people = ((index, world.person(index)) for index in wanted)
        stances = ((index, person, world.stance(index, moment, person)) for index, person in people)
        return tuple(
            Truth(world.agent_id(index), " ".join(person.name), person.active, stance.state, stance.sub_state)
            for index, person, stance in stances
        )
