"""RC301, RC302: are we let in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact, without_user
from cxone_rollcall.findings.failures import (
    MOST_EVIDENCE,
    from_failures,
    of_kind,
    stages_of,
)
from cxone_rollcall.findings.finding import Finding, Strength, counted
from cxone_rollcall.findings.scopes import grants, speaks_of_scopes
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import EverybodyAsked, ServerTimeAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.model.failure import Failure

WHERE_TO_TICK = "Admin > Integrations > OAuth clients"
CONFLICT = 409
"""The status by which the published contract says that permissions are missing."""


class ScopeMissing(Finding, frozen=True, kw_only=True):
    """
    The token does not carry the scope that the endpoint needs.

    ## What was seen
    403 to every request of an endpoint, and granted scopes without the endpoint's in any spelling (PROVEN); or a
    token that does not say its scopes, or names none of this API's kind, such as `openid` (SUSPECTED). `agent:read`
    is for the roster, `presence:read` for states; `agents.read`, `agent:*` and `*` hold the first one too. The tokens
    of the published contract name no scopes: there a 403 is SUSPECTED, and so is a 401 to a token that the server tells
    its time.
    ## Why agents go missing
    The endpoint refuses, and a script that reads a refusal as an empty list sees nobody.
    ## Fix
    Tick the scope in Admin > Integrations > OAuth clients. Only a new token carries it. On the published contract
    look at the application's registration and at the rights of the access key's owner.
    ## Not this when
    The granted scope holds what is needed, or other requests of the endpoint were answered with the same token
    (RC302); the answer is 409 (RC302); or the token itself is refused with 401 (RC205), or has no user (RC207).
    ## Try it
        rollcall check --demo --fault scope-missing
    """

    code = "RC301"
    name = "scope-missing"
    message = "asking for {asked} is refused: {lacking}"
    fix = "{mend}"

    asked: str
    lacking: str
    mend: str


class Forbidden(Finding, frozen=True, kw_only=True):
    """
    The endpoint refuses, and no scope is the reason.

    ## What was seen
    403, with a granted scope that holds what the endpoint needs; or beside other requests of the same endpoint that
    were answered with the same token, whatever scopes it names. Or 409, by which the published contract says that
    permissions are missing.
    ## Why agents go missing
    A role, a view or a data restriction of the account keeps it from these agents.
    ## Fix
    Give the account the permission to see agents and their states (Admin > Roles), or use an account that has it.
    ## Not this when
    Every request of the endpoint was refused, and the granted scopes lack what is needed or cannot be read (RC301).
    Or the token has no user (RC207).
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


@check(needs=(TenantAsked, TokenGranted, Failures, Selected), uses=(ServerTimeAsked,), finds=(ScopeMissing, Forbidden))
def roster_allowed(case: Case) -> Iterator[Finding]:
    """Does the roster let this token in?"""
    answered = _answered(case, Stage.ROSTER)
    if answered or not without_user(case):  # RC207 goes before
        yield from _refused(case, Stage.ROSTER, answered=answered)


@check(
    needs=(TenantAsked, TokenGranted, Failures, Selected, StatesAsked),
    uses=(ServerTimeAsked,),
    finds=(ScopeMissing, Forbidden),
)
def states_allowed(case: Case) -> Iterator[Finding]:
    """Do the states let this token in?"""
    roster = [failure for failure in case[Failures].items if failure.stage is Stage.ROSTER]
    if without_user(case) and not case[Selected].roster and len(turned_away(case, Stage.ROSTER)) == len(roster):
        return  # RC207 goes before: the roster is refused, or empty, for the same reason
    # An answer without any row is an answer too: it gives nobody a standing, and the token was let in.
    yield from _refused(case, Stage.STATES, answered=case[StatesAsked].exchange > 0 or _answered(case, Stage.STATES))


@check(needs=(AgentsAskedAlone,), finds=(Forbidden,))
def each_agent_allowed(case: Case) -> Iterator[Finding]:
    """Is nobody refused who is asked for alone, where others are answered?"""
    unknown = set(case.roll.ids(Standing.UNKNOWN, Standing.ABSENT)) - case.explained
    items = case[AgentsAskedAlone].items
    refused = [item for item in items if item.said is Alone.FORBIDDEN and item.agent_id in unknown]
    # Where everybody is refused alone, it may be that question that is refused, and not these agents.
    certain = any(item.said in (Alone.ROW, Alone.NO_ROW) for item in items)
    if refused and _answered(case, Stage.STATES):
        yield Forbidden(
            asked="the states of some agents by themselves",
            although="others are answered" if certain else "the list of states is answered",
            strength=Strength.PROVEN if certain else Strength.SUSPECTED,
            settle="" if certain else "ask for an agent who has a row by itself",
            reason=f"{counted(len(refused), 'agent')} asked for alone",
            evidence=tuple(
                Evidence(f"{item.agent_id}, asked for alone", item.exchange, "status", "refused")
                for item in refused[:MOST_EVIDENCE]
            ),
            explains=tuple(item.agent_id for item in refused),
        )


def missing_scopes(case: Case, refused: Iterable[Failure]) -> list[str]:
    """Return the scopes that the refused requests need and the token lacks.

    None is missing where the token cannot be read, speaks of no scopes of this kind, or was let in at the same place;
    nor on the published contract, whose scopes are in no token.
    """
    scopes = case[TokenGranted].scopes
    if scopes is None or is_incontact(case[TenantAsked]) or not speaks_of_scopes(scopes):
        return []
    stages = dict.fromkeys(failure.stage for failure in refused)
    needed = dict.fromkeys(_scope(case, stage) for stage in stages if not _answered(case, stage))
    return [scope for scope in needed if not grants(scopes, scope)]


