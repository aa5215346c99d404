"""What every wire contract can do, and the values that it reads out of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollcall.model.agent import Agent
    from rollcall.model.credentials import Credentials
    from rollcall.model.exchange import Request, Response
    from rollcall.model.failure import FailureKind
    from rollcall.model.state import AgentState
    from rollcall.model.token import Token


class UnusableAnswer(Exception):
    """An answer that gives no rows and no token: its kind, what was seen, and the server's own error code."""

    def __init__(self, kind: FailureKind, detail: str, *, error: str = "") -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPage:
    """The agents of one page, as many as the server chose to give.

    `total` is the server's own count of the whole roster, None where it gives none. `unnamed` counts rows
    without a readable id. `found_at` is the JSON pointer of the rows where that is not the contract's own,
    `no_content` tells that there was no body at all. `complaint` says in a few words why the answer is not whole,
    "" where it is: rows beside an error, a status 206 or 207, rows that cannot be read.
    """

    agents: tuple[Agent, ...]
    total: int | None = None
    unnamed: int = 0
    found_at: str | None = None
    no_content: bool = False
    complaint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRows:
    """The rows of one states answer, in its order; `unnamed` counts rows without a readable agent id.

    A row that holds an error in place of a state is none: its agent has no row, and `complaint` says so.
    """

    rows: tuple[AgentState, ...]
    unnamed: int = 0
    found_at: str | None = None
    no_content: bool = False
    complaint: str = ""


class Contract(Protocol):
    """One wire contract. Its readers return values or raise `UnusableAnswer`, whatever the bytes are."""

    name: str
    largest_page: int
    """How many agents to ask for in a page."""
    largest_batch: int
    """How many ids to ask for in a request, to begin with."""
    separators: tuple[str, ...]
    """What may stand between ids, as it is sent: the usual one first."""
    rows_at: str
    """JSON pointer of the rows, in pages and in states answers alike."""
    roster_scope: str
    states_scope: str

    def token_request(self, credentials: Credentials) -> Request:
        """Ask for a token."""

    def read_token(self, response: Response, *, now: float) -> Token:
        """Read a token answer; `now` is the server's time in seconds since the epoch."""

    def roster_request(self, page: int, size: int) -> Request:
        """Ask for one page of the roster."""

    def read_roster(self, response: Response) -> RosterPage:
        """Read a page of the roster."""

    def states_request(self, agent_ids: Sequence[str], *, state: str | None, separator: str) -> Request:
        """Ask for the states of these agents, of all states or of one, with this separator between the ids."""

    def read_states(self, response: Response) -> StateRows:
        """Read a states answer."""

    def other_contracts(self) -> tuple[tuple[str, Request], ...]:
        """Ask, without credentials, for a path of each other contract: does it answer on this host?"""
