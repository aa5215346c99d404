"""What an observation is, and what was asked of whom."""

from __future__ import annotations

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.state import LOGGED_IN_STATES
from cxone_rollcall.model.struct import Value


class Observation(Value, frozen=True, kw_only=True):
    """The root of all facts."""


class Selected(Observation, frozen=True, kw_only=True):
    """What the user's own options made of the roster.

    `dropped` are the ids of agents that `--agent` named and `--team` removed, `unknown` what was typed and is on
    no page of the roster.
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


class Failures(Observation, frozen=True, kw_only=True):
    """Every request without a usable answer, in the order of the road: token, roster, states."""

    items: tuple[Failure, ...]
    answered: int = 0
    """How many requests of the API itself (roster, states) had a usable answer."""


class TenantAsked(Observation, frozen=True, kw_only=True):
    """Which tenant was asked, and how: what the settings say, without any secret; `instance` is host[:port].

    `hints` are remarks on the settings that matter only when the client is refused ("the secret ends with a blank").
    """

    instance: str
    contract: str
    grant_type: str
    roster_scope: str
    states_scope: str
    roster_rows: str = "/entities"
    """JSON pointer of the rows of the roster, as this contract has it."""
    states_rows: str = "/entities"
    known_states: tuple[str, ...] = LOGGED_IN_STATES
    """The names of logged-in states that this contract knows."""
    chosen: str = ""
    """Why this contract was chosen, "" where the settings name it."""
    pinned_version: str | None = None
    """The API version that the settings pin."""
    tenant_id: str | None = None
    """The tenant that the settings pin."""
    hints: tuple[str, ...] = ()
