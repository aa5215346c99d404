"""The protocol of wire contracts, and the values that readers return."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import RolesTried
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.state_history import PastState
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.token import Token

T = TypeVar("T")
Row = TypeVar("Row", Agent, AgentState, PastState)


class UnusableAnswer(Exception):
    """An answer without usable rows or token.

    It has the kind of failure, what was seen, and the server's error code.
    """

    def __init__(self, kind: FailureKind, detail: str, *, error: str = "") -> None:
        self.kind = kind
        self.detail = detail
        self.error = error


class Question(Value, Generic[T], frozen=True):
    """A request and the reader of its answer.

    The reader returns a value or raises `UnusableAnswer`. `stage` is the part of the run: the token, or the discovery
    of the hosts that grant one.
    """

    request: Request
    read: Callable[[Response], T]
    stage: Stage = Stage.TOKEN


class Answered(Value, Generic[T], frozen=True):
    """A usable answer and the number of its exchange.

    `served_at` is its `Date` in seconds, or None; `size` the bytes of its decompressed body.
    """

    value: T
    exchange: int
    served_at: float | None = None
    size: int = 0


Now: TypeAlias = Callable[[], float]
"""Returns the server's time in seconds since the epoch."""

Steps: TypeAlias = Generator[Question[Any], Answered[Any], T]
"""Yields questions, receives each `Answered` value, and returns a value.

If a question has no usable answer, `RequestFailed` is thrown in.
"""


class Callback(Value, frozen=True, kw_only=True):
    """Where a login returns the user's code, and what protects it."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str


class PageLinks(Value, frozen=True, kw_only=True):
    """Where a list of `incontact` continues.

    `next` is the link as the server wrote it, None if there is none. `given` is whether the response has links at
    all, so that a missing next link means the end. `polled` is when the server last looked at its agents
    (`lastPollTime`), and `business_unit` the number of the tenant whose list it is.
    """

    next: str | None = None
    given: bool = False
    polled: str | None = None
    business_unit: str | None = None


NO_LINKS = PageLinks()


class Page(Value, Generic[Row], frozen=True, kw_only=True):
    """The rows of one response, in its order.

    `total` is the server's count of the whole list, None if it gives none. `hidden` is how many agents the server
    says that it withholds. `unnamed` counts rows without a readable id. `found_at` is the JSON pointer of the rows if
    it is not the contract's own. `no_content` is whether the answer had no body. `complaint` is why the answer is
    incomplete, "" if it is complete: rows beside an error, status 206 or 207, unreadable rows, or rows that hold an
    error in place of a state, which are left out.
    """

    rows: tuple[Row, ...]
    total: int | None = None
    hidden: int = 0
    links: PageLinks = NO_LINKS
    unnamed: int = 0
    found_at: str | None = None
    no_content: bool = False
    complaint: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The agents' ids, one for each readable row."""
        return tuple([row.agent_id for row in self.rows])

    @property
    def length(self) -> int:
        """The number of rows, with those that have no readable id."""
        return len(self.rows) + self.unnamed


RosterPage: TypeAlias = Page[Agent]
StateRows: TypeAlias = Page[AgentState]
PastStates: TypeAlias = Page[PastState]


class TokenEndpoint(Protocol):
    """How one tenant grants tokens."""

    @property
    def roles(self) -> RolesTried:
        """Whether the last refusal was because client and access key are swapped."""

    def sign_in(self, credentials: Credentials, *, now: Now) -> Steps[Token]:
        """Fetch a token with the credentials."""

    def renew(self, refresh_token: Secret, credentials: Credentials, *, now: Now) -> Steps[Token]:
        """Fetch the next token with a refresh token."""

    def authorize_url(self, credentials: Credentials, callback: Callback) -> Steps[str]:
        """Find the address at which a user's browser logs in."""

    def redeem(
        self, code: Secret, verifier: Secret, redirect_uri: str, credentials: Credentials, *, now: Now
    ) -> Steps[Token]:
        """Fetch a token with the code that the authorize page gave."""


class Contract(Protocol):
    """A wire contract: tokens, limits, names, and detection of the others.

    Readers of answers return values or raise `UnusableAnswer`, whatever the bytes are.
    """

    name: str
    lists_states: bool
    """True if states are listed for all; False if asked by id."""
    largest_page: int
    """Agents to ask for in one page."""
    roster_rows: str
    """JSON pointer of the rows of a roster page."""
    states_rows: str
    roster_scope: str
    states_scope: str
    """The scopes for roster and states; "" if tokens name none."""
    known_states: tuple[str, ...]
    """The names of states that the contract knows."""

    @property
    def tokens(self) -> TokenEndpoint:
        """The endpoint that grants this contract's tokens."""

    def other_contracts(self) -> tuple[tuple[str, Request], ...]:
        """Return a request that detects each other contract. They need no credentials."""
