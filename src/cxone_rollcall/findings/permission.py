"""RC301 to RC303: does the token have the permissions that it needs?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import alone_as_evidence, is_incontact, row_exchange, without_user
from cxone_rollcall.findings.failures import (
    from_failures,
    of_kind,
    stages_of,
)
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.findings.scopes import grants, has_scopes_of_this_kind
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import EverybodyAsked, ServerTimeAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted

WHERE_TO_TICK = "Admin > Integrations > OAuth clients"
CONFLICT = 409
"""The incontact API's status for missing permissions."""


class ScopeMissing(Finding, frozen=True, kw_only=True):
    """
    The token does not carry the scope that the endpoint needs.

    ## What was seen
    403 for every request to an endpoint, also when it is repeated, and granted scopes that lack the endpoint's in any
    spelling (PROVEN); or a token that does not name its scopes, or names none of this API's kind, such as only `openid`
    (SUSPECTED). The roster needs `agent:read`, states need `presence:read`; `agents.read`, `agent:*` and `*` include
    the first one too. Tokens of the `incontact` API name no scopes: there a 403 is SUSPECTED, and so is a 401 if the
    server tells its time to the same token.
    ## Why agents go missing
    The endpoint refuses, and a script that reads a refusal as an empty list sees no agent.
    ## Fix
    Tick the scope in Admin > Integrations > OAuth clients. Only a new token has it. On the `incontact` API, check the
    application's registration and the permissions of the access key's owner.
    ## Not this when
    The granted scopes include what is needed, or other requests to the endpoint succeeded with the same token (RC302);
    the status is 409 (RC302); the token itself is refused with 401 (RC205), or has no user (RC207).
    ## Try it
        rollcall check --demo --fault scope-missing
    """

    code = "RC301"
    name = "scope-missing"
    message = "the request for {asked} is refused: {lacking}"
    fix = "{remedy}"

    asked: str
    lacking: str
    remedy: str


class Forbidden(Finding, frozen=True, kw_only=True):
    """
    The endpoint refuses, but not because of a scope.

    ## What was seen
    403, although the granted scopes include what the endpoint needs, or although other requests to the same endpoint
    succeeded with the same token. Or 409, the `incontact` API's status for missing permissions. SUSPECTED if the
    request was not refused twice, or if it asked for a page of a list that has other pages. Also if an agent who was
    refused alone was not refused again while another one was answered.
    ## Why agents go missing
    A role, a view or a data restriction hides these agents from the account.
    ## Fix
    Give the account the permission to see agents and their states (Admin > Roles), or use an account that has it.
    ## Not this when
    Every request to the endpoint was refused, and the granted scopes lack what is needed or cannot be read (RC301).
    Or the token has no user (RC207).
    ## Try it
        rollcall check --demo --fault forbidden
    """

    code = "RC302"
    name = "forbidden"
    message = "the request for {asked} is refused although {although}: {reason}"
    fix = "give the account the permission to see these agents (Admin > Roles and views), or use one that has it"

    asked: str
    although: str
    reason: str


@check(needs=(TenantAsked, TokenGranted, Failures, Selected), uses=(ServerTimeAsked,), finds=(ScopeMissing, Forbidden))
def roster_allowed(case: Case) -> Iterator[Finding]:
    """May this token read the roster?"""
    answered = _answered(case, Stage.ROSTER)
    if answered or not without_user(case):  # RC207 takes precedence
        yield from _refused(case, Stage.ROSTER, answered=answered)


@check(
    needs=(TenantAsked, TokenGranted, Failures, Selected, StatesAsked),
    uses=(ServerTimeAsked,),
    finds=(ScopeMissing, Forbidden),
)
def states_allowed(case: Case) -> Iterator[Finding]:
    """May this token read the states?"""
    roster = [failure for failure in case[Failures].items if failure.stage is Stage.ROSTER]
    if without_user(case) and not case[Selected].roster and len(turned_away(case, Stage.ROSTER)) == len(roster):
        return  # RC207 takes precedence: the reason is the same
    # A response without any row is one too: the token may read states.
    yield from _refused(case, Stage.STATES, answered=case[StatesAsked].exchange > 0 or _answered(case, Stage.STATES))


