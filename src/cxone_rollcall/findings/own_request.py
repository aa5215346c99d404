"""Why a program's own request gets too few rows.

Each change of the request shows, by its rows, whether it is the cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from cxone_rollcall.findings import (
    batch,
    connectivity,
    credentials,
    endpoint,
    failed_requests,
    identifiers,
    internal,
    noise,
    own_filters,
    permission,
    response,
    roster,
    state_filter,
    tenant,
    updated_since,
)
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.request_reasons import Reason, proof, reason_of
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.request import (
    AS_IT_STANDS,
    Asked,
    Change,
    ChangeAsked,
    RequestAsked,
    What,
)
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.struct import defstruct, replace
from cxone_rollcall.model.wording import counted

SAMPLES = frozenset({Change.NO_IDS, Change.BATCHES, Change.PAGES})
"""Changes tried for some missing agents only. The others are missing for the same reason."""
MOST_NAMED = 3
REPORT = "show both responses to NICE's support (rollcall request FILE -vv)"
AGAIN = "send it again, in turns with the change, while the agents stay logged in"
OF_FAILURE: dict[FailureKind, type[Finding]] = {
    FailureKind.HOST_NOT_FOUND: connectivity.HostNotFound,
    FailureKind.UNREACHABLE: connectivity.HostUnreachable,
    FailureKind.CERTIFICATE: connectivity.CertificateUntrusted,
    FailureKind.NOT_THE_API: connectivity.NotTheApi,
    FailureKind.SERVER_TROUBLE: connectivity.ServerTrouble,
    FailureKind.TIMED_OUT: connectivity.AnswerTimedOut,
    FailureKind.NOT_FOUND: endpoint.EndpointNotFound,
    FailureKind.UNAUTHORIZED: credentials.TokenRejected,
    FailureKind.FORBIDDEN: permission.Forbidden,
    FailureKind.DAMAGED: response.BodyDamaged,
    FailureKind.RATE_LIMITED: failed_requests.RateLimited,
}
"""The finding for a request that fails with every change. Any other failure is RC512."""
FINDS: tuple[type[Finding], ...] = (
    *OF_FAILURE.values(),
    endpoint.OtherContractSpoken,
    endpoint.VersionNotServed,
    credentials.TokenExpiredMidRun,
    tenant.ForeignTenant,
    permission.ScopeMissing,
    permission.CannotListAll,
    identifiers.NotAnInternalId,
    batch.IdPoisonsBatch,
    batch.TooManyIds,
    batch.BatchCut,
    state_filter.StateFilterHides,
    state_filter.StateFilterMisspelt,
    updated_since.DeltaNotSnapshot,
    batch.SeparatorMisread,
    roster.PageCapped,
    roster.FirstPageSkipped,
    response.RowsUnderAnotherKey,
    failed_requests.RequestsFailed,
    response.NoContent,
    noise.AnswersDisagree,
    own_filters.FilteredByUs,
    internal.Unexplained,
)


class OfRequest:
    """Marks the findings about a program's request."""

    __slots__ = ()


@cache
def _of_request(kind: type[Finding]) -> type[Finding]:
    """The finding of a code, with words for a program's request.

    It is made when it is found: most runs have no such request, and defining thirty types takes them 4 ms.
    """
    own = [name for name in kind.__struct_fields__ if name not in Finding.__struct_fields__]
    words = {"message": "{said}", "fix": "{remedy}", "__doc__": kind.__doc__}
    fields: list[tuple[str, Any, Any]] = [(name, Any, None) for name in (*own, "said", "remedy")]
    made = defstruct(kind.__name__, fields, bases=(kind, OfRequest), namespace=words, frozen=True)
    return cast("type[Finding]", made)


def is_of_request(finding: Finding) -> bool:
    """Whether a finding is about a program's request, not rollcall's own."""
    return isinstance(finding, OfRequest)


