"""RC201 to RC205: does the API accept our credentials and our token?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact
from cxone_rollcall.findings.failures import (
    BEFORE_THE_API,
    FOR_A_TOKEN,
    NETWORK_FIX,
    agents_hit,
    evidence_of,
    from_failures,
    hits_everyone,
    hosts_fix,
    of_kind,
    stages_of,
)
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.findings.permission import missing_scopes, server_time_accepted, server_time_asked
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import RolesTried, TokenGranted, TokenRenewals
from cxone_rollcall.model.observations.base import Failures, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import ServerTimeAsked

_REFUSALS = (FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN, FailureKind.REJECTED)

MALFORMED, UNAUTHORIZED, ERROR = 400, 401, 400
OAUTH_ERRORS = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
        "access_denied",
    }
)
"""Errors that only a token endpoint sends. Source: RFC 6749, sections 4.1.2.1 and 5.2."""

CLIENT_FIX = "copy CXONE_CLIENT_ID and CXONE_CLIENT_SECRET again from Admin > Integrations > OAuth clients"
REGISTRATION_FIX = "copy CXONE_CLIENT_ID and CXONE_CLIENT_SECRET again from the application's registration"
OR_THE_KEY = "; if they are right, create a new access key for the user"
GRANT_FIX = "set CXONE_GRANT_TYPE to the grant that this client is registered for (now: {grant_type})"
CLIENT_FIX_MISSING = (
    "set CXONE_CLIENT_ID and CXONE_CLIENT_SECRET beside the access key: this token endpoint may give none without"
)
CLIENT_NEEDS_USER = (
    "the incontact API gives no token to a client without a user: set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET,"
    " or log a user in: rollcall auth login"
)
KEY_FIX = {
    "password": "create a new access key for the user, and set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET",
    "": "create a new access key, set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET; check CXONE_GRANT_TYPE",
}
"""How to fix a refused key, by grant type."""


class ClientRefused(Finding, frozen=True, kw_only=True):
    """
    The token endpoint does not know this client id with this secret.

    ## What was seen
    401, or the error `invalid_client`, in response to the request for a token with a client. SUSPECTED if there was an
    access key too, and the response does not name the wrong one. Rollcall tried them once more with their roles
    exchanged.
    ## Why agents go missing
    Without a token no agent can be requested.
    ## Fix
    Copy client id and secret again from Admin > Integrations > OAuth clients. On the `incontact` API, copy them from
    the application's registration, and check that it is approved. If what is set as the client turned out to be an
    access key, set it as the access key.
    ## Not this when
    The client is known and the grant type is not allowed (RC202), or a user's key is wrong (RC203).
    ## Try it
        rollcall check --demo --fault client-refused
    """

    code = "RC201"
    name = "client-refused"
    message = "the token endpoint{at} refuses {whom}: {reason}{hint}"
    fix = "{remedy}"

    at: str
    whom: str
    reason: str
    hint: str
    remedy: str


class GrantRefused(Finding, frozen=True, kw_only=True):
    """
    The token endpoint refuses the grant type, or cannot read the request.

    ## What was seen
    400 with `unsupported_grant_type`, `invalid_request`, `invalid_scope`, or without a reason. SUSPECTED for any other
    reason or status, and for a page: a 403 without an OAuth error probably comes from something before the API (a
    proxy, an edge, an allow list of addresses), and says nothing of the client or the key. A NOTE if the answer has the
    status of an error and yet holds a token, which rollcall used: the API decides what it is worth.
    ## Why agents go missing
    Without a token no agent can be requested.
    ## Fix
    Set CXONE_GRANT_TYPE to the grant that the client was registered for. If something before the API refuses, ask from
    another network, or have this machine's public address added to the allow list.
    ## Not this when
    The client itself is refused (RC201), or the key of a user (RC203).
    ## Try it
        rollcall check --demo --fault grant-refused
    """

    code = "RC202"
    name = "grant-refused"
    message = "{refused}: {reason}"
    fix = "{remedy}"

    refused: str
    reason: str
    remedy: str


class KeyRefused(Finding, frozen=True, kw_only=True):
    """
    The key, code or refresh token is wrong, expired or revoked.

    ## What was seen
    The error `invalid_grant` in response to the request for a token, or 401 if nothing but the key was sent (SUSPECTED
    if the body is empty, or if no discovery named this host). If a client and an access key are set, rollcall tried
    them once more with their roles exchanged.
    ## Why agents go missing
    Without a token no agent can be requested.
    ## Fix
    Create a new access key for the user and set it. CXone shows a key only once, when you create it.
    ## Not this when
    The client itself is refused (RC201), the grant type is not allowed (RC202), or a stored login is refused (RC208).
    ## Try it
        rollcall check --demo --fault key-refused
    """

    code = "RC203"
    name = "key-refused"
    message = "the token endpoint{at} refuses the {key}: {reason}{hint}"
    fix = "{remedy}"

    at: str
    key: str
    reason: str
    hint: str
    remedy: str


class TokenExpiredMidRun(Finding, frozen=True, kw_only=True):
    """
    A token expired during the run, and rollcall got a new one.

    ## What was seen
    A 401 after successful responses to the same token, and a success for the same request with a new token.
    ## Why agents go missing
    They do not: rollcall renewed the token. A script that keeps its token loses every agent after that moment.
    ## Fix
    Nothing for rollcall. In a script of yours: on a 401, renew the token and repeat the request.
    ## Not this when
    A new token is refused as well (RC205).
    ## Try it
        rollcall check --demo --fault token-expires
    """

    code = "RC204"
    name = "token-expired-mid-run"
    message = "the token was refused in mid-run {times}, and a new one was accepted"
    fix = "nothing to do here; a script of yours must renew its token on a 401"

    times: str


class TokenRejected(Finding, frozen=True, kw_only=True):
    """
    The API refuses a new token.

    ## What was seen
    A token was granted, but requests with it, and with a second one, got a 401. SUSPECTED if other requests were
    answered, and on the `incontact` API, where a missing permission may be a 401 too. There, rollcall asked for the
    server's time with the same token, and got a 401 as well.
    ## Why agents go missing
    No request was answered: the token is for another region, audience or instance than the one asked.
    ## Fix
    Use a token and an API of the same region: CXONE_INSTANCE must be the tenant's own API host.
    ## Not this when
    The token worked before (RC204), the status was 403, or the server tells its time to the same token (RC301, RC302).
    ## Try it
        rollcall check --demo --fault token-rejected
    """

    code = "RC205"
    name = "token-rejected"
    message = "a token granted a moment ago is refused for {asked}: {reason}"
    fix = "set CXONE_INSTANCE to the API host of the region and tenant that the client belongs to"

    asked: str
    reason: str


@check(needs=(TenantAsked, Failures), uses=(RolesTried, TokenGranted), finds=(ClientRefused, GrantRefused, KeyRefused))
def token_granted(case: Case) -> Iterator[Finding]:
    """Did the token endpoint grant a token?"""
    tenant, granted = case[TenantAsked], case.get(TokenGranted)
    if granted is not None and granted.status >= ERROR:
        yield _granted_oddly(granted)
    for failure in refused_tokens(case):
        if failure.error == "invalid_grant" and tenant.grant_type == "authorization_code":
            continue  # RC208
        spoken = failure.error in OAUTH_ERRORS
        if failure.is_page or (failure.status in BEFORE_THE_API and not spoken):
            yield _from_before(case, failure)
        elif failure.error == "invalid_grant" or (not tenant.has_client and failure.status == UNAUTHORIZED):
            yield _key_refused(case, failure)
        elif tenant.has_client and (failure.error == "invalid_client" or failure.status == UNAUTHORIZED):
            yield _client_refused(case, failure)
        else:
            yield _grant_refused(case, failure)


def _granted_oddly(granted: TokenGranted) -> Finding:
    return GrantRefused(
        refused=f"the token endpoint answers HTTP {granted.status}, an error, with a token",
        reason="rollcall uses it",
        remedy="nothing to do here; a script of yours that takes only a 200 gets no token",
        strength=Strength.NOTE,
        evidence=(Evidence("the answer that holds the token", granted.exchange, "status", str(granted.status)),),
    )


def _from_before(case: Case, failure: Failure) -> Finding:
    """A finding about something before the token endpoint that refuses.

    It proves nothing about client, key or grant.
    """
    before = f"something before the token endpoint{_at(failure)} (a proxy, an edge, an allow list)"
    return GrantRefused(
        refused=f"the request for a token is refused, probably by {before}",
        reason=_reason(failure),
        remedy=NETWORK_FIX,
        strength=Strength.SUSPECTED,
        settle="ask for a token from another network",
        **from_failures(case, [failure]),
    )


def _key_refused(case: Case, failure: Failure) -> Finding:
    tenant = case[TenantAsked]
    mixed_up, remedy, proof = _roles(case.get(RolesTried))
    spoken = failure.error in OAUTH_ERRORS or (is_incontact(tenant) and bool(failure.error or failure.detail))
    certain = spoken and not failure.guessed
    doubt = hosts_fix(tenant) if failure.guessed else "ask with another access key, and with a client"
    usual = KEY_FIX.get(tenant.grant_type, KEY_FIX[""])
    return KeyRefused(
        at=_at(failure),
        key="access key" if tenant.grant_type == "password" else "key, code or refresh token",
        reason=_reason(failure),
        hint=mixed_up,
        remedy=remedy or (hosts_fix(tenant) if failure.guessed else usual),
        **proven_if(certain, settle=doubt),
        **from_failures(case, [failure], *proof),
    )


def _client_refused(case: Case, failure: Failure) -> Finding:
    """A finding about the client. Beside an access key, only `invalid_client` or exchanged roles prove it."""
    tenant = case[TenantAsked]
    mixed_up, remedy, proof = _roles(case.get(RolesTried))
    certain = failure.error == "invalid_client" or bool(proof) or tenant.grant_type == "client_credentials"
    hint = f" ({' '.join(tenant.hints)})" if tenant.hints else ""
    usual = REGISTRATION_FIX if is_incontact(tenant) else CLIENT_FIX
    return ClientRefused(
        at=_at(failure),
        whom="this client" if certain else "this client or the access key",
        reason=_reason(failure),
        hint=mixed_up or hint,
        remedy=remedy or (usual if certain else usual + OR_THE_KEY),
        **proven_if(certain, settle="ask with another client, and with another access key"),
        **from_failures(case, [failure], *proof),
    )


def _grant_refused(case: Case, failure: Failure) -> Finding:
    tenant = case[TenantAsked]
    speaks_of_another = failure.error not in OAUTH_ERRORS and failure.detail not in (
        "",
        "Bad Request",
        failure.kind.value,
    )
    certain = failure.status == MALFORMED and not failure.guessed and not speaks_of_another
    alone = is_incontact(tenant) and tenant.grant_type == "client_credentials"
    usual = CLIENT_FIX_MISSING if not tenant.has_client else GRANT_FIX.format(grant_type=tenant.grant_type)
    remedy = CLIENT_NEEDS_USER if alone else usual
    what = "request for a token" if speaks_of_another else f"grant {tenant.grant_type}"
    return GrantRefused(
        refused=f"the token endpoint{_at(failure)} refuses the {what}",
        reason=_reason(failure),
        remedy=f"see to what the answer says; or {remedy}" if speaks_of_another else remedy,
        **from_failures(case, [failure]),
        **proven_if(certain, settle="ask for a token with another grant type, or from another network"),
    )


def refused_tokens(case: Case) -> tuple[Failure, ...]:
    """The requests for a token that the token endpoint refused."""
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
                Evidence("the same request succeeded with a new one", first.answered, "status", "200"),
            ),
        )


@check(needs=(TenantAsked, TokenGranted, Failures, Selected), uses=(ServerTimeAsked,), finds=(TokenRejected,))
def token_accepted(case: Case) -> Iterator[Finding]:
    """Does the API accept the token that was granted?"""
    seen = case[Failures]
    refused = [failure for failure in of_kind(seen.items, FailureKind.UNAUTHORIZED) if failure.stage not in FOR_A_TOKEN]
    if refused and not missing_scopes(case, refused) and not server_time_accepted(case):
        # On the incontact API a missing permission may be a 401 too, so a 401 does not prove a bad token.
        certain = seen.answered == 0 and not is_incontact(case[TenantAsked])
        granted = case[TokenGranted]
        token = Evidence("a token was granted", granted.exchange, "/access_token", "***")
        yield TokenRejected(
            asked=stages_of(refused),
            reason=_reason(refused[0]),
            **proven_if(certain, settle="send the refused request with a token of a user who may see these agents"),
            evidence=(token, *evidence_of(refused), *server_time_asked(case)),
            explains=agents_hit(refused),
            explains_all=hits_everyone(case, refused),
        )


def _roles(tried: RolesTried | None) -> tuple[str, str, tuple[Evidence, ...]]:
    """What exchanging the roles proves, the fix, and the evidence. "" if it proves nothing.

    Only a granted token proves something: another refusal leaves open what is wrong.
    """
    if tried is None or not tried.exchange or not (tried.client_is_key or tried.key_is_client):
        return "", "", ()
    client, key = "CXONE_CLIENT_ID and CXONE_CLIENT_SECRET", "CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET"
    if tried.client_is_key and tried.key_is_client:
        mistake, remedy = "client and access key are exchanged", f"exchange them: {client} for {key}"
    elif tried.client_is_key:
        mistake = "what is set as the client is an access key"
        remedy = f"set it as {key}, and set {client} to those of the application's registration"
    else:
        mistake = "what is set as the access key is the client"
        remedy = f"set it as {client}, and set {key} to an access key of a user"
    proof = Evidence(f"asked with the roles exchanged: {mistake}", tried.exchange, "status", "accepted")
    return f"; {mistake}", remedy, (proof,)


def _reason(failure: Failure) -> str:
    """The status and the server's own words, each once."""
    code = failure.error if failure.error not in failure.detail else ""
    return " ".join(part for part in (f"HTTP {failure.status}", code, failure.detail) if part)


def _at(failure: Failure) -> str:
    return f" at {failure.host}" if failure.host else ""
