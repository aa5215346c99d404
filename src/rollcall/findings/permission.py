"""RC3xx: what may we see?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollcall.findings.base import Evidence, Finding, Strength, check
from rollcall.findings.blast import evidence_of, of_kind, struck, struck_all, what_failed
from rollcall.model.failure import FailureKind, Where
from rollcall.model.observation import Failures, TenantAsked, TokenGranted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rollcall.findings.base import Case
    from rollcall.model.failure import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeMissing(Finding):
    """
    The token does not carry the scope that the endpoint needs.

    ## What was seen
    403 on an endpoint, and a granted scope that lacks the endpoint's (PROVEN); or 403 and a token that does not
    say which scopes it has (SUSPECTED). `agent:read` is for the roster, `presence:read` for states.
    ## Why agents go missing
    The endpoint refuses, and a script that reads a refusal as an empty list sees nobody.
    ## Fix
    Tick the scope in Admin > Integrations > OAuth clients. Only a new token carries it.
    ## Not this when
    The granted scope holds what is needed (RC302), or the token itself is refused with 401 (RC205).
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
    The endpoint refuses although the scope is granted.

    ## What was seen
    403, with a granted scope that holds what the endpoint needs, or beside other requests of the same kind that
    were answered.
    ## Why agents go missing
    A role, a view or a data restriction of the account keeps it from these agents.
    ## Fix
    Give the account the permission to see agents and their states (Admin > Roles), or use an account that has it.
    ## Not this when
    The granted scope lacks what is needed, or cannot be read and everything was refused (RC301).
    ## Try it
        rollcall check --demo --fault forbidden
    """

    code = "RC302"
    name = "forbidden"
    message = "asking for {asked} is refused although the scope is granted: {reason}"
    fix = "give the account the permission to see these agents (Admin > Roles and views), or use one that has it"

    asked: str
    reason: str


@check(needs=(TenantAsked, TokenGranted, Failures), finds=(ScopeMissing, Forbidden))
def access_allowed(case: Case) -> Iterator[Finding]:
    """Does each endpoint let this token in?"""
    seen = case[Failures]
    for where in (Where.ROSTER, Where.STATES):
        refused = [
            failure
            for failure in of_kind(seen.items, FailureKind.FORBIDDEN, FailureKind.UNAUTHORIZED)
            if failure.where is where
        ]
        lacking = missing_scopes(case, refused)
        forbidden = [failure for failure in refused if failure.kind is FailureKind.FORBIDDEN]
        if lacking:
            yield _scope_missing(case, refused, lacking[0], strength=_strength_of(refused))
        elif forbidden:
            some_answered = len(case.roll) > 0 and not struck_all(case, forbidden)
            if case[TokenGranted].scopes is None and not some_answered:
                yield _scope_missing(case, forbidden, _scope(case, where), strength=Strength.SUSPECTED)
            else:
                yield Forbidden(
                    asked=what_failed(forbidden),
                    reason=forbidden[0].detail or "HTTP 403",
                    evidence=(*evidence_of(forbidden), *_granted(case)),
                    explains=struck(forbidden),
                    explains_all=struck_all(case, forbidden),
                )


def missing_scopes(case: Case, refused: Iterable[Failure]) -> list[str]:
    """Return the scopes that the refused requests need and the token, which can be read, does not have."""
    scopes = case[TokenGranted].scopes
    needed = dict.fromkeys(_scope(case, failure.where) for failure in refused)
    return [] if scopes is None else [scope for scope in needed if scope not in scopes]


def _scope(case: Case, where: Where) -> str:
    tenant = case[TenantAsked]
    return tenant.roster_scope if where is Where.ROSTER else tenant.states_scope


def _strength_of(refused: list[Failure]) -> Strength:
    """403 is what a missing scope is known to give; a 401 could mean the token as well."""
    forbidden = all(failure.kind is FailureKind.FORBIDDEN for failure in refused)
    return Strength.PROVEN if forbidden else Strength.SUSPECTED


def _scope_missing(case: Case, refused: list[Failure], scope: str, *, strength: Strength) -> Finding:
    known = case[TokenGranted].scopes is not None
    return ScopeMissing(
        asked=what_failed(refused),
        scope=scope,
        lacks="lacks the scope" if known else "does not say its scopes, and probably lacks",
        strength=strength,
        settle="" if strength is Strength.PROVEN else f"take a new token with {scope} ticked and ask again",
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
