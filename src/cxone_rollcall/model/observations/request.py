"""Observations about a request that another program sends."""

from __future__ import annotations

from enum import StrEnum

from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import Value

AS_IT_STANDS = "as it stands"
"""What the request was before its first change."""


class What(StrEnum):
    """What a request asks for."""

    STATES = "the states of agents"
    ONE_AGENT = "the states of one agent"
    ROSTER = "agents"

    @property
    def path(self) -> str:
        """The end of its path. That of one agent's states has an id."""
        return "agents" if self is What.ROSTER else "agents/states"


class Change(StrEnum):
    """The one thing in which a request was changed."""

    HOST = "host"
    PATH = "path"
    CONTRACT = "contract"
    VERSION = "version"
    TOKEN = "token"  # noqa: S105  a kind of change
    NO_IDS = "ids named"
    RESOLVED = "ids resolved"
    SEPARATOR = "ids joined with commas"
    POISON = "without unknown ids"
    BATCHES = "smaller batches"
    SPELLING = "state spelt"
    STATE = "no state filter"
    SINCE = "no updatedSince"
    PARAMETER = "without a parameter"
    PAGES = "next pages"


class Asked(Value, frozen=True, kw_only=True):
    """One response: its status, its rows, and its exchange. Of several exchanges, the last.

    `status` is None without a response, `rows` None if it has none that can be used; `failure` says why, in one line,
    and `kind` is that of the failure. `found` are the agents with a row, of those that a right response would have.
    `at` is where the rows stood, if not at the contract's own place.
    """

    exchange: int
    status: int | None
    rows: int | None
    failure: str = ""
    kind: str = ""
    found: frozenset[str] = frozenset()
    at: str = ""
    no_content: bool = False
    other_states: int = 0
    """Rows in other states than the one that the request filters by."""
    unsent: bool = False
    """Whether it was not sent, because rollcall got no token for it."""


class ChangeAsked(Value, frozen=True, kw_only=True):
    """The request with one thing changed.

    `before` and `after` are the responses without and with the change, in turns: more than one each if it was
    repeated. `beside` says in words what `before` was. `said` is the value that matters, such as the state filter,
    `instead` what takes its place. `adopted` is whether the corrected request has the change.
    """

    change: Change
    what: str
    before: tuple[Asked, ...]
    after: tuple[Asked, ...]
    beside: str = AS_IT_STANDS
    said: str = ""
    instead: str = ""
    adopted: bool = False


class TheirToken(Value, frozen=True, kw_only=True):
    """What the request's own token says of itself.

    `sent` is whether it has one. `expired` is for how many seconds it has been expired by the server's clock, None if
    unknown or not expired. `scopes` and `tenant` are None if it names none.
    """

    sent: bool
    expired: float | None = None
    scopes: tuple[str, ...] | None = None
    tenant: str | None = None


class RequestAsked(Observation, frozen=True, kw_only=True):
    """A program's own request, sent unchanged and with single changes.

    `expected` are the agents that a right response has: those logged in, or for the roster all. `form` is what the text
    was; `corrected` the request as it should be, secrets as variables. `remarks` say what was left out of it.
    """

    unseen = "no request of a program was given"

    method: str
    target: str
    form: str
    what: What
    contract: str
    first: Asked
    expected: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    changes: tuple[ChangeAsked, ...] = ()
    token: TheirToken = TheirToken(sent=False)
    corrected: str = ""
    remarks: tuple[str, ...] = ()
    spent: bool = False
    """Whether some changes were not tried. The requests were used up, the run was cut short, or probes are off."""