@check(needs=(TenantAsked, RequestAsked), uses=(StatesAsked, StatesSeen, TokenGranted), finds=FINDS)
def request_answered(case: Case) -> Iterator[Finding]:
    """Does the program's request get every row that a right one gets?"""
    asked = case[RequestAsked]
    adopted = [one for one in asked.changes if one.adopted]
    for place, change in enumerate(adopted):
        found = _changed(case, change)
        # A program may read on by itself; that another mistake kept it from the first page says nothing of the next.
        reads_on = place > 0 and change.change is Change.PAGES and not change.said
        yield replace(found, strength=Strength.NOTE, settle="", explains_all=False) if reads_on else found
    if not adopted and asked.first.rows is None and not case.is_explained:
        yield _failed(case, asked)
    otherwise = list(_answered_otherwise(case, asked))
    yield from otherwise
    missing = asked.expected - asked.first.found
    explained = {agent for change in adopted for answer in change.after for agent in answer.found}
    sampled = any(change.change in SAMPLES and proof(change) for change in adopted)
    if asked.first.rows is not None and missing - explained and not (sampled or otherwise or case.is_explained):
        yield from _unexplained(case, asked, missing - explained)
    yield from _notes(case, asked)


def _changed(case: Case, change: ChangeAsked) -> Finding:
    """The finding of a change that brought rows."""
    before, after = change.before, change.after
    agents = proof(change)
    failed = all(one.rows is None for one in before) and all(one.rows is not None for one in after)
    certain = min(len(before), len(after)) > 1 and _is_steady(case, change) and bool(agents or failed)
    reason = reason_of(case, change)
    first = next(iter(sorted(agents)), None)
    rows = _rows_at(case)
    beside = f", one of them for {first}" if first is not None else ""
    return _finding(
        reason,
        strength=Strength.PROVEN if certain else Strength.SUSPECTED,
        settle="" if certain else AGAIN,
        evidence=(
            _seen(change.beside, before[0], rows),
            _seen(change.what, after[0], rows, beside),
            *_again(before[1:], after[1:], rows),
        ),
        explains=tuple(sorted(agents.intersection(_called(case)))),
        explains_all=failed and reason.kind.code < "RC4",
    )


def _is_steady(case: Case, change: ChangeAsked) -> bool:
    """Whether repeated responses are the same, and no rows are lost."""
    statuses, rows = {one.status for one in change.before}, {one.found for one in change.before}
    same = len(statuses) == len(rows) == len({one.found for one in change.after}) == 1
    states = case.get(StatesAsked)
    by_chance = states is not None and (states.lost or states.disagreement or states.mixed_up) is not None
    return same and (change.before[0].rows is None or not by_chance)


def _again(before: tuple[Asked, ...], after: tuple[Asked, ...], rows: str) -> Iterator[Evidence]:
    """Both responses once more, in one piece of evidence."""
    for one, other in zip(before, after, strict=False):
        first, second = _seen("both again", one, rows), _seen("both again", other, rows)
        yield replace(second, seen=f"{first.seen} (#{one.exchange}), {second.seen}")


def _finding(reason: Reason, **fields: Any) -> Finding:
    words: dict[str, Any] = {"said": reason.said, "remedy": reason.remedy}
    return _of_request(reason.kind)(**words, **fields)


def _seen(claim: str, one: Asked, rows: str, beside: str = "") -> Evidence:
    if one.rows is None:
        status = f"HTTP {one.status}: " if one.status is not None else ""
        return Evidence(claim, one.exchange, "status", f"{status}{one.failure}")
    return Evidence(claim, one.exchange, one.at or rows, counted(one.rows, "row") + (beside if one.rows else ""))


def _rows_at(case: Case) -> str:
    tenant = case[TenantAsked]
    return tenant.roster_rows if case[RequestAsked].what is What.ROSTER else tenant.states_rows


def _called(case: Case) -> frozenset[str]:
    return frozenset(entry.agent.agent_id for entry in case.roll.entries)