@check(needs=(AgentsAskedAlone, StatesAsked), finds=(Forbidden,))
def each_agent_allowed(case: Case) -> Iterator[Finding]:
    """Is each agent that is requested alone answered, if others are?"""
    unknown = set(case.roll.ids(Standing.UNKNOWN, Standing.ABSENT)) - case.explained
    alone = case[AgentsAskedAlone]
    refused = [item for item in alone.of(Alone.FORBIDDEN) if item.agent_id in unknown]
    # If every agent is refused alone, this kind of request may be refused, not these agents.
    others = bool(alone.of(Alone.ROW, Alone.NO_ROW))
    if refused and (case[StatesAsked].others or _answered(case, Stage.STATES)):
        yield Forbidden(
            asked="the states of single agents",
            although="others are answered" if others else "the list of states is answered",
            **proven_if(
                alone.refused_again,
                settle="run the check again: the same agents must be refused"
                if others
                else "request an agent that has a row, alone",
            ),
            reason=f"{counted(len(refused), 'agent')} requested alone",
            evidence=alone_as_evidence(refused, "refused"),
            explains=tuple(item.agent_id for item in refused),
        )


def missing_scopes(case: Case, refused: Iterable[Failure]) -> list[str]:
    """The scopes that the refused requests need and the token lacks.

    Empty if the token's scopes are not of this kind or cannot be read, if the same endpoint answered other requests,
    and on the incontact API, whose tokens have no scopes.
    """
    scopes = case[TokenGranted].scopes
    if scopes is None or is_incontact(case[TenantAsked]) or not has_scopes_of_this_kind(scopes):
        return []
    stages = dict.fromkeys(failure.stage for failure in refused)
    needed = dict.fromkeys(_scope(case, stage) for stage in stages if not _answered(case, stage))
    return [scope for scope in needed if not grants(scopes, scope)]


def server_time_accepted(case: Case) -> tuple[Evidence, ...]:
    """Evidence that the server accepts the token, if there is any. It did, for a request that needs no permission.

    Only on the incontact API, where a 401 may also mean a missing permission.
    """
    asked = case.get(ServerTimeAsked)
    accepted = asked is not None and asked.accepted and is_incontact(case[TenantAsked])
    return server_time_asked(case) if accepted else ()


def server_time_asked(case: Case) -> tuple[Evidence, ...]:
    """The request for the server's time as evidence. Empty if it was not sent."""
    asked = case.get(ServerTimeAsked)
    if asked is None:
        return ()
    claim = "the server's time, asked with the same token"
    return (Evidence(claim, asked.exchange, "status", str(asked.status or "no response")),)


def turned_away(case: Case, stage: Stage) -> tuple[Failure, ...]:
    """Requests that were refused although the server accepts the token."""
    kinds = [FailureKind.FORBIDDEN]
    if server_time_accepted(case):
        kinds.append(FailureKind.UNAUTHORIZED)
    return tuple(failure for failure in of_kind(case[Failures].items, *kinds) if failure.stage is stage)


def _refused(case: Case, stage: Stage, *, answered: bool) -> Iterator[Finding]:
    kinds = (FailureKind.FORBIDDEN, FailureKind.UNAUTHORIZED)
    refused = tuple(failure for failure in of_kind(case[Failures].items, *kinds) if failure.stage is stage)
    lacking = bool(missing_scopes(case, refused))
    ours = not is_incontact(case[TenantAsked])
    granted = ours and grants(case[TokenGranted].scopes or (), _scope(case, stage))
    if not lacking:  # then a 401 means the token (RC205), unless the token is known to be accepted
        refused = turned_away(case, stage)
    if not refused:
        return
    # A 401 could also mean the token, a page could be of something before the API, and one refusal could be chance.
    repeated = [one.tries > 1 for one in refused]
    certain = all(one.kind is FailureKind.FORBIDDEN and not one.is_page for one in refused)
    certain = certain and (all(repeated) if answered else any(repeated))
    # A page of a list has no agents of its own: where others are answered, a backend may refuse.
    certain = certain and (ours or not answered)
    conflict = not ours and all(failure.status == CONFLICT for failure in refused)
    if answered or granted or conflict:
        although = "the scope is granted" if granted else "other requests with the same token succeed"
        yield Forbidden(
            asked=stages_of(refused),
            although=although if answered or granted else "the token is accepted",
            reason=refused[0].detail or f"HTTP {refused[0].status}",
            **proven_if(certain, settle="send the refused request with a token of a user who may see these agents"),
            **from_failures(case, refused, *_granted(case), *(() if certain else server_time_accepted(case))),
        )
    elif ours:
        yield _scope_missing(case, refused, _scope(case, stage), proven=lacking and certain)
    else:
        yield _permissions_missing(case, refused, certain=certain)


