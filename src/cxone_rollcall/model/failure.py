"""Why one request has no usable answer."""

from __future__ import annotations

from enum import StrEnum

from cxone_rollcall.model.struct import Value, field, replace


class Stage(StrEnum):
    """The part of a run that a request belongs to."""

    DISCOVERY = "discovery"
    TOKEN = "token"  # noqa: S105  a place, not a secret
    ROSTER = "roster"
    STATES = "states"
    PROBE = "probe"


A_PAGE = "a page"
"""Start of a failure's detail if the body was a page. Something between us and the API may have answered."""
NO_TLS = "this port does not speak TLS"
"""Start of a failure's detail if the server spoke no TLS. Its first bytes were another protocol's, such as plain
HTTP."""
UNDECODABLE = "the compressed body"
"""Start of a failure's detail if a body could not be decompressed. An uncompressed one may be readable."""
HANDSHAKE_FAILED = "the TLS handshake failed"
"""Start of a failure's detail if the TLS handshake broke off. No certificate was received, so none can be judged."""


class FailureKind(StrEnum):
    """How a request failed, in the order of its steps. The values are shown to users."""

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
    TOO_MUCH = "answer too large"


class Failure(Value, frozen=True, kw_only=True):
    """A request that got no usable response on any of its `tries`.

    `exchange` is the number of the last try: 0 if nothing was sent, or another request's if its response made this one
    pointless. `agents` are the requested ids. `error` is the server's error code, if it gave one (`invalid_client`),
    `host` the requested host if that is not the instance, `proxy` (host:port) the one in between if no complete
    response came. `option` is the user's own option that the request was sent for ("--state"), `guessed` whether the
    host is only likely, because no discovery named it. `cut_short` is whether the run ended before the last try.
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
    guessed: bool = False
    option: str = ""
    cut_short: bool = False

    def __str__(self) -> str:
        after = f" (on each of {self.tries} tries)" if self.tries > 1 else ""
        status = f"HTTP {self.status}: " if self.status else ""
        return f"{self.purpose}: {status}{self.detail or self.kind}{after}"

    @property
    def is_page(self) -> bool:
        """Whether the body was a page, which an API does not send."""
        return self.detail.startswith(A_PAGE)

    @property
    def is_undecodable(self) -> bool:
        """Whether the body could not be decompressed."""
        return self.detail.startswith(UNDECODABLE)

    def hitting(self, agents: tuple[str, ...]) -> Failure:
        """The same failure, with these agents as those it hits."""
        return replace(self, agents=agents)


def damaged(stage: Stage, purpose: str, exchange: int, complaint: str) -> Failure:
    """The failure of an incomplete response; `complaint` says what is wrong."""
    return Failure(kind=FailureKind.DAMAGED, stage=stage, purpose=purpose, exchange=exchange, detail=complaint)
