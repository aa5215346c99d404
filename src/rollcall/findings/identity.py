"""RC2xx: who are we to the API?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollcall.findings.base import Evidence, Finding, Strength, check
from rollcall.findings.blast import evidence_of, of_kind, struck, struck_all, what_failed
from rollcall.findings.permission import missing_scopes
from rollcall.model.failure import Failure, FailureKind, Where
from rollcall.model.observation import Failures, Selected, TenantAsked, TokenGranted, TokenRenewals
from rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall.findings.base import Case

_REFUSALS = (FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN, FailureKind.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRefused(Finding):
    """
    The token endpoint does not know this client id with this secret.

    ## What was seen
    401, or the error `invalid_client`, in answer to the request for a token.
    ## Why agents go missing
    Without a token nobody can be asked.
    ## Fix
    Copy client id and secret anew from Admin > Integrations > OAuth clients; check that the registration is approved.
    ## Not this when
    The client is known and the grant type is not allowed (RC202), or a user's key is wrong (RC203).
    ## Try it
        rollcall check --demo --fault client-refused
    """

    code = "RC201"
    name = "client-refused"
    message = "the token endpoint refuses this client: {reason}{hint}"
    fix = "copy CXONE_CLIENT_ID and CXONE_CLIENT_SECRET anew from Admin > Integrations > OAuth clients"

    reason: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRefused(Finding):
    """
    The token endpoint does not take this kind of grant, or cannot read the request.

    ## What was seen
    400 with `unsupported_grant_type`, `invalid_request`, `invalid_scope`, or without a readable reason.
    ## Why agents go missing
    Without a token nobody can be asked.
    ## Fix
    Set CXONE_GRANT_TYPE to the grant that the client was registered for.
    ## Not this when
    The client itself is refused (RC201), or the key of a user (RC203).
    ## Try it
        rollcall check --demo --fault grant-refused
    """

    code = "RC202"
    name = "grant-refused"
    message = "the token endpoint refuses the grant {grant_type}: {reason}"
    fix = "set CXONE_GRANT_TYPE to the grant that this client is registered for (now: {grant_type})"

    grant_type: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRefused(Finding):
    """
    The key, the code or the refresh token is wrong, expired or revoked.

    ## What was seen
    The error `invalid_grant` in answer to the request for a token.
    ## Why agents go missing
    Without a token nobody can be asked.
    ## Fix
    Make a new access key for the user and set it; keys are shown once, when they are made.
    ## Not this when
    The client is refused before its grant is looked at (RC201), or the grant type is not allowed (RC202).
    ## Try it
        rollcall check --demo --fault key-refused
    """

    code = "RC203"
    name = "key-refused"
    message = "the token endpoint knows the client and refuses its key: {reason}"
    fix = "make a new access key, set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET; check CXONE_GRANT_TYPE"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExpiredMidRun(Finding):
    """
    A token ran out while the roll was called; a new one healed it.

    ## What was seen
    401 after answers to the same token, and an answer to the same request with a new one.
    ## Why agents go missing
    They do not: rollcall renewed the token. A script that keeps its token loses everybody after that moment.
    ## Fix
    Nothing for rollcall. In a script of yours: renew on 401 and repeat the request.
    ## Not this when
    A new token is refused as well (RC205).
    ## Try it
        rollcall check --demo --fault token-expires
    """

    code = "RC204"
    name = "token-expired-mid-run"
    message = "the token was refused in mid-run {times} and a new one was taken"
    fix = "nothing to do here; a script of yours must renew its token on a 401"

    times: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRejected(Finding):
    """
    A new token is refused by the API that it is meant for.

    ## What was seen
    A token was granted, and the next requests with it, and with a second one, were answered 401.
    ## Why agents go missing
    Nobody was answered: the token is for another region, audience or instance than the one asked.
    ## Fix
    Take token and API from the same region: CXONE_INSTANCE must be the tenant's own API host.
    ## Not this when
    The token worked before (RC204), or the answer was 403 (RC301, RC302).
    ## Try it
        rollcall check --demo --fault token-rejected
    """

    code = "RC205"
    name = "token-rejected"
    message = "a token minted a moment ago is refused for {asked}: {reason}"
    fix = "set CXONE_INSTANCE to the API host of the region and tenant that the client belongs to"

    asked: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTenant(Finding):
    """
    The token is of another tenant than the one that the settings pin.

    ## What was seen
    The tenant in the token's claims, and another one in CXONE_TENANT_ID or the profile.
    ## Why agents go missing
    The agents that answer, if any, are somebody else's: nobody of the pinned tenant was asked.
    ## Fix
    Use the client and the key of the pinned tenant, or correct CXONE_TENANT_ID.
    ## Not this when
    No tenant is pinned, or the token names none.
    ## Try it
        CXONE_TENANT_ID=11ed0000-0000-4000-8000-000000000000 rollcall check
    """

    code = "RC206"
    name = "foreign-tenant"
    message = "the token is of the tenant {theirs}, and the settings pin {ours}"
    fix = "use the client and key of the tenant {ours}, or correct CXONE_TENANT_ID"

    ours: str
    theirs: str


@check(needs=(TenantAsked, TokenGranted), finds=(ForeignTenant,))
def tenant_is_ours(case: Case) -> Iterator[Finding]:
    """Is the token of the tenant that the settings pin?"""
    ours, granted = case[TenantAsked].tenant_id, case[TokenGranted]
    if ours and granted.tenant and ours.casefold() != granted.tenant.casefold():
        yield ForeignTenant(
            ours=ours,
            theirs=granted.tenant,
            evidence=(
                Evidence(
                    claim="the tenant in the claims of the token",
                    exchange=granted.exchange,
                    pointer="/access_token",
                    seen=granted.tenant,
                ),
            ),
            explains=case.roll.ids(*Standing),
            explains_all=True,
        )


@check(needs=(TenantAsked, Failures), finds=(ClientRefused, GrantRefused, KeyRefused))
def token_granted(case: Case) -> Iterator[Finding]:
    """Did the token endpoint grant a token?"""
    refused = [
        failure for failure in case[Failures].items if failure.where is Where.TOKEN and failure.kind in _REFUSALS
    ]
    tenant = case[TenantAsked]
    for failure in refused:
        evidence = evidence_of([failure])
        explains, everything = struck([failure]), struck_all(case, [failure])
        reason = _reason(failure)
        if failure.error == "invalid_grant":
            yield KeyRefused(reason=reason, evidence=evidence, explains=explains, explains_all=everything)
        elif failure.error == "invalid_client" or failure.status == 401:
            hint = f" ({' '.join(tenant.hints)})" if tenant.hints else ""
            yield ClientRefused(reason=reason, hint=hint, evidence=evidence, explains=explains, explains_all=everything)
        else:
            certain = failure.status == 400
            yield GrantRefused(
                grant_type=tenant.grant_type,
                reason=reason,
                evidence=evidence,
                explains=explains,
                explains_all=everything,
                strength=Strength.PROVEN if certain else Strength.SUSPECTED,
                settle="" if certain else "ask for a token with another grant type, or from another network",
            )


@check(needs=(TokenGranted, TokenRenewals), finds=(TokenExpiredMidRun,))
def token_lasts(case: Case) -> Iterator[Finding]:
    """Did the token last for the whole run?"""
    healed = case[TokenRenewals].healed
    if healed:
        refused, answered = healed[0]
        yield TokenExpiredMidRun(
            times="once" if len(healed) == 1 else f"{len(healed)} times",
            strength=Strength.NOTE,
            evidence=(
                Evidence(claim="the token was refused", exchange=refused, pointer="status", seen="401"),
                Evidence(
                    claim="the same request was answered with a new one",
                    exchange=answered,
                    pointer="status",
                    seen="200",
                ),
            ),
        )


@check(needs=(TenantAsked, TokenGranted, Failures, Selected), finds=(TokenRejected,))
def token_accepted(case: Case) -> Iterator[Finding]:
    """Is the token that was granted taken by the API?"""
    seen = case[Failures]
    refused = [failure for failure in of_kind(seen.items, FailureKind.UNAUTHORIZED) if failure.where is not Where.TOKEN]
    if refused and not missing_scopes(case, refused):
        nothing_answered = seen.answered == 0
        granted = case[TokenGranted]
        minted = Evidence(claim="a token was granted", exchange=granted.exchange, pointer="/access_token", seen="***")
        yield TokenRejected(
            asked=what_failed(refused),
            reason=_reason(refused[0]),
            strength=Strength.PROVEN if nothing_answered else Strength.SUSPECTED,
            settle="" if nothing_answered else "ask the refused endpoint with a token of a user who may see it",
            evidence=(minted, *evidence_of(refused)),
            explains=struck(refused),
            explains_all=struck_all(case, refused),
        )


def _reason(failure: Failure) -> str:
    return " ".join(part for part in (f"HTTP {failure.status}", failure.error, failure.detail) if part)
