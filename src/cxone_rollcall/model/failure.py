"""Why one request has no usable answer."""

from __future__ import annotations

from enum import StrEnum

from cxone_rollcall.model.struct import Value, field, replace


class Stage(StrEnum):
    """The part of a run that a request belongs to."""

    TOKEN = "token"  # noqa: S105  a place, not a secret
    ROSTER = "roster"
    STATES = "states"
    PROBE = "probe"


class FailureKind(StrEnum):
    """What went wrong with a request, from the wire up; each value is what a reader would call it."""

    LOGIN_REQUIRED = "login required"
    HOST_NOT_FOUND = "host not found"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate not trusted"
    TIMED_OUT = "timed out"
    NOT_THE_API = "not the API"
    SERVER_TROUBLE = "server trouble"
    NOT_FOUND = "not found"
    UNAUTHORIZED = "token not accepted"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate limited"
    TOO_LARGE = "question too large"
    REJECTED = "question rejected"
    DAMAGED = "damaged answer"


class Failure(Value, frozen=True, kw_only=True):
    """A request that got no usable response on any of its `tries`.

    `exchange` numbers the last try (0 where nothing was sent; that of another request, where its answer forbade to send
    this one), `agents` are the ids that it asked for,
    `error` is the server's own error code where it gave one (`invalid_client`), `host` the one that was asked where
    that is another than the instance, `proxy` the host:port of the one that stood between where no whole answer came.
    """

    kind: FailureKind
    stage: Stage = field(name="where")
    purpose: str
    exchange: int
    tries: int = 1
    status: int | None = None
    detail: str = ""
    error: str = ""
    host: str = ""
    proxy: str = ""
    agents: tuple[str, ...] = ()

    def __str__(self) -> str:
        after = f" (on each of {self.tries} tries)" if self.tries > 1 else ""
        status = f"HTTP {self.status}: " if self.status else ""
        return f"{self.purpose}: {status}{self.detail or self.kind}{after}"

    def hitting(self, agents: tuple[str, ...]) -> Failure:
        """The same failure, with these agents as those it hits."""
        return replace(self, agents=agents)
