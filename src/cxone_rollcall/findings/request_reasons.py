"""The words for each cause of too few rows: problem and remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from cxone_rollcall.findings import (
    batch,
    connectivity,
    credentials,
    endpoint,
    failed_requests,
    identifiers,
    own_filters,
    permission,
    roster,
    state_filter,
    tenant,
    updated_since,
)
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.request import Change, ChangeAsked, RequestAsked, What
from cxone_rollcall.model.observations.states import StatesSeen
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.wording import counted

UNAUTHORIZED, FORBIDDEN = 401, 403


class Reason(Value, frozen=True, kw_only=True):
    """One cause: its finding, what it says, and the remedy."""

    kind: type[Finding]
    said: str
    remedy: str


def proof(change: ChangeAsked) -> frozenset[str]:
    """The agents whose rows depend on the change.

    They have a row in each response with the change, and in none without it.
    """
    with_it = [one.found for one in change.after if one.rows is not None]
    if len(with_it) < len(change.after) or not with_it:
        return frozenset()
    without = frozenset(agent for one in change.before for agent in one.found)
    return frozenset.intersection(*with_it) - without


def reason_of(case: Case, change: ChangeAsked) -> Reason:
    """The cause that a change shows. The request has rows with it and none without it."""
    return _REASONS[change.change](case, change)


def _status(change: ChangeAsked) -> int | None:
    return change.before[0].status if change.before[0].rows is None else None


def _token(case: Case, change: ChangeAsked) -> Reason:
    asked, status = case[RequestAsked], _status(change)
    token, granted = asked.token, case.get(TokenGranted)
    anew = "get a new token when it expires, or when a request returns 401"
    if status == UNAUTHORIZED and not token.sent:
        said = "it carries no token: the header Authorization is missing"
        return Reason(kind=credentials.TokenRejected, said=said, remedy="send the header Authorization: Bearer TOKEN")
    if status == UNAUTHORIZED and token.expired is not None:
        said = f"its token expired {_duration(token.expired)} ago"
        return Reason(kind=credentials.TokenExpiredMidRun, said=said, remedy=anew)
    if status == UNAUTHORIZED:
        said = "the API does not accept its token, and accepts rollcall's"
        remedy = f"get a token at the same host with a client of this tenant; {anew}"
        return Reason(kind=credentials.TokenRejected, said=said, remedy=remedy)
    tenants = (token.tenant, granted.tenant if granted is not None else None)
    if all(tenants) and len({one.casefold() for one in tenants if one}) > 1:
        said = f"its token belongs to tenant {tenants[0]}, and rollcall's to {tenants[1]}"
        return Reason(kind=tenant.ForeignTenant, said=said, remedy="use a token of the right tenant")
    if status == FORBIDDEN:
        return _forbidden(case, token.scopes)
    same = "give its account the permissions of the one that rollcall uses, or use that one"
    if not asked.ids and asked.contract == "v2" and asked.what is What.STATES:
        said = "its account may not list all agents, and rollcall's may"
        return Reason(kind=permission.CannotListAll, said=said, remedy=f"name the ids in agentIds, or {same}")
    return Reason(kind=permission.Forbidden, said="its token may see fewer agents than rollcall's", remedy=same)


def _forbidden(case: Case, scopes: tuple[str, ...] | None) -> Reason:
    asked, tenant_asked = case[RequestAsked], case[TenantAsked]
    scope = tenant_asked.roster_scope if asked.what is What.ROSTER else tenant_asked.states_scope
    if scope and scopes is not None and scope not in scopes:
        remedy = f"tick {scope} in Admin > Integrations > OAuth clients, then get a new token"
        return Reason(kind=permission.ScopeMissing, said=f"its token lacks the scope {scope}", remedy=remedy)
    remedy = "give its client or user the permission for this request, then get a new token"
    return Reason(
        kind=permission.Forbidden, said="its token may not send this request, and rollcall's may", remedy=remedy
    )


def _host(case: Case, change: ChangeAsked) -> Reason:
    first, ours = change.before[0], case[TenantAsked].instance
    kinds: dict[int | None, type[Finding]] = {
        None: connectivity.HostUnreachable,
        UNAUTHORIZED: credentials.TokenRejected,
        FORBIDDEN: credentials.TokenRejected,
    }
    kind = kinds.get(first.status, endpoint.EndpointNotFound) if first.rows is None else tenant.ForeignTenant
    return Reason(kind=kind, said=f"it asks another host than the tenant's, {ours}", remedy=f"send it to {ours}")


def _path(case: Case, change: ChangeAsked) -> Reason:
    said = f"this host has nothing at that path, and answers {change.what}"
    return Reason(kind=endpoint.EndpointNotFound, said=said, remedy=f"send it {change.what}")


def _contract(case: Case, change: ChangeAsked) -> Reason:
    said = f"this host does not serve the {change.said} API; it serves {change.instead}"
    return Reason(kind=endpoint.OtherContractSpoken, said=said, remedy=f"use the paths of the {change.instead} API")


def _version(case: Case, change: ChangeAsked) -> Reason:
    what = case[RequestAsked].what.path
    said = f"{what} is not served in API version {change.said}, but in version {change.instead}"
    return Reason(kind=endpoint.VersionNotServed, said=said, remedy=f"request version {change.instead}")


def _no_ids(case: Case, change: ChangeAsked) -> Reason:
    if change.said:
        said = f"the API reads ids from the parameter agentIds, and it sends {change.said}: it names nobody"
        return Reason(kind=permission.CannotListAll, said=said, remedy="rename the parameter to agentIds")
    said = 'it names no agentIds, and without them this account gets no rows: probably "List All Agents" is missing'
    remedy = "name the ids in agentIds, 50 to 100 at once; the roster has them (GET /api/v2/agents)"
    return Reason(kind=permission.CannotListAll, said=said, remedy=remedy)


def _resolved(case: Case, change: ChangeAsked) -> Reason:
    said = f"{change.said} is not an internal id: the roster has it as {change.instead}"
    remedy = "look the internal ids up in the roster, and request those"
    return Reason(kind=identifiers.NotAnInternalId, said=said, remedy=remedy)


def _separator(case: Case, change: ChangeAsked) -> Reason:
    said = f'this server does not read ids joined with "{change.said}", but joined with "{change.instead}"'
    return Reason(kind=batch.SeparatorMisread, said=said, remedy=f'join the ids with "{change.instead}"')


def _poison(case: Case, change: ChangeAsked) -> Reason:
    said = f"{change.said} makes this server leave out the others"
    return Reason(kind=batch.IdPoisonsBatch, said=said, remedy=f"leave out {change.said}")


def _batches(case: Case, change: ChangeAsked) -> Reason:
    remedy = f"request ids in batches of at most {change.instead}"
    if _status(change) is not None:
        said = f"this server refuses {change.said} ids in one request; it answers {change.instead}"
        return Reason(kind=batch.TooManyIds, said=said, remedy=remedy)
    said = f"this server answers only a part of {change.said} ids in one request, and all of {change.instead}"
    return Reason(kind=batch.BatchCut, said=said, remedy=remedy)


def _spelling(case: Case, change: ChangeAsked) -> Reason:
    said = f"no state is spelt {change.said}; the API spells it {change.instead}"
    remedy = f"write {change.instead}, or drop the state filter"
    return Reason(kind=state_filter.StateFilterMisspelt, said=said, remedy=remedy)


def _state(case: Case, change: ChangeAsked) -> Reason:
    seen = case.get(StatesSeen)
    rows = seen.rows if seen is not None else {}
    states = Counter(rows[one].state or "a state without a name" for one in sorted(proof(change)) if one in rows)
    others = ", ".join(f"{state} {count}" for state, count in states.most_common())
    said = f"state={change.said} leaves out agents with other logged-in states{f': {others}' if others else ''}"
    return Reason(kind=state_filter.StateFilterHides, said=said, remedy="drop the state filter")


def _since(case: Case, change: ChangeAsked) -> Reason:
    if _status(change) is not None:
        said = f"the API refuses updatedSince={change.said}: {change.before[0].failure.rstrip('.')}"
        return Reason(kind=failed_requests.RequestsFailed, said=said, remedy="send a UTC time: 2026-03-02T10:30:00Z")
    said = f"updatedSince={change.said} asks only for agents whose state changed after that"
    remedy = "request once without updatedSince, keep the rows, and apply the responses with it to those"
    return Reason(kind=updated_since.DeltaNotSnapshot, said=said, remedy=remedy)


def _parameter(case: Case, change: ChangeAsked) -> Reason:
    said = f"its parameter {change.said} leaves rows out"
    if change.said.lower() == "fields":
        said = "its parameter fields leaves out members that each row needs, such as the state"
    return Reason(kind=own_filters.FilteredByUs, said=said, remedy=f"drop the parameter {change.said}")


def _pages(case: Case, change: ChangeAsked) -> Reason:
    if change.instead == "0":
        said = "this server counts pages from 0, and it begins with page 1"
        return Reason(kind=roster.FirstPageSkipped, said=said, remedy="begin with page=0")
    if change.said:
        said = f"it begins at {change.said}, behind the first rows"
        return Reason(kind=roster.PageCapped, said=said, remedy="begin with the first page, and read all of them")
    said = f"it reads one page, of {counted(change.before[0].rows or 0, 'row')}, and more pages follow"
    return Reason(kind=roster.PageCapped, said=said, remedy="read on until there is no next page")


_REASONS: dict[Change, Callable[[Case, ChangeAsked], Reason]] = {
    Change.HOST: _host,
    Change.PATH: _path,
    Change.CONTRACT: _contract,
    Change.VERSION: _version,
    Change.TOKEN: _token,
    Change.NO_IDS: _no_ids,
    Change.RESOLVED: _resolved,
    Change.SEPARATOR: _separator,
    Change.POISON: _poison,
    Change.BATCHES: _batches,
    Change.SPELLING: _spelling,
    Change.STATE: _state,
    Change.SINCE: _since,
    Change.PARAMETER: _parameter,
    Change.PAGES: _pages,
}


def _duration(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return counted(int(seconds // length), unit)
    return counted(int(seconds), "second")