def _failed(case: Case, asked: RequestAsked) -> Finding:
    """The finding of a request that fails whatever is changed."""
    first = asked.first
    kind = OF_FAILURE.get(FailureKind(first.kind)) if first.kind else None
    tried = "that was tried " if asked.spent else ""
    return _finding(
        Reason(
            kind=kind or failed_requests.RequestsFailed,
            said=f"no change of it {tried}helps: {first.failure.rstrip('.')}",
            remedy=f"send it again; if it stays, {REPORT}",
        ),
        strength=Strength.SUSPECTED,
        settle="send it again later, and from another network",
        evidence=(_seen(AS_IT_STANDS, first, _rows_at(case)),),
        explains_all=True,
    )


def _answered_otherwise(case: Case, asked: RequestAsked) -> Iterator[Finding]:
    """The finding of a request whose repeated response has other rows."""
    rows, first = _rows_at(case), asked.first
    if first.other_states:
        yield _finding(
            Reason(
                kind=noise.AnswersDisagree,
                said=f"{counted(first.other_states, 'row')} of the response are in other states than it asks for:"
                " perhaps a cache answered another request",
                remedy=f"send it again with the header Cache-Control: no-cache; if it stays, {REPORT}",
            ),
            strength=Strength.SUSPECTED,
            settle="send it again with the header Cache-Control: no-cache",
            evidence=(_seen(AS_IT_STANDS, first, rows),),
            explains_all=True,
        )
        return
    again = [one for change in asked.changes if change.beside == AS_IT_STANDS for one in change.before[1:]]
    other = next((one for one in again if one.found != asked.first.found), None)
    if other is not None and first.rows is not None:
        yield _finding(
            Reason(
                kind=noise.AnswersDisagree,
                said="the same request, sent again, is answered otherwise",
                remedy=f"send it again: if the rows come and go while nobody logs in or out, {REPORT}",
            ),
            strength=Strength.SUSPECTED,
            settle="run this again while no agent logs in or out",
            evidence=(_seen(AS_IT_STANDS, asked.first, rows), _seen("the same, sent again", other, rows)),
        )


def _unexplained(case: Case, asked: RequestAsked, missing: frozenset[str]) -> Iterator[Finding]:
    """The finding of agents without a row that no change shows."""
    named = ", ".join(sorted(missing)[:MOST_NAMED])
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    where = "on the roster" if asked.what is What.ROSTER else "logged in"
    spent = "; not every change was tried" if asked.spent else ""
    yield _finding(
        Reason(
            kind=internal.Unexplained,
            said=f"no change of it shows rows for {named}{more}, {where} by rollcall's own requests{spent}",
            remedy="send it again, and save the run: rollcall request FILE --save case.json",
        ),
        strength=Strength.SUSPECTED,
        settle="run this again while these agents stay logged in",
        evidence=(_seen(AS_IT_STANDS, asked.first, _rows_at(case)),),
        explains=tuple(sorted(missing.intersection(_called(case)))),
        explains_all=True,
    )


def _notes(case: Case, asked: RequestAsked) -> Iterator[Finding]:
    """What a program may trip over although the request is answered."""
    first, rows = asked.first, _rows_at(case)
    if first.at:
        said = f"its rows stand at {first.at}, not at {rows}: a program that looks only there sees none"
        yield _finding(
            Reason(kind=response.RowsUnderAnotherKey, said=said, remedy=f"read the rows at {first.at} too"),
            strength=Strength.NOTE,
            evidence=(_seen(AS_IT_STANDS, first, rows),),
        )
    if first.no_content:
        said = "the response has no body: a program that expects JSON fails on it"
        yield _finding(
            Reason(kind=response.NoContent, said=said, remedy="take an empty body for no rows"),
            strength=Strength.NOTE,
            evidence=(Evidence(AS_IT_STANDS, first.exchange, "status", str(first.status)),),
        )