def server_time_accepted(case: Case) -> tuple[Evidence, ...]:
    """Return the proof that the token is taken where no permission is needed; nothing where there is none.

    Only on the published contract: there a 401 may also mean a permission.
    """
    asked = case.get(ServerTimeAsked)
    if asked is None or not asked.accepted or not is_incontact(case[TenantAsked]):
        return ()
    claim = "the server's time, asked with the same token"
    return (Evidence(claim, asked.exchange, "status", str(asked.status or 200)),)


def turned_away(case: Case, stage: Stage) -> tuple[Failure, ...]:
    """Return the requests of an endpoint that were refused although the token is taken."""
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
    if not lacking:  # then a 401 is the token's (RC205), unless the token is known to be taken
        refused = turned_away(case, stage)
    if not refused:
        return
    certain = all(failure.kind is FailureKind.FORBIDDEN for failure in refused)  # a 401 could mean the token as well
    told = not ours and all(failure.status == CONFLICT for failure in refused)
    if answered or granted or told:
        although = "the scope is granted" if granted else "other requests with the same token are answered"
        yield Forbidden(
            asked=stages_of(refused),
            although=although if answered or granted else "the token is taken",
            reason=refused[0].detail or f"HTTP {refused[0].status}",
            strength=Strength.PROVEN if certain else Strength.SUSPECTED,
            settle="" if certain else "ask the refused endpoint with a token of a user who may see it",
            **from_failures(case, refused, *_granted(case), *(() if certain else server_time_accepted(case))),
        )
    elif ours:
        yield _scope_missing(case, refused, _scope(case, stage), proven=lacking and certain)
    else:
        yield _rights_missing(case, refused, certain=certain)


def _answered(case: Case, stage: Stage) -> bool:
    """Tell whether some request of this endpoint was answered: it named an agent, or gave one a standing."""
    if stage is Stage.ROSTER:
        return case[Selected].roster > 0
    return any(entry.standing is not Standing.UNKNOWN for entry in case.roll.entries)


def _scope(case: Case, stage: Stage) -> str:
    tenant = case[TenantAsked]
    return tenant.roster_scope if stage is Stage.ROSTER else tenant.states_scope


def _scope_missing(case: Case, refused: Sequence[Failure], scope: str, *, proven: bool) -> Finding:
    scopes = case[TokenGranted].scopes
    if scopes is None:
        lacks = "does not say its scopes, and probably lacks"
    elif not speaks_of_scopes(scopes):
        lacks = "names no scope of this API's kind, and probably lacks"
    else:
        lacks = "lacks the scope"
    return ScopeMissing(
        asked=stages_of(refused),
        lacking=f"the token {lacks} {scope}",
        mend=f"tick {scope} in {WHERE_TO_TICK}, then take a new token: rollcall check asks for one",
        strength=Strength.PROVEN if proven else Strength.SUSPECTED,
        settle="" if proven else f"take a new token with {scope} ticked and ask again",
        **from_failures(case, refused, *_granted(case)),
    )


def _rights_missing(case: Case, refused: Sequence[Failure], *, certain: bool) -> Finding:
    return ScopeMissing(
        asked=stages_of(refused),
        lacking="probably the application's registration, or the rights of the access key's owner, do not reach so far",
        mend="look at the application's registration and the rights of the access key's owner, then take a new token",
        strength=Strength.SUSPECTED,
        settle="ask with the access key of a user who sees these agents in the desktop, and with the same application",
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
    Asked without ids, the states are empty; asked with ids, they have rows.

    ## What was seen
    `agents/states` without `agentIds`: no row. The same asked with ids, in the same run: rows. It is asked only with
    `--probes deep`, because it explains nobody who is missing here: rollcall asks by id.
    ## Why agents go missing
    They do not here. A script that asks without ids gets an empty list, however many are logged in: probably the
    account lacks the permission "List All Agents".
    ## Fix
    Nothing for rollcall. In a script of yours: ask with ids, or give the account the permission "List All Agents".
    ## Not this when
    Asking with ids gives no row either (RC605), or is refused (RC301).
    ## Try it
        rollcall check --demo --probes deep
    """

    code = "RC303"
    name = "cannot-list-all"
    message = 'asked without ids the states are empty, with ids {present} answer: probably "List All Agents" is missing'
    fix = 'nothing to do here; a script of yours must ask with ids, or its account needs "List All Agents"'

    present: str


@check(needs=(TenantAsked, StatesAsked, StatesSeen, EverybodyAsked), finds=(CannotListAll,))
def everybody_listed(case: Case) -> Iterator[Finding]:
    """Are the states of everybody given without ids too?"""
    everybody, rows = case[EverybodyAsked], case[TenantAsked].states_rows
    present = case.roll.ids(Standing.PRESENT)
    if present and not everybody.rows:
        yield CannotListAll(
            present=counted(len(present), "agent"),
            strength=Strength.NOTE,
            evidence=(
                Evidence("asked without ids", everybody.exchange, rows, "no row"),
                Evidence(
                    "asked with ids",
                    case[StatesSeen].exchange_of(present[0]) or case[StatesAsked].exchange,
                    rows,
                    f"a row for {present[0]}",
                ),
            ),
        )
