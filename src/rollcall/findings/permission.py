"""RC3xx: what may we see?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollcall.findings.base import Evidence, Finding, Strength, check
from rollcall.findings.blast import evidence_of, of_kind, struck, struck_all, what_failed
from rollcall.findings.scopes import grants, speaks_of_scopes
from rollcall.model.failure import FailureKind, Where
from rollcall.model.observation import Failures, Selected, StatesAsked, TenantAsked, TokenGranted
from rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rollcall.findings.base import Case
    from rollcall.model.failure import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeMissing(Finding):
    """
    The token does not carry the scope that the endpoint needs.

    ## What was seen
    403 to every request of an endpoint, and granted scopes without the endpoint's in any spelling (PROVEN); or a
    token that does not say its scopes, or names none of this API's kind, such as `openid` (SUSPECTED). `agent:read`
    is for the roster, `presence:read` for states; `agents.read`, `agent:*` and `*` hold the first one too.
    ## Why agents go missing
    The endpoint refuses, and a script that reads a refusal as an empty list sees nobody.
    ## Fix
    Tick the scope in Admin > Integrations > OAuth clients. Only a new token carries it.
    ## Not this when
    The granted scope holds what is needed, or other requests of the endpoint were answered with the same token
    (RC302); or the token itself is refused with 401 (RC205).
    ## Try it
        rollcall check --demo --fault scope-missing
    """

    code = "RC301"
    name = "scope-missing"
    message = "asking for {asked} is refused: the token {lacks} {scope}"
    fix = "tick {scope} in Admin > Integrations > OAuth clients, then take a new token: rollcall check asks for one"

    asked: str
    scope: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden(Finding):
    """
    The endpoint refuses, and no scope is the reason.

    ## What was seen
    403, with a granted scope that holds what the endpoint needs; or beside other requests of the same endpoint that
    were answered with the same token, whatever scopes it names.
    ## Why agents go missing
    A role, a view or a data restriction of the account keeps it from these agents.
    ## Fix
    Give the account the permission to see agents and their states (Admin > Roles), or use an account that has it.
    ## Not this when
    Every request of the endpoint was refused, and the granted scopes lack what is needed or cannot be read (RC301).
    ## Try it
        rollcall check --demo --fault forbidden
    """

    code = "RC302"
    name = "forbidden"
    message = "asking for {asked} is refused although {although}: {reason}"
    fix = "give the account the permission to see these agents (Admin > Roles and views), or use one that has it"

    asked: str
    although: str
    reason: str


@check(needs=(TenantAsked, TokenGranted, Failures, Selected), finds=(ScopeMissing, Forbidden))
def roster_allowed(case: Case) -> Iterator[Finding]:
    """Does the roster let this token in?"""
    yield from _refused(case, Where.ROSTER, answered=_answered(case, Where.ROSTER))


@check(needs=(TenantAsked, TokenGranted, Failures, StatesAsked), finds=(ScopeMissing, Forbidden))
def states_allowed(case: Case) -> Iterator[Finding]:
    """Do the states let this token in?"""
    # An answer without any row is an answer too: it gives nobody a standing, and the token was let in.
    yield from _refused(case, Where.STATES, answered=case[StatesAsked].exchange > 0 or _answered(case, Where.STATES))


def missing_scopes(case: Case, refused: Iterable[Failure]) -> list[str]:
    """Return the scopes that the refused requests need and the token lacks.

    None is missing where the token cannot be read, speaks of no scopes of this kind, or was let in at the same place.
    """
    scopes = case[TokenGranted].scopes
    if scopes is None or not speaks_of_scopes(scopes):
        return []
    places = dict.fromkeys(failure.where for failure in refused)
    needed = dict.fromkeys(_scope(case, where) for where in places if not _answered(case, where))
    return [scope for scope in needed if not grants(scopes, scope)]


def _refused(case: Case, where: Where, *, answered: bool) -> Iterator[Finding]:
    kinds = (FailureKind.FORBIDDEN, FailureKind.UNAUTHORIZED)
    refused = tuple(failure for failure in of_kind(case[Failures].items, *kinds) if failure.where is where)
    lacking = bool(missing_scopes(case, refused))
    granted = grants(case[TokenGranted].scopes or (), _scope(case, where))
    if not lacking:  # then a 401 is the token's (RC205)
        refused = of_kind(refused, FailureKind.FORBIDDEN)
    if not refused:
        return
    certain = all(failure.kind is FailureKind.FORBIDDEN for failure in refused)  # a 401 could mean the token as well
    if answered or granted:
        yield Forbidden(
            asked=what_failed(refused),
            although="the scope is granted" if granted else "other requests with the same token are answered",
            reason=refused[0].detail or f"HTTP {refused[0].status}",
            strength=Strength.PROVEN if certain else Strength.SUSPECTED,
            settle="" if certain else "ask the refused endpoint with a token of a user who may see it",
            evidence=(*evidence_of(refused), *_granted(case)),
            explains=struck(refused),
            explains_all=struck_all(case, refused),
        )
    else:
        yield _scope_missing(case, refused, _scope(case, where), proven=lacking and certain)


def _answered(case: Case, where: Where) -> bool:
    """Tell whether some request of this endpoint was answered: it named an agent, or gave one a standing."""
    if where is Where.ROSTER:
        return case[Selected].roster > 0
    return any(entry.standing is not Standing.UNKNOWN for entry in case.roll.entries)


def _scope(case: Case, where: Where) -> str:
    tenant = case[TenantAsked]
    return tenant.roster_scope if where is Where.ROSTER else tenant.states_scope


def _scope_missing(case: Case, refused: Sequence[Failure], scope: str, *, proven: bool) -> Finding:
    scopes = case[TokenGranted].scopes
    if scopes is None:
        lacks = "does not say its scopes, and probably lacks"
    elif not speaks_of_scopes(scopes):
        lacks = "names no scope of this API's kind, and probably lacks"
    else:
        lacks = "lacks the scope"
    return ScopeMissing(
        asked=what_failed(refused),
        scope=scope,
        lacks=lacks,
        strength=Strength.PROVEN if proven else Strength.SUSPECTED,
        settle="" if proven else f"take a new token with {scope} ticked and ask again",
        evidence=(*evidence_of(refused), *_granted(case)),
        explains=struck(refused),
        explains_all=struck_all(case, refused),
    )


def _granted(case: Case) -> tuple[Evidence, ...]:
    granted = case[TokenGranted]
    if granted.scopes is None:
        return ()
    seen = " ".join(granted.scopes) or "(none)"
    return (Evidence(claim="the scopes that were granted", exchange=granted.exchange, pointer="/scope", seen=seen),)
