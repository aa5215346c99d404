"""What the probes saw of the world, as typed facts: each is there only in a run in which its question was asked."""

from __future__ import annotations

from dataclasses import dataclass

from rollcall.model.evidence import Evidence
from rollcall.model.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRespelt(Observation):
    """The state filter asked anew in the spelling `meant`, of `agents` in that state: how many of them had a row."""

    meant: str
    rows: int
    exchange: int
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourVersionsAsked(Observation):
    """The path that the pinned API version answers with 404, asked in other versions.

    `served` is the first version that answers with something else than 404, None where none did; `status` is what
    it answered.
    """

    path: str
    pinned: str
    exchange: int
    asked: tuple[str, ...] = ()
    served: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTimeAsked(Observation):
    """The server's time, asked with our token: a question that needs no permission.

    `accepted` tells whether the token was taken; `ahead` is how many seconds the server's time is ahead of ours,
    None where the answer did not tell.
    """

    exchange: int
    status: int | None
    accepted: bool
    ahead: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessUnitAsked(Observation):
    """The business unit that the token speaks for: its tenant, None where the answer names none."""

    exchange: int
    tenant: str | None
    pointer: str = "/tenantId"
    """Where the answer names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A sign of one agent elsewhere than among the states: an open contact, or a login without a logout.

    `certain` is False where the answer has no member for the end of it: then it may be over.
    """

    agent_id: str
    what: str
    exchange: int
    pointer: str
    seen: str
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityAsked(Observation):
    """Absent agents looked for elsewhere: who of those `asked` is active there."""

    asked: tuple[str, ...]
    items: tuple[Activity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillsAsked(Observation):
    """The activity of the skills: the greatest number of agents that one skill counts as logged in."""

    exchange: int
    logged_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedId:
    """One text that the user typed, asked as it stands with a canary in front.

    `agent_id` is the internal id that the roster gives for it; `row` tells whether the text as typed had a row,
    `vouched` whether the canary's row came back.
    """

    typed: str
    agent_id: str
    row: bool
    vouched: bool
    exchange: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedIdsAsked(Observation):
    """What the user typed for agents that the roster has under another id, asked as typed."""

    items: tuple[TypedId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EverybodyAsked(Observation):
    """The states of everybody, asked without any id: how many rows came."""

    exchange: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbesAsked(Observation):
    """How many requests the probes took of a run, of at most how many."""

    requests: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherContractAsked(Observation):
    """The path of another contract, asked without credentials; `answers` where it is served here."""

    contract: str
    target: str
    exchange: int
    status: int | None
    answers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLoggedIn(Observation):
    """The user sees these agents logged in, on their desktops."""

    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one more question said of an agent.

    `against` says in words what it speaks of ("an open contact") where it speaks against what the states say of the
    agent, "" where it does not; `or_else` what else it may mean that the agent has no state.
    """

    agent_id: str
    evidence: Evidence
    against: str = ""
    or_else: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedCloser(Observation):
    """Agents without a state, or logged out, asked about once more, each in several ways."""

    signs: tuple[Sign, ...]

    def of(self, agent_id: str) -> tuple[Sign, ...]:
        """Return what was seen of one agent."""
        return tuple(sign for sign in self.signs if sign.agent_id == agent_id)
