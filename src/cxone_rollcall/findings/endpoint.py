"""RC107 to RC109: does this host serve the requested API and version?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import INCONTACT, is_incontact
from cxone_rollcall.findings.failures import (
    BEFORE_THE_API,
    NETWORK_FIX,
    from_failures,
    hits_everyone,
    hosts_fix,
    of_kind,
    stages_of,
)
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import VersionsFallenBack
from cxone_rollcall.model.observations.base import Failures, TenantAsked
from cxone_rollcall.model.observations.probes import NeighbourVersionsAsked, OtherContractAsked

NOT_FOUND = 404
RUN_AGAIN = "run the check again: the host must answer both paths in the same way each time"
REFUSALS = BEFORE_THE_API | {401}
SERVED = frozenset({200, 204, 403, 409})
"""Statuses that show that a version is served. They are for a token that got 404 at another version."""


class EndpointNotFound(Finding, frozen=True, kw_only=True):
    """
    This host serves the path of neither API.

    ## What was seen
    404 on the path itself, and on the other API's path no response that a CXone API would give. The message names the
    host and the request: on the `incontact` API, discovery finds the hosts, and the token may come from another one
    than the instance. SUSPECTED if it was not so twice, if only the states' path is 404 (some servers return that if no
    agent is logged in), if the response on the other path is unclear, if an API version is pinned, if no discovery
    named the host, or if discovery, which sends no credentials, is refused with another status than 404.
    ## Why agents go missing
    No agent was requested: this host is a web server, but not that of the API.
    ## Fix
    Set CXONE_INSTANCE to the API host of your tenant (`api-...`), not to the desktop's or the login's. If the hosts
    were not found, set CXONE_TENANT_ID, or CXONE_INSTANCE to the host of your area (`na1.nice-incontact.com`).
    ## Not this when
    This host serves the other API (RC108), or another version of the same path (RC109).
    ## Try it
        rollcall check --demo --fault path-missing
    """

    code = "RC107"
    name = "endpoint-not-found"
    message = "{host} {answers}{chosen}"
    fix = "{remedy}"

    host: str
    answers: str
    chosen: str
    remedy: str


class OtherContractSpoken(Finding, frozen=True, kw_only=True):
    """
    This host serves another API than the one that was asked.

    ## What was seen
    404 on this API's path, and 200 or 401 on the other API's path, on the same host. PROVEN if it was so twice, in
    turns; else SUSPECTED.
    ## Why agents go missing
    No agent was requested. Not every tenant has the `/api/v2` API of the tutorials, and not every host serves the one
    that NICE publishes (`incontact`).
    ## Fix
    Set CXONE_CONTRACT to the API that is named here, or to auto. `incontact` needs an access key
    (CXONE_ACCESS_KEY_ID, CXONE_ACCESS_KEY_SECRET) beside the client; `v2` needs only the client.
    ## Not this when
    Neither path answers (RC107), or only the version is another one (RC109).
    ## Try it
        rollcall check --demo --fault other-contract
    """

    code = "RC108"
    name = "other-contract-spoken"
    message = "{host} does not serve the {asked} API{chosen}; it serves {served}"
    fix = "set CXONE_CONTRACT={served}{auto}, with {credentials}"

    host: str
    asked: str
    served: str
    chosen: str
    auto: str
    credentials: str


class VersionNotServed(Finding, frozen=True, kw_only=True):
    """
    This host serves another version of the API, not this one.

    ## What was seen
    404 on a path in one version, and another response on the same path in another version. With CXONE_API_VERSION set,
    rollcall reads no other version, so no agent has an answer (PROVEN if it was so twice, in turns; else SUSPECTED).
    Without it, rollcall used the version that is served (NOTE).
    ## Why agents go missing
    A version that is not served has no agents. Versions are per path: the newest version may lack some paths.
    ## Fix
    Set CXONE_API_VERSION to a version that is served, or leave it out: then rollcall finds one.
    ## Not this when
    Every version of the path is 404 (RC107, RC108).
    ## Try it
        rollcall check --demo --contract incontact --fault version-missing
    """

    code = "RC109"
    name = "version-not-served"
    message = "{path} is not served in API version {refused}, but in version {served}{outcome}"
    fix = "{remedy}"

    path: str
    refused: str
    served: str
    outcome: str
    remedy: str


@check(
    needs=(TenantAsked, Failures, OtherContractAsked),
    uses=(NeighbourVersionsAsked,),
    finds=(EndpointNotFound, OtherContractSpoken),
)
def contract_served(case: Case) -> Iterator[Finding]:
    """Does this host serve the API that was asked?"""
    failures = of_kind(case[Failures].items, FailureKind.NOT_FOUND)
    tenant, other, neighbours = case[TenantAsked], case[OtherContractAsked], case.get(NeighbourVersionsAsked)
    if not failures or not hits_everyone(case, failures) or (neighbours and neighbours.status in SERVED):
        return
    asked_other = Evidence(
        f"the path of the {other.contract} API {'answers' if other.answers else 'does not answer'} here",
        other.exchange,
        "status" if other.status else "connection",
        str(other.status or "no response"),
    )
    unclear = neighbours is not None and neighbours.served is not None  # another version gives neither rows nor a 404
    only_states = all(failure.stage is Stage.STATES for failure in failures)
    seen_404 = all(failure.status == NOT_FOUND and not failure.guessed for failure in failures)
    chosen = f" (chosen because {tenant.chosen})" if tenant.chosen else ""
    if other.answers and not only_states:
        yield OtherContractSpoken(
            host=tenant.instance,
            asked=tenant.contract,
            served=other.contract,
            chosen=chosen,
            auto="" if tenant.chosen else ", or auto",
            credentials=_credentials(other.contract),
            **proven_if(
                seen_404 and other.repeated and not unclear,
                settle="leave CXONE_API_VERSION out"
                if unclear
                else RUN_AGAIN
                if seen_404
                else f"ask the {other.contract} API",
            ),
            **from_failures(case, failures, asked_other),
        )
    else:
        # If the roster was read, a 404 for the states may also mean that no agent has one.
        # With a pinned version, only a few other versions were asked.
        neither = seen_404 and other.status == NOT_FOUND and not only_states and not _pinned(tenant)
        certain = neither and other.repeated
        settle = _what_settles(tenant, failures[0], only_states=only_states, other=other.contract)
        host = failures[0].host or tenant.instance
        yield EndpointNotFound(
            host=host,
            answers=_answers(failures, other.contract if certain and host == tenant.instance else ""),
            chosen=chosen,
            remedy=_remedy(tenant, failures[0], only_states=only_states),
            **proven_if(certain, settle=RUN_AGAIN if neither else settle),
            **from_failures(case, failures, asked_other),
        )


@check(needs=(Failures, NeighbourVersionsAsked), finds=(VersionNotServed,))
def version_served(case: Case) -> Iterator[Finding]:
    """Is the API version that the settings pin served here?"""
    failures = of_kind(case[Failures].items, FailureKind.NOT_FOUND)
    asked = case[NeighbourVersionsAsked]
    refused = [failure for failure in failures if failure.stage is Stage.ROSTER]
    if refused and hits_everyone(case, refused) and asked.served and asked.status in SERVED:
        seen = Evidence(f"{asked.path} in version {asked.served}", asked.exchange, "status", str(asked.status))
        yield VersionNotServed(
            path=asked.path,
            refused=asked.pinned,
            served=asked.served,
            outcome="",
            remedy=f"set CXONE_API_VERSION={asked.served}, or leave it out: then rollcall finds one",
            **proven_if(asked.repeated, settle=RUN_AGAIN),
            **from_failures(case, refused, seen),
        )


@check(needs=(VersionsFallenBack,), finds=(VersionNotServed,))
def newest_version_served(case: Case) -> Iterator[Finding]:
    """Is each path served in the newest version?"""
    for item in case[VersionsFallenBack].items:
        yield VersionNotServed(
            path=item.path,
            refused=item.refused,
            served=item.served,
            outcome="; rollcall used that",
            remedy=f"nothing to do here; a script of yours must request {item.path} in version {item.served}",
            strength=Strength.NOTE,
            evidence=(
                Evidence(f"{item.path} in version {item.refused}", item.refused_exchange, "status", str(NOT_FOUND)),
                Evidence(f"{item.path} in version {item.served}", item.served_exchange, "status", "a response"),
            ),
        )


def _credentials(contract: str) -> str:
    if contract == INCONTACT:
        return "an access key in CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET beside the client"
    return "the client in CXONE_CLIENT_ID and CXONE_CLIENT_SECRET"


def _answers(failures: Sequence[Failure], other: str) -> str:
    """What the host answered, as a verb and its object. `other` is the API that it does not serve either."""
    first, asked = failures[0], stages_of(failures)
    if first.status is None:
        return f"does not name the host of the tenant's API: {first.detail}"
    if first.status == NOT_FOUND:
        neither = f", and at the path of the {other} API" if other else ""
        return f"answers HTTP 404 to the request for {asked}{neither}"
    if first.status in REFUSALS and first.stage is Stage.DISCOVERY:
        refused = "which sends no credentials: something before the API probably refuses"
        return f"answers HTTP {first.status} to {asked}, {refused}"
    return f"answers HTTP {first.status} to {asked}: {first.detail}"


def _remedy(tenant: TenantAsked, first: Failure, *, only_states: bool) -> str:
    if only_states and _pinned(tenant):
        return "leave CXONE_API_VERSION out: then rollcall finds a version of this path that is served"
    if first.stage is Stage.DISCOVERY and first.status in REFUSALS:
        return NETWORK_FIX
    if first.stage is Stage.DISCOVERY or first.guessed or (first.stage is Stage.TOKEN and is_incontact(tenant)):
        return hosts_fix(tenant)
    such_as = "api-na1.niceincontact.com" if is_incontact(tenant) else "api-us-01.nice-incontact.com"
    if tenant.instance == such_as:
        return "check the region in CXONE_INSTANCE against the address of your CXone desktop"
    return f"set CXONE_INSTANCE to the API host of your tenant, such as {such_as}"


def _pinned(tenant: TenantAsked) -> bool:
    return is_incontact(tenant) and tenant.pinned_version is not None


def _what_settles(tenant: TenantAsked, first: Failure, *, only_states: bool, other: str) -> str:
    if first.stage is Stage.DISCOVERY and first.status in REFUSALS:
        return f"open https://{first.host or tenant.instance}/.well-known/openid-configuration from another network"
    if first.guessed:
        return f"{hosts_fix(tenant)}, and run the check again"
    if _pinned(tenant):
        return "leave CXONE_API_VERSION out: then rollcall asks for other versions of this path"
    if only_states:
        return "run the check while an agent is known to be logged in"
    return f"run the check again when the path of the {other} API gives a clear response"
