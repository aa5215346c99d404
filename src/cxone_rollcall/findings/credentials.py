"""RC201 to RC205: who are we to the API?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact
from cxone_rollcall.findings.failures import agents_hit, evidence_of, hits_everyone, of_kind, stages_of
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.permission import missing_scopes, server_time_accepted
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import RolesTried, TokenGranted, TokenRenewals
from cxone_rollcall.model.observations.base import Failures, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import ServerTimeAsked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case

_REFUSALS = (FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN, FailureKind.REJECTED)

CLIENT_MENDS = "copy CXONE_CLIENT_ID and CXONE_CLIENT_SECRET anew from Admin > Integrations > OAuth clients"
REGISTRATION_MENDS = "copy CXONE_CLIENT_ID and CXONE_CLIENT_SECRET anew from the application's registration"
GRANT_MENDS = "set CXONE_GRANT_TYPE to the grant that this client is registered for (now: {grant_type})"
NO_CLIENT_ALONE = (
    "the published contract gives a client alone no token: set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET, or log"
    " a user in: rollcall auth login"
)
KEY_MENDS = {
    "password": "make a new access key for the user, and set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET",
    "": "make a new access key, set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET; check CXONE_GRANT_TYPE",
}
"""What to do about a refused key, by the grant type."""


class ClientRefused(Finding, frozen=True, kw_only=True):
    """
    The token endpoint does not know this client id with this secret.

    ## What was seen
    401, or the error `invalid_client`, in answer to the request for a token. Where a client and an access key are set,
    they were tried once more with their roles exchanged.
    ## Why agents go missing
    Without a token nobody can be asked.
    ## Fix
    Copy client id and secret anew from Admin > Integrations > OAuth clients, or on the published contract from the
    application's registration; check that it is approved. Where what is set as the client turned out to be an access
    key, set it as one.
    ## Not this when
    The client is known and the grant type is not allowed (RC202), or a user's key is wrong (RC203).
    ## Try it
        rollcall check --demo --fault client-refused
    """

    code = "RC201"
    name = "client-refused"
    message = "the token endpoint refuses this client: {reason}{hint}"
    fix = "{mend}"

    reason: str
    hint: str
    mend: str


class GrantRefused(Finding, frozen=True, kw_only=True):
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
    fix = "{mend}"

    grant_type: str
    reason: str
    mend: str


class KeyRefused(Finding, frozen=True, kw_only=True):
    """
    The key, the code or the refresh token is wrong, expired or revoked.

    ## What was seen
    The error `invalid_grant` in answer to the request for a token. Where a client and an access key are set, they were
    tried once more with their roles exchanged.
    ## Why agents go missing
    Without a token nobody can be asked.
    ## Fix
    Make a new access key for the user and set it; keys are shown once, when they are made.
    ## Not this when
    The client is refused before its grant is looked at (RC201), the grant type is not allowed (RC202), or a stored
    login is refused (RC208).
    ## Try it
        rollcall check --demo --fault key-refused
    """

    code = "RC203"
    name = "key-refused"
    message = "the token endpoint refuses the {key}: {reason}{hint}"
    fix = "{mend}"

    key: str
    reason: str
    hint: str
    mend: str


class TokenExpiredMidRun(Finding, frozen=True, kw_only=True):
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


class TokenRejected(Finding, frozen=True, kw_only=True):
    """
    A new token is refused by the API that it is meant for.

    ## What was seen
    A token was granted, and the next requests with it, and with a second one, were answered 401. SUSPECTED where
    other requests were answered, and on the published contract, where a missing permission may be a 401 too: there the
    server's time was asked with the same token, and refused as well.
    ## Why agents go missing
    Nobody was answered: the token is for another region, audience or instance than the one asked.
    ## Fix
    Take token and API from the same region: CXONE_INSTANCE must be the tenant's own API host.
    ## Not this when
    The token worked before (RC204), the answer was 403, or the server's time is told to the same token (RC301, RC302).
    ## Try it
        rollcall check --demo --fault token-rejected
    """

    code = "RC205"
    name = "token-rejected"
    message = "a token minted a moment ago is refused for {asked}: {reason}"
    fix = "set CXONE_INSTANCE to the API host of the region and tenant that the client belongs to"

    asked: str
    reason: str


@check(needs=(TenantAsked, Failures), uses=(RolesTried,), finds=(ClientRefused, GrantRefused, KeyRefused))
def token_granted(case: Case) -> Iterator[Finding]:
    """Did the token endpoint grant a token?"""
    tenant = case[TenantAsked]
    mixed, mend, proof = _roles(case.get(RolesTried))
    for failure in refused_tokens(case):
        evidence = evidence_of([failure])
        explains, everything = agents_hit([failure]), hits_everyone(case, [failure])
        reason = _reason(failure)
        if failure.error == "invalid_grant" and tenant.grant_type == "authorization_code":
            continue  # RC208
        if failure.error == "invalid_grant":
            key = "access key" if tenant.grant_type == "password" else "key, code or refresh token"
            yield KeyRefused(
                key=key,
                reason=reason,
                hint=mixed,
                mend=mend or KEY_MENDS.get(tenant.grant_type, KEY_MENDS[""]),
                evidence=(*evidence, *proof),
                explains=explains,
                explains_all=everything,
            )
        elif failure.error == "invalid_client" or failure.status == 401:
            hint = f" ({' '.join(tenant.hints)})" if tenant.hints else ""
            yield ClientRefused(
                reason=reason,
                hint=mixed or hint,
                mend=mend or (REGISTRATION_MENDS if is_incontact(tenant) else CLIENT_MENDS),
                evidence=(*evidence, *proof),
                explains=explains,
                explains_all=everything,
            )
        else:
            certain = failure.status == 400
            alone = is_incontact(tenant) and tenant.grant_type == "client_credentials"
            yield GrantRefused(
                grant_type=tenant.grant_type,
                reason=reason,
                mend=NO_CLIENT_ALONE if alone else GRANT_MENDS.format(grant_type=tenant.grant_type),
                evidence=evidence,
                explains=explains,
                explains_all=everything,
                strength=Strength.PROVEN if certain else Strength.SUSPECTED,
                settle="" if certain else "ask for a token with another grant type, or from another network",
            )


def refused_tokens(case: Case) -> tuple[Failure, ...]:
    """Return the requests for a token that the token endpoint refused."""
    return tuple(
        failure for failure in case[Failures].items if failure.stage is Stage.TOKEN and failure.kind in _REFUSALS
    )


@check(needs=(TokenGranted, TokenRenewals), finds=(TokenExpiredMidRun,))
def token_lasts(case: Case) -> Iterator[Finding]:
    """Did the token last for the whole run?"""
    healed = case[TokenRenewals].healed
    if healed:
        first = healed[0]
        yield TokenExpiredMidRun(
            times="once" if len(healed) == 1 else f"{len(healed)} times",
            strength=Strength.NOTE,
            evidence=(
                Evidence("the token was refused", first.refused, "status", "401"),
                Evidence("the same request was answered with a new one", first.answered, "status", "200"),
            ),
        )


@check(needs=(TenantAsked, TokenGranted, Failures, Selected), uses=(ServerTimeAsked,), finds=(TokenRejected,))
def token_accepted(case: Case) -> Iterator[Finding]:
    """Is the token that was granted taken by the API?"""
    seen, server_time = case[Failures], case.get(ServerTimeAsked)
    refused = [failure for failure in of_kind(seen.items, FailureKind.UNAUTHORIZED) if failure.stage is not Stage.TOKEN]
    if refused and not missing_scopes(case, refused) and not server_time_accepted(case):
        # On the published contract a missing permission may be a 401 too: nothing there proves that it is the token.
        certain = seen.answered == 0 and not is_incontact(case[TenantAsked])
        granted = case[TokenGranted]
        minted = Evidence("a token was granted", granted.exchange, "/access_token", "***")
        yield TokenRejected(
            asked=stages_of(refused),
            reason=_reason(refused[0]),
            strength=Strength.PROVEN if certain else Strength.SUSPECTED,
            settle="" if certain else "ask the refused endpoint with a token of a user who may see it",
            evidence=(minted, *evidence_of(refused), *_server_time(server_time)),
            explains=agents_hit(refused),
            explains_all=hits_everyone(case, refused),
        )


def _server_time(asked: ServerTimeAsked | None) -> tuple[Evidence, ...]:
    if asked is None:
        return ()
    claim = "the server's time, asked with the same token"
    return (Evidence(claim, asked.exchange, "status", str(asked.status or "no answer")),)


def _roles(tried: RolesTried | None) -> tuple[str, str, tuple[Evidence, ...]]:
    """Return what exchanged roles say of the settings, what to set instead, and the proof; "" where they say nothing.

    Only a grant says something: that the exchanged roles were refused as well leaves open what is wrong.
    """
    if tried is None or not tried.exchange or not (tried.client_is_key or tried.key_is_client):
        return "", "", ()
    client, key = "CXONE_CLIENT_ID and CXONE_CLIENT_SECRET", "CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET"
    if tried.client_is_key and tried.key_is_client:
        said, mend = "client and access key are exchanged", f"exchange them: {client} for {key}"
    elif tried.client_is_key:
        said = "what is set as the client is an access key"
        mend = f"set it as {key}, and in {client} those of the application's registration"
    else:
        said = "what is set as the access key is the client"
        mend = f"set it as {client}, and in {key} an access key of a user"
    proof = Evidence(f"asked with the roles exchanged: {said}", tried.exchange, "status", "taken")
    return f"; {said}", mend, (proof,)


def _reason(failure: Failure) -> str:
    return " ".join(part for part in (f"HTTP {failure.status}", failure.error, failure.detail) if part)
