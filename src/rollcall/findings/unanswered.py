"""RC511, RC512: was each request answered?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollcall.findings.base import Evidence, Finding, Strength, check, counted
from rollcall.findings.blast import evidence_of, of_kind, struck, struck_all, what_failed
from rollcall.model.failure import FailureKind, Where
from rollcall.model.observation import Failures, Throttling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall.findings.base import Case
    from rollcall.model.failure import Failure

_NAMED_WHEREVER_THEY_STRIKE = frozenset(
    {
        FailureKind.NOT_THE_API,
        FailureKind.SERVER_TROUBLE,
        FailureKind.TIMED_OUT,
        FailureKind.DAMAGED,
        FailureKind.RATE_LIMITED,
        FailureKind.UNAUTHORIZED,
        FailureKind.FORBIDDEN,
        FailureKind.LOGIN_REQUIRED,
    }
)
_NAMED_WHERE_THEY_STRIKE_ALL = frozenset(
    {FailureKind.HOST_NOT_FOUND, FailureKind.UNREACHABLE, FailureKind.CERTIFICATE, FailureKind.NOT_FOUND}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimited(Finding):
    """
    The server says that there are too many requests.

    ## What was seen
    429. Healed by waiting: a NOTE with the pace that the server allowed. Not healed within the limit: the agents
    of those requests are unknown.
    ## Why agents go missing
    A refused question is no answer. A script that reads 429 as an empty list loses the batch.
    ## Fix
    Run fewer tools against the tenant at once, or run the check at another time.
    ## Not this when
    The server is in trouble (5xx, RC105).
    ## Try it
        rollcall check --demo --fault rate-limit=rate=3
    """

    code = "RC511"
    name = "rate-limited"
    message = "{count} x 429 (too many requests): {outcome}"
    fix = "run fewer tools against this tenant at once; see what Retry-After asks for: {retry_after}"

    count: int
    outcome: str
    retry_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsFailed(Finding):
    """
    Some requests failed on every try, or could not be sent any more.

    ## What was seen
    A request without a usable answer, beside others that were answered.
    ## Why agents go missing
    Their agents are unknown, never absent: nothing was learned of them.
    ## Fix
    Run the check again; look at the exchange named here.
    ## Not this when
    Nothing at all was answered (RC102, RC107), or the failure has a code of its own (RC104 to RC106, RC507, RC511).
    ## Try it
        rollcall check --demo --fault reset-some
    """

    code = "RC512"
    name = "requests-failed"
    message = "{requests} without an answer on any try: {reason}"
    fix = "run the check again; rollcall check -v shows every request"

    requests: str
    reason: str


@check(needs=(Throttling, Failures), finds=(RateLimited,))
def pace_allowed(case: Case) -> Iterator[Finding]:
    """Did the server take the requests as fast as they came?"""
    throttling = case[Throttling]
    failed = of_kind(case[Failures].items, FailureKind.RATE_LIMITED)
    if not throttling.count:
        return
    seen = Evidence(
        claim="the server asked for a pause",
        exchange=throttling.exchange,
        pointer="Retry-After",
        seen=throttling.retry_after or "429 without Retry-After",
    )
    healed = (
        f"waited {throttling.seconds_waited:.1f} s in all, and went on at {throttling.requests_per_second:.0f} "
        "answers a second"
    )
    yield RateLimited(
        count=throttling.count,
        outcome=f"never answered: {counted(len(failed), 'request')}" if failed else healed,
        retry_after=throttling.retry_after or "absent",
        strength=Strength.PROVEN if failed else Strength.NOTE,
        evidence=(seen, *evidence_of(failed)),
        explains=struck(failed),
        explains_all=struck_all(case, failed),
    )


@check(needs=(Failures,), finds=(RequestsFailed,))
def requests_answered(case: Case) -> Iterator[Finding]:
    """Was every request answered that no other check speaks of?"""
    left = [failure for failure in case[Failures].items if _is_left(case, failure)]
    if left:
        yield RequestsFailed(
            requests=f"{counted(len(left), 'request')} for {what_failed(left)}",
            reason=left[0].detail or str(left[0].kind),
            evidence=evidence_of(left),
            explains=struck(left),
            explains_all=struck_all(case, left),
        )


def _is_left(case: Case, failure: Failure) -> bool:
    """Tell whether no other finding names this failure."""
    if failure.where is Where.TOKEN and failure.kind is FailureKind.REJECTED:
        return False  # RC201 to RC203
    if failure.kind in _NAMED_WHERE_THEY_STRIKE_ALL:
        return not struck_all(case, of_kind(case[Failures].items, failure.kind))
    return failure.kind not in _NAMED_WHEREVER_THEY_STRIKE
