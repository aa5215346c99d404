"""Observations about tokens, throttling, clocks and API versions."""

from __future__ import annotations

from typing import NamedTuple

from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import Value


class TokenGranted(Observation, frozen=True, kw_only=True):
    """A token was granted. `scopes` is None where they cannot be read."""

    unseen = "no token was granted"

    exchange: int
    scopes: tuple[str, ...] | None
    tenant: str | None = None
    """The tenant that the token's claims name."""
    agent_id: str | None = None
    """The agent whom the token's claims name as its owner."""
    has_user: bool | None = None
    """Whether the claims name a user or an agent; None where the token has no claims that can be read."""


class RolesTried(Observation, frozen=True, kw_only=True):
    """A refused client and access key, asked once more with their roles exchanged: what was granted, if anything.

    `client_is_key` tells that what is set as the client was taken as an access key, `key_is_client` that what is set
    as the access key was taken as the client. `exchange` is 0 where nothing was asked so.
    """

    unseen = "no client was refused"

    exchange: int = 0
    client_is_key: bool = False
    key_is_client: bool = False


class Renewal(NamedTuple):
    """A request that one token was refused for with 401, and that a new token was answered for: the two exchanges."""

    refused: int
    answered: int


class TokenRenewals(Observation, frozen=True, kw_only=True):
    """Tokens refused with 401 in mid-run, after successes, and replaced by a new one that was accepted."""

    unseen = "no token was granted"

    healed: tuple[Renewal, ...]


class Throttling(Observation, frozen=True, kw_only=True):
    """429 answers: how many, the first and last exchange, and the pace that the server then allowed."""

    count: int
    exchange: int
    seconds_waited: float
    requests_per_second: float
    retry_after: str | None


class AnswersDated(Observation, frozen=True, kw_only=True):
    """What the answers' headers say of time, in seconds.

    `ahead` is how far the server's `Date` is ahead of this machine's clock, in the token's answer; None where it
    gave none. `age` is the greatest `Age` of an answer for the roster or for states, 0 where none was given.
    """

    unseen = "no token was granted"

    ahead: float | None
    ahead_exchange: int
    age: float
    age_exchange: int
    now: float | None = None
    """The server's time when this was noted, seconds since the epoch; ours where the server does not tell its own."""
    poll_age: float = 0.0
    """How much older than the answer that says it the server's last look at its agents is (`lastPollTime`)."""
    poll_exchange: int = 0


class VersionFallback(Value, frozen=True, kw_only=True):
    """A path that this API version does not serve (404) and an older one does."""

    path: str
    refused: str
    refused_exchange: int
    served: str
    served_exchange: int


class VersionsFallenBack(Observation, frozen=True, kw_only=True):
    """The paths that were read in an older API version than the newest, because that one is not served there."""

    unseen = "this contract has no versions to fall back on"

    items: tuple[VersionFallback, ...] = ()
