"""RC511, RC512, RC514: was each request answered, by an answer that can be relied on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.failures import agents_hit, evidence_of, from_failures, hits_everyone, of_kind, stages_of
from cxone_rollcall.findings.finding import Finding, Strength, counted
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import Throttling
from cxone_rollcall.model.observations.base import Failures, TenantAsked
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.model.failure import Failure

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


class RateLimited(Finding, frozen=True, kw_only=True):
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


class RequestsFailed(Finding, frozen=True, kw_only=True):
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


class Unvouched(Finding, frozen=True, kw_only=True):
    """
    Agents have no row, and nothing vouches for the answer that lacks it.

    ## What was seen
    An answer without a row of these agents, which no row of anybody else vouches for: a batch that stays empty also
    with an agent who is known to be present; a list with a hole in it, or one that an agent who was asked alone
    contradicts or does not bear out.
    ## Why agents go missing
    They may be logged out, or their rows may have been lost on the way. Such an answer cannot tell, so they are
    unknown, and not absent.
    ## Fix
    Run the check again; look at the exchange named here.
    ## Not this when
    The request itself failed (RC511, RC512), or not one row came for anybody (RC605).
    ## Try it
        rollcall check --demo --fault no-content=when=always,skip=1
    """

    code = "RC514"
    name = "unvouched"
    message = "{agents} unknown: nothing vouches for the answers that have no row of theirs"
    fix = "run the check again; rollcall check -v shows every request"


@check(needs=(Throttling, Failures), finds=(RateLimited,))
def pace_allowed(case: Case) -> Iterator[Finding]:
    """Did the server take the requests as fast as they came?"""
    throttling = case[Throttling]
    failed = of_kind(case[Failures].items, FailureKind.RATE_LIMITED)
    if not throttling.count:
        return
    seen = Evidence(
        "the server asked for a pause",
        throttling.exchange,
        "Retry-After",
        throttling.retry_after or "429 without Retry-After",
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
        explains=agents_hit(failed),
        explains_all=hits_everyone(case, failed),
    )


@check(needs=(Failures,), finds=(RequestsFailed,))
def requests_answered(case: Case) -> Iterator[Finding]:
    """Was every request answered that no other check speaks of?"""
    left = [failure for failure in case[Failures].items if _is_left(case, failure)]
    if left:
        yield RequestsFailed(
            requests=f"{counted(len(left), 'request')} for {stages_of(left)}",
            reason=left[0].detail or str(left[0].kind),
            **from_failures(case, left),
        )


@check(needs=(TenantAsked, StatesAsked), finds=(Unvouched,))
def answers_vouched(case: Case) -> Iterator[Finding]:
    """Does something vouch for each answer that leaves an agent out?"""
    states, unknown = case[StatesAsked], frozenset(case.roll.ids(Standing.UNKNOWN))
    left = tuple(one for one in states.unvouched if one in unknown and one not in case.explained)
    if left and not case.is_explained:
        yield Unvouched(
            evidence=(
                Evidence(
                    f"no row for {states.unvouched[0]}, in an answer that nothing vouches for",
                    states.unvouched_exchange,
                    case[TenantAsked].states_rows,
                    "no row",
                ),
            ),
            explains=left,
        )


def _is_left(case: Case, failure: Failure) -> bool:
    """Tell whether no other finding names this failure."""
    if failure.stage is Stage.TOKEN and failure.kind is FailureKind.REJECTED:
        return False  # RC201 to RC203
    if failure.kind in _NAMED_WHERE_THEY_STRIKE_ALL:
        return not hits_everyone(case, of_kind(case[Failures].items, failure.kind))
    return failure.kind not in _NAMED_WHEREVER_THEY_STRIKE
