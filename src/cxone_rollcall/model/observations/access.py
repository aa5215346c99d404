"""Observations about tokens, throttling, clocks and API versions."""

from __future__ import annotations

from typing import NamedTuple

from cxone_rollcall.model.failure import Stage
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import Value


class TokenGranted(Observation, frozen=True, kw_only=True):
    """A token was granted. `scopes` is None if they cannot be read."""

    unseen = "no token was granted"

    exchange: int
    scopes: tuple[str, ...] | None
    tenant: str | None = None
    """The tenant in the token's claims."""
    agent_id: str | None = None
    """The agent that the token's claims name as its owner."""
    has_user: bool | None = None
    """Whether the claims name a user or an agent. None if the claims cannot be read."""
    status: int = 200
    """The status of the answer that held the token."""


class RolesTried(Observation, frozen=True, kw_only=True):
    """One more token request, with client and access key exchanged. Sent after a refusal.

    `client_is_key` is True if the values set as the client were accepted as an access key, `key_is_client` if those set
    as the access key were accepted as the client. `exchange` is 0 if this was not tried.
    """

    unseen = "no client was refused"

    exchange: int = 0
    client_is_key: bool = False
    key_is_client: bool = False


class Renewal(NamedTuple):
    """Two exchanges of one request: 401, then answered with a new token."""

    refused: int
    answered: int


class TokenRenewals(Observation, frozen=True, kw_only=True):
    """Tokens rejected (401) during a run after successes, and renewed. The new token was accepted."""

    unseen = "no token was granted"

    healed: tuple[Renewal, ...]


class ReadUncompressed(Value, frozen=True, kw_only=True):
    """A request of which only an uncompressed answer could be read."""

    asked: Stage
    reason: str
    unread: int
    read: int


class CompressionUndone(Observation, frozen=True, kw_only=True):
    """Requests that were answered only uncompressed, in the order of the run."""

    unseen = "no request was sent"

    items: tuple[ReadUncompressed, ...] = ()


class Throttling(Observation, frozen=True, kw_only=True):
    """How often the server answered 429, and what that cost.

    `exchange` is the first 429; `requests_per_second` are good responses on average, pauses included.
    """

    count: int
    exchange: int
    seconds_waited: float
    requests_per_second: float
    retry_after: str | None
    pending: int = 0
    """Requests still waiting after a 429 when the run was interrupted."""


class AnswersDated(Observation, frozen=True, kw_only=True):
    """What response headers show about clocks and ages, in seconds.

    `ahead` is how far the server's `Date` was ahead of this machine's clock in the response with the token, None
    without a `Date`. `age` is the greatest `Age` of a response for the roster or for states, 0 without one.
    """

    unseen = "no token was granted"

    ahead: float | None
    ahead_exchange: int
    age: float
    age_exchange: int
    now: float | None = None
    """The server's time when this was noted, or ours without it. Seconds since the epoch."""
    poll_age: float = 0.0
    """Age of the response's data in seconds: its date minus `lastPollTime`."""
    poll_exchange: int = 0
    poll_is_dated: bool = True
    """Whether that response has a `Date`. Without one, the age rests on this machine's clock, which may be wrong."""


class VersionFallback(Value, frozen=True, kw_only=True):
    """A path that only an older API version serves, not the newest."""

    path: str
    refused: str
    refused_exchange: int
    served: str
    served_exchange: int


class VersionsFallenBack(Observation, frozen=True, kw_only=True):
    """Paths read in an older API version. The newest does not serve them."""

    unseen = "this contract has no versions to fall back on"

    items: tuple[VersionFallback, ...] = ()
