"""RC511, RC512, RC514: did each request get a trustworthy response?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import alone_as_evidence, asked_alone
from cxone_rollcall.findings.failures import (
    BEFORE_THE_API,
    FOR_A_TOKEN,
    NETWORK_FIX,
    agents_hit,
    evidence_of,
    from_failures,
    hits_everyone,
    of_kind,
    stages_of,
)
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import Throttling
from cxone_rollcall.model.observations.base import Failures, TenantAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted

_ALWAYS_NAMED = frozenset(
    {
        FailureKind.NOT_THE_API,
        FailureKind.SERVER_TROUBLE,
        FailureKind.TIMED_OUT,
        FailureKind.DAMAGED,
        FailureKind.TOO_MUCH,
        FailureKind.RATE_LIMITED,
        FailureKind.UNAUTHORIZED,
        FailureKind.FORBIDDEN,
        FailureKind.LOGIN_REQUIRED,
    }
)
AGAIN = "run the check again; rollcall check -v shows every request"
_NAMED_IF_THEY_HIT_EVERYONE = frozenset(
    {FailureKind.HOST_NOT_FOUND, FailureKind.UNREACHABLE, FailureKind.CERTIFICATE, FailureKind.NOT_FOUND}
)


class RateLimited(Finding, frozen=True, kw_only=True):
    """
    The server says that there are too many requests.

    ## What was seen
    429. If waiting helped, this is a NOTE with the rate that was reached, pauses included. If not, or if the run was
    cut short while a request waited, the agents without an answer are unknown.
    ## Why agents go missing
    A refused request has no answer. A script that reads 429 as an empty list loses the batch.
    ## Fix
    Run fewer tools against the tenant at once, or run the check at another time.
    ## Not this when
    The server fails (5xx, RC105).
    ## Try it
        rollcall check --demo --fault rate-limit=rate=3
    """

    code = "RC511"
    name = "rate-limited"
    message = "{count} x 429 (too many requests): {outcome}"
    fix = "run fewer tools against this tenant at once (Retry-After: {retry_after})"

    count: int
    outcome: str
    retry_after: str


class RequestsFailed(Finding, frozen=True, kw_only=True):
    """
    Some requests failed on every try, or could no longer be sent.

    ## What was seen
    A request without a usable response, while others succeeded; or one that had failed when the run was cut short, so
    that not all its tries were sent. If it was sent for an option of yours (`--state`, `--updated-since`), the message
    names that option, and no agent depends on it.
    ## Why agents go missing
    The agents in those requests are unknown, never absent: no response was about them.
    ## Fix
    Run the check again; look at the exchange named here. Correct the option that is named.
    ## Not this when
    No request succeeded (RC102, RC107), or the failure has a code of its own (RC104 to RC106, RC507, RC511).
    ## Try it
        rollcall check --demo --fault reset-some
    """

    code = "RC512"
    name = "requests-failed"
    message = "{requests} without a usable response {when}: {reason}"
    fix = "{remedy}"

    requests: str
    when: str
    reason: str
    remedy: str


class Unvouched(Finding, frozen=True, kw_only=True):
    """
    Agents have no row, and the response may be incomplete.

    ## What was seen
    A response without rows of these agents that could not be confirmed: a batch that stays empty even with an agent
    who is known to be present; a list with a gap; or a list of states that a spot check contradicts or cannot confirm.
    ## Why agents go missing
    They may be logged out, or their rows may be lost. Such a response cannot tell, so the agents are unknown, not
    absent.
    ## Fix
    Run the check again; look at the exchange named here.
    ## Not this when
    The request itself failed (RC511, RC512), or no agent had any row (RC605).
    ## Try it
        rollcall check --demo --fault no-content=when=always,skip=1
    """

    code = "RC514"
    name = "unvouched"
    message = "{agents} unknown: no row for them, and those responses cannot be trusted to be complete"
    fix = "run the check again; rollcall check -v shows every request"


@check(needs=(Throttling, Failures), finds=(RateLimited,))
def pace_allowed(case: Case) -> Iterator[Finding]:
    """Did the server accept the requests as fast as they came?"""
    throttling, unknown = case[Throttling], case.roll.ids(Standing.UNKNOWN)
    failed = of_kind(case[Failures].items, FailureKind.RATE_LIMITED)
    if not throttling.count:
        return
    asked = throttling.retry_after or "429 without Retry-After"
    seen = Evidence("the server asked for a pause", throttling.exchange, "Retry-After", asked)
    reached = f"{_rate(throttling.requests_per_second)} responses a second with all pauses"
    healed = f"waited {throttling.seconds_waited:.1f} s in all; {reached}"
    waiting = f"{counted(throttling.pending, 'request')} still waited when the run was cut short; {reached}"
    never = f"never answered: {counted(len(failed), 'request')}"
    others = set(agents_hit(one for one in case[Failures].items if one.kind is not FailureKind.RATE_LIMITED))
    left = tuple(agent for agent in unknown if agent not in others) if throttling.pending else ()
    hit = tuple(dict.fromkeys((*agents_hit(failed), *left)))
    yield RateLimited(
        count=throttling.count,
        outcome=never if failed else waiting if throttling.pending else healed,
        retry_after=throttling.retry_after or "absent",
        strength=Strength.PROVEN if failed or throttling.pending else Strength.NOTE,
        evidence=(seen, *evidence_of(failed)),
        explains=hit,
        explains_all=hits_everyone(case, failed) or (throttling.pending > 0 and len(hit) == len(case.roll)),
    )


@check(needs=(Failures,), finds=(RequestsFailed,))
def requests_answered(case: Case) -> Iterator[Finding]:
    """Was every request answered, apart from those that other checks judge?"""
    cut_short = [one for one in case[Failures].items if one.cut_short and one.stage is not Stage.PROBE]
    if cut_short:
        yield RequestsFailed(
            requests=f"{counted(len(cut_short), 'request')} for {stages_of(cut_short)}",
            when="when the run was cut short",
            reason=_reason(cut_short[0]),
            remedy="allow more time: a longer --timeout, or none",
            evidence=evidence_of(cut_short),
            explains=tuple(one for one in case.roll.ids(Standing.UNKNOWN) if one not in case.explained),
        )
    left = [failure for failure in case[Failures].items if _is_left(case, failure)]
    for option in dict.fromkeys(failure.option for failure in left):
        failures = [failure for failure in left if failure.option == option]
        yield RequestsFailed(
            requests=f"{counted(len(failures), 'request')} for {stages_of(failures)}",
            when="on any try",
            reason=_reason(failures[0]),
            remedy=_remedy(failures[0]),
            **from_failures(case, failures),
        )


@check(needs=(TenantAsked, StatesAsked), uses=(AgentsAskedAlone,), finds=(Unvouched,))
def answers_vouched(case: Case) -> Iterator[Finding]:
    """Can each response without an agent's row be trusted to be complete?"""
    states, unknown = case[StatesAsked], frozenset(case.roll.ids(Standing.UNKNOWN))
    left = tuple(one for one in states.unvouched if one in unknown and one not in case.explained)
    if left and not case.is_explained:
        claim = f"no row for {left[0]}, in a response that could not be confirmed"
        exchange = states.missing_in.get(left[0], states.unvouched_exchange)
        seen = Evidence(claim, exchange, case[TenantAsked].states_rows, "no row")
        silent = asked_alone(case).of(Alone.FORBIDDEN, Alone.NOT_FOUND, Alone.FAILED)
        yield Unvouched(evidence=(seen, *alone_as_evidence(silent)), explains=left)


def _reason(failure: Failure) -> str:
    status = f"HTTP {failure.status} " if failure.status else ""
    return f"{status}{failure.detail or failure.kind}"


def _remedy(failure: Failure) -> str:
    if failure.option:
        return f"correct {failure.option}, or leave it out: the rest of the account does not need it"
    return NETWORK_FIX if failure.status in BEFORE_THE_API else AGAIN


def _rate(per_second: float) -> str:
    """A rate with two digits at least: 0.71, 7.1, 71, 710."""
    return f"{per_second:.0f}" if per_second >= 10 else f"{per_second:.2g}"


def _is_left(case: Case, failure: Failure) -> bool:
    """Whether no other finding names this failure."""
    if failure.cut_short:
        return False
    if failure.stage in FOR_A_TOKEN and failure.kind is FailureKind.REJECTED:
        return False  # RC201 to RC203
    if failure.kind in _NAMED_IF_THEY_HIT_EVERYONE:
        return not hits_everyone(case, of_kind(case[Failures].items, failure.kind))
    return failure.kind not in _ALWAYS_NAMED
