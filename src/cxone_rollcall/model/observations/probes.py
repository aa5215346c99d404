"""What the probes saw of the world, as typed facts: each is there only in a run in which its question was asked."""

from __future__ import annotations

from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import Value


class StateRespelt(Observation, frozen=True, kw_only=True):
    """The state filter asked anew in the spelling `meant`, of `agents` in that state: how many of them had a row."""

    unseen = "no state filter was sent"

    meant: str
    rows: int
    exchange: int
    agents: tuple[str, ...]


class NeighbourVersionsAsked(Observation, frozen=True, kw_only=True):
    """The path that the pinned API version answers with 404, asked in other versions.

    `served` is the first version that answers with something else than 404, None where none did; `status` is what
    it answered.
    """

    unseen = "no other version was asked"

    path: str
    pinned: str
    exchange: int
    asked: tuple[str, ...] = ()
    served: str | None = None
    status: int | None = None


class ServerTimeAsked(Observation, frozen=True, kw_only=True):
    """The server's time, asked with our token: a question that needs no permission.

    `accepted` tells whether the token was taken; `ahead` is how many seconds the server's time is ahead of ours,
    None where the answer did not tell.
    """

    unseen = "the server was not asked for its time"

    exchange: int
    status: int | None
    accepted: bool
    ahead: float | None = None


class BusinessUnitAsked(Observation, frozen=True, kw_only=True):
    """The business unit that the token speaks for: its tenant, None where the answer names none."""

    unseen = "the business unit was not requested"

    exchange: int
    tenant: str | None
    pointer: str = "/tenantId"
    """Where the answer names it."""


class Activity(Value, frozen=True, kw_only=True):
    """A sign of one agent elsewhere than among the states: an open contact, or a login without a logout.

    `certain` is False where the answer has no member for the end of it: then it may be over.
    """

    agent_id: str
    what: str
    exchange: int
    pointer: str
    seen: str
    certain: bool = True


class ActivityAsked(Observation, frozen=True, kw_only=True):
    """Absent agents looked for elsewhere: who of those `asked` is active there."""

    unseen = "no agent was searched for elsewhere"

    asked: tuple[str, ...]
    items: tuple[Activity, ...]


class SkillsAsked(Observation, frozen=True, kw_only=True):
    """The activity of the skills: the greatest number of agents that one skill counts as logged in."""

    unseen = "skill activity was not requested"

    exchange: int
    logged_in: int


class TypedId(Value, frozen=True, kw_only=True):
    """One text that the user typed, asked as it stands with a canary in front.

    `agent_id` is the internal id that the roster gives for it; `row` tells whether the text as typed had a row,
    `vouched` whether the canary's row came back.
    """

    typed: str
    agent_id: str
    row: bool
    vouched: bool
    exchange: int


class TypedIdsAsked(Observation, frozen=True, kw_only=True):
    """What the user typed for agents that the roster has under another id, asked as typed."""

    unseen = "no agent was requested by name"

    items: tuple[TypedId, ...]


class EverybodyAsked(Observation, frozen=True, kw_only=True):
    """The states of everybody, asked without any id: how many rows came."""

    unseen = "states were not requested without ids"

    exchange: int
    rows: int


class ProbesAsked(Observation, frozen=True, kw_only=True):
    """How many requests the probes took of a run, of at most how many."""

    requests: int
    most: int


class OtherContractAsked(Observation, frozen=True, kw_only=True):
    """The path of another contract, asked without credentials; `answers` where it is served here."""

    unseen = "the other contract was not asked"

    contract: str
    target: str
    exchange: int
    status: int | None
    answers: bool


class ExpectedLoggedIn(Observation, frozen=True, kw_only=True):
    """The user sees these agents logged in, on their desktops."""

    unseen = "no --expect-logged-in was given"

    agents: tuple[str, ...]


class Sign(Value, frozen=True, kw_only=True):
    """What one more question said of an agent.

    `against` says in words what it speaks of ("an open contact") where it speaks against what the states say of the
    agent, "" where it does not; `or_else` what else it may mean that the agent has no state.
    """

    agent_id: str
    evidence: Evidence
    against: str = ""
    or_else: str = ""


class LookedCloser(Observation, frozen=True, kw_only=True):
    """Agents without a state, or logged out, asked about once more, each in several ways."""

    unseen = "only rollcall why looks closer at agents"

    signs: tuple[Sign, ...]

    def of(self, agent_id: str) -> tuple[Sign, ...]:
        """Return what was seen of one agent."""
        return tuple(sign for sign in self.signs if sign.agent_id == agent_id)
