"""RC207, RC208: is there a user behind the token?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import without_user
from cxone_rollcall.findings.credentials import refused_tokens
from cxone_rollcall.findings.failures import agents_hit, evidence_of, from_failures, hits_everyone, of_kind
from cxone_rollcall.findings.finding import Finding, proven_if
from cxone_rollcall.findings.permission import server_time_accepted, turned_away
from cxone_rollcall.findings.roster import nobody_on
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import ServerTimeAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.roll import Standing


class NoUserContext(Finding, frozen=True, kw_only=True):
    """
    The token belongs to a client, without a user whose permissions apply.

    ## What was seen
    Claims that name neither a user nor an agent, and a roster that is refused or empty. PROVEN if the grant was
    client_credentials, which has no user by definition, and the roster is refused. Else SUSPECTED, because NICE does
    not document the claims of a token.
    ## Why agents go missing
    The `incontact` API answers with the permissions of the access key's owner. A token without a user has none.
    ## Fix
    Get a token for a user: set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET, or log in with rollcall auth login.
    ## Not this when
    The claims name a user or cannot be read (RC301, RC302), or the roster has any agent.
    ## Try it
        rollcall check --demo --contract incontact --fault no-user
    """

    code = "RC207"
    name = "no-user-context"
    message = "the claims of the token name no user, and the roster is {answer}{cause}"
    fix = "set CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET to an access key of a user, or: rollcall auth login"

    answer: str
    cause: str


class LoginRequired(Finding, frozen=True, kw_only=True):
    """
    A user has to log in, once or once more.

    ## What was seen
    The grant type authorization_code and no stored login: nothing was sent. Or a stored login, and `invalid_grant`
    in response to its refresh token.
    ## Why agents go missing
    Without a token no agent can be requested. A login ends if it is not used for long or is revoked. If a refresh
    token is good for one renewal only, a login also ends when another process has used its token.
    ## Fix
    rollcall auth login
    ## Not this when
    The grant type is another one: then the access key is refused (RC203), or the client (RC201).
    ## Try it
        rollcall check --grant-type authorization_code
    """

    code = "RC208"
    name = "login-required"
    message = "{seen}: a user has to log in"
    fix = "rollcall auth login"

    seen: str


@check(needs=(TenantAsked, Failures), finds=(LoginRequired,))
def logged_in_user(case: Case) -> Iterator[Finding]:
    """Is there a stored login that still gives a token?"""
    failures = case[Failures].items
    missing = of_kind(failures, FailureKind.LOGIN_REQUIRED)
    if missing:
        sent = [failure for failure in missing if failure.exchange]
        nothing = Evidence("nothing was sent: no login is stored", 0, "CXONE_GRANT_TYPE", case[TenantAsked].grant_type)
        yield LoginRequired(
            seen=missing[0].detail or "no login is stored",
            evidence=evidence_of(sent) or (nothing,),
            explains=agents_hit(missing),
            explains_all=hits_everyone(case, missing),
        )
    for failure in refused_tokens(case):
        if failure.error == "invalid_grant" and case[TenantAsked].grant_type == "authorization_code":
            yield LoginRequired(
                seen="the stored login is refused: it is expired, revoked, or was renewed elsewhere",
                **from_failures(case, [failure]),
            )


@check(
    needs=(TenantAsked, TokenGranted, Failures, Selected), uses=(RosterRead, ServerTimeAsked), finds=(NoUserContext,)
)
def user_named(case: Case) -> Iterator[Finding]:
    """Does the token belong to a user, if permissions depend on one?"""
    if not without_user(case):
        return
    roster = case.get(RosterRead)
    refused = () if case[Selected].roster else turned_away(case, Stage.ROSTER)
    if not refused and (roster is None or not nobody_on(roster)):
        return
    granted, tenant = case[TokenGranted], case[TenantAsked]
    forbidden = bool(refused) and all(failure.kind is FailureKind.FORBIDDEN for failure in refused)
    certain = forbidden and tenant.grant_type == "client_credentials"
    evidence = [Evidence("the claims", granted.exchange, "/access_token", "no user")]
    if refused:
        evidence += evidence_of(refused)
        if not forbidden:
            evidence += server_time_accepted(case)
    elif roster is not None:
        seen = "no agents"
        evidence.append(Evidence("a healthy response", roster.exchange, tenant.roster_rows, seen))
    yield NoUserContext(
        answer="refused" if refused else "empty",
        cause=": a client has no permissions here, a user has" if certain else ", as for a token without a user",
        **proven_if(certain, settle="run the check with the access key of a user who may see agents"),
        evidence=tuple(evidence),
        explains=case.roll.ids(*Standing),
        explains_all=True,
    )
