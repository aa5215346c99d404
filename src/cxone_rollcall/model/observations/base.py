"""The base of observations, and those of a whole run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, TypeVar, cast

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.state import LOGGED_IN_STATES
from cxone_rollcall.model.struct import Value


class Observation(Value, frozen=True, kw_only=True):
    """One fact that a run saw. Class and field names are part of the case file: add to them, never rename."""

    unseen: ClassVar[str] = "not observed"
    """Why a run has no such observation, unless a probe says why."""


Kind = TypeVar("Kind", bound=Observation)


class Observations:
    """The observations of one run, by class: at most one of each."""

    def __init__(self, observations: Iterable[Observation] = ()) -> None:
        self._by_kind = {type(one): one for one in observations}

    def __contains__(self, kind: type[Observation]) -> bool:
        return kind in self._by_kind

    def __getitem__(self, kind: type[Kind]) -> Kind:
        return cast("Kind", self._by_kind[kind])

    def __iter__(self) -> Iterator[Observation]:
        return iter(self._by_kind.values())

    def get(self, kind: type[Kind]) -> Kind | None:
        """The observation of this class, or None."""
        return cast("Kind | None", self._by_kind.get(kind))

    def add(self, observation: Observation) -> None:
        """Add an observation, in place of an earlier one of its class."""
        self._by_kind[type(observation)] = observation


class Selected(Observation, frozen=True, kw_only=True):
    """What the user's own options left of the roster.

    `dropped` are ids that `--agent` named and `--team` removed. `unknown` are texts that match no agent of the roster.
    `why` is True if the question was why these `agents` have no state: each gets an answer.
    """

    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    state: str | None = None
    roster: int = 0
    kept: int = 0
    dropped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    teams_seen: tuple[str, ...] = ()
    exchange: int = 0
    why: bool = False


class Failures(Observation, frozen=True, kw_only=True):
    """All requests without a usable response, in the order of the run."""

    items: tuple[Failure, ...]
    answered: int = 0
    """Requests for the roster or for states that had a usable response."""


class TenantAsked(Observation, frozen=True, kw_only=True):
    """The tenant and the settings, without secrets; `instance` is host[:port].

    `hints` are remarks on the settings that matter only if the client is refused ("the secret ends with a blank").
    """

    instance: str
    contract: str
    grant_type: str
    roster_scope: str
    states_scope: str
    roster_rows: str = "/entities"
    """JSON pointer to the rows of the roster under this contract."""
    states_rows: str = "/entities"
    known_states: tuple[str, ...] = LOGGED_IN_STATES
    """Names of the states that this contract knows."""
    chosen: str = ""
    """Why rollcall chose this contract, "" if the settings name it."""
    pinned_version: str | None = None
    """The API version that the settings pin."""
    tenant_id: str | None = None
    """The tenant that the settings pin."""
    hints: tuple[str, ...] = ()
    has_client: bool = True
    """Whether the settings name a client. Without one, a refused token is not the client's fault."""
