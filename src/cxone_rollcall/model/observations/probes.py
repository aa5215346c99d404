"""Observations of probes. Each exists only if its probe ran."""

from __future__ import annotations

from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.states import Disagreement
from cxone_rollcall.model.struct import Value


class StateRespelt(Observation, frozen=True, kw_only=True):
    """The state filter requested again, in the spelling `meant`.

    `rows` is how many of `agents`, all known to be in that state, had a row. `repeated` is whether the filter as given
    had no row twice more and this spelling rows again; `disagreement` has the two answers that differ if not.
    """

    unseen = "no state filter was sent"

    meant: str
    rows: int
    exchange: int
    agents: tuple[str, ...]
    repeated: bool = False
    disagreement: Disagreement | None = None


class NeighbourVersionsAsked(Observation, frozen=True, kw_only=True):
    """A path with 404 in the pinned API version, requested in others.

    `served` is the first version with another status than 404, or None; `status` is that status. `repeated` is whether
    both versions were answered so twice, in turns.
    """

    unseen = "no other version was asked"

    path: str
    pinned: str
    exchange: int
    asked: tuple[str, ...] = ()
    served: str | None = None
    status: int | None = None
    repeated: bool = False


class ServerTimeAsked(Observation, frozen=True, kw_only=True):
    """The server's time, requested with our token: it needs no permission.

    `accepted` is True if the token was accepted; `ahead` is the seconds that the server's time is ahead of ours, None
    if the response has no time.
    """

    unseen = "the server was not asked for its time"

    exchange: int
    status: int | None
    accepted: bool
    ahead: float | None = None


class BusinessUnitAsked(Observation, frozen=True, kw_only=True):
    """The tenant of the token's business unit. None if the response names none."""

    unseen = "the business unit was not requested"

    exchange: int
    tenant: str | None
    pointer: str = "/tenantId"
    """JSON pointer to the tenant."""


class Activity(Value, frozen=True, kw_only=True):
    """A sign that an agent is active. It is an open contact, or a login without a logout.

    `certain` is False if the response has no field for its end: then it may be over. `repeated` is whether the agent,
    requested alone, twice had no row afterwards, and then the same sign again.
    """

    agent_id: str
    what: str
    exchange: int
    pointer: str
    seen: str
    certain: bool = True
    repeated: bool = False


class ActivityAsked(Observation, frozen=True, kw_only=True):
    """Absent agents that were `asked`, and signs that some are active."""

    unseen = "no agent was searched for elsewhere"

    asked: tuple[str, ...]
    items: tuple[Activity, ...]


class SkillsAsked(Observation, frozen=True, kw_only=True):
    """Skill activity; `logged_in` is the highest count of any one skill."""

    unseen = "skill activity was not requested"

    exchange: int
    logged_in: int


class TypedId(Value, frozen=True, kw_only=True):
    """A text that the user typed, requested as typed with a canary.

    `agent_id` is the internal id that the roster has for it; `row` is True if the text as typed had a row, `vouched` if
    the canary had one.
    """

    typed: str
    agent_id: str
    row: bool
    vouched: bool
    exchange: int


class TypedIdsAsked(Observation, frozen=True, kw_only=True):
    """Texts typed for agents whose id is another, requested as typed."""

    unseen = "no agent was requested by name"

    items: tuple[TypedId, ...]


class EverybodyAsked(Observation, frozen=True, kw_only=True):
    """The states of all agents, requested without ids.

    `rows` is how many rows the response had.
    """

    unseen = "states were not requested without ids"

    exchange: int
    rows: int


class ProbesAsked(Observation, frozen=True, kw_only=True):
    """How many requests probes sent, and the most they might have sent."""

    requests: int
    most: int


class OtherContractAsked(Observation, frozen=True, kw_only=True):
    """The other contract's path on this host, requested without credentials.

    `answers` is True if the host serves it. `repeated` is whether it was answered so twice, and a path of the contract
    in use, also without credentials, was 404 twice.
    """

    unseen = "the other contract was not asked"

    contract: str
    target: str
    exchange: int
    status: int | None
    answers: bool
    repeated: bool = False


class ExpectedLoggedIn(Observation, frozen=True, kw_only=True):
    """Agents that the user sees logged in on their desktops."""

    unseen = "no --expect-logged-in was given"

    agents: tuple[str, ...]


class Sign(Value, frozen=True, kw_only=True):
    """What one further request showed about an agent.

    `against` names what contradicts the agent's state ("an open contact"), or is ""; `or_else` is another reason why
    the agent may have no state.
    """

    agent_id: str
    evidence: Evidence
    against: str = ""
    or_else: str = ""


class LookedCloser(Observation, frozen=True, kw_only=True):
    """Agents without a state, or logged out, requested again in several ways."""

    unseen = "only rollcall why looks closer at agents"

    signs: tuple[Sign, ...]

    def of(self, agent_id: str) -> tuple[Sign, ...]:
        """The signs about one agent."""
        return tuple(sign for sign in self.signs if sign.agent_id == agent_id)