def _answered(case: Case, stage: Stage) -> bool:
    """Whether this endpoint answered any request. It listed an agent, or gave one a standing."""
    if stage is Stage.ROSTER:
        return case[Selected].roster > 0
    return any(entry.standing is not Standing.UNKNOWN for entry in case.roll.entries)


def _scope(case: Case, stage: Stage) -> str:
    tenant = case[TenantAsked]
    return tenant.roster_scope if stage is Stage.ROSTER else tenant.states_scope


def _scope_missing(case: Case, refused: Sequence[Failure], scope: str, *, proven: bool) -> Finding:
    scopes = case[TokenGranted].scopes
    if scopes is None:
        lacks = "does not name its scopes, and probably lacks"
    elif not has_scopes_of_this_kind(scopes):
        lacks = "names no scope of this API's kind, and probably lacks"
    else:
        lacks = "lacks the scope"
    return ScopeMissing(
        asked=stages_of(refused),
        lacking=f"the token {lacks} {scope}",
        remedy=f"tick {scope} in {WHERE_TO_TICK}, then get a new token: rollcall check does",
        **proven_if(proven, settle=f"get a new token with {scope} ticked and run the check again"),
        **from_failures(case, refused, *_granted(case)),
    )


def _permissions_missing(case: Case, refused: Sequence[Failure], *, certain: bool) -> Finding:
    return ScopeMissing(
        asked=stages_of(refused),
        lacking="probably the application's registration, or the access key's owner, lacks the permission",
        remedy="check the application's registration and the permissions of the access key's owner, then get a token",
        strength=Strength.SUSPECTED,
        settle="use the access key of a user who sees these agents on the desktop, with the same application",
        **from_failures(case, refused, *(() if certain else server_time_accepted(case))),
    )


def _granted(case: Case) -> tuple[Evidence, ...]:
    granted = case[TokenGranted]
    if granted.scopes is None or is_incontact(case[TenantAsked]):
        return ()
    seen = " ".join(granted.scopes) or "(none)"
    return (Evidence("the scopes that were granted", granted.exchange, "/scope", seen),)


class CannotListAll(Finding, frozen=True, kw_only=True):
    """
    Requested without ids, the states are empty; with ids they are not.

    ## What was seen
    `agents/states` without `agentIds`: no row. The same request with ids, in the same run: rows. Rollcall sends it only
    with `--probes deep`: it always requests states by id, so this explains no agent that is missing here. For a request
    of your program, `rollcall request` proves it.
    ## Why agents go missing
    They do not here. A script that requests states without ids gets an empty list, however many agents are logged in:
    probably the account lacks the permission "List All Agents".
    ## Fix
    Nothing for rollcall. In a script of yours: request with ids, or give the account the permission "List All Agents".
    ## Not this when
    Requested with ids, there is no row either (RC605), or the request is refused (RC301).
    ## Try it
        rollcall check --demo --probes deep
    """

    code = "RC303"
    name = "cannot-list-all"
    message = 'no rows without ids, but with ids rows for {present}: probably "List All Agents" is missing'
    fix = 'nothing to do here; a script of yours must request with ids, or its account needs "List All Agents"'

    present: str


@check(needs=(TenantAsked, StatesAsked, StatesSeen, EverybodyAsked), finds=(CannotListAll,))
def everybody_listed(case: Case) -> Iterator[Finding]:
    """Does a request without ids give states too?"""
    everybody, rows = case[EverybodyAsked], case[TenantAsked].states_rows
    present = case.roll.ids(Standing.PRESENT)
    if present and not everybody.rows:
        yield CannotListAll(
            present=counted(len(present), "agent"),
            strength=Strength.NOTE,
            evidence=(
                Evidence("requested without ids", everybody.exchange, rows, "no row"),
                Evidence("requested with ids", row_exchange(case, present[0]), rows, f"a row for {present[0]}"),
            ),
        )
