"""RC107 to RC109: is the contract that was asked, and its version, served here?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import PUBLISHED, is_incontact
from cxone_rollcall.findings.failures import agents_hit, evidence_of, hits_everyone, of_kind, stages_of
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import VersionsFallenBack
from cxone_rollcall.model.observations.base import Failures, TenantAsked
from cxone_rollcall.model.observations.probes import NeighbourVersionsAsked, OtherContractAsked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case

NOT_FOUND = 404
SERVED = frozenset({200, 204, 403, 409})
"""Statuses that only a path which is there gives to a token that met 404 at another version of it."""


class EndpointNotFound(Finding, frozen=True, kw_only=True):
    """
    The path of the API is not found on this host, nor is another contract's.

    ## What was seen
    404 on the path itself, and no answer that a CXone API would give on the other contract's path. SUSPECTED where
    only the states' path is 404 (some servers say so where nobody is logged in), where the other path gave no clear
    answer, or where an API version is pinned.
    ## Why agents go missing
    Nobody was asked: this host is a web server, but not this API's.
    ## Fix
    Set CXONE_INSTANCE to the API host of your tenant (`api-...`), not to the desktop's or the login's.
    ## Not this when
    The other contract answers on this host (RC108), or another version of the same path does (RC109).
    ## Try it
        rollcall check --demo --fault path-missing
    """

    code = "RC107"
    name = "endpoint-not-found"
    message = "{host} answers 404 at the path of {asked}{chosen}"
    fix = "{mend}"

    host: str
    asked: str
    chosen: str
    mend: str


class OtherContractSpoken(Finding, frozen=True, kw_only=True):
    """
    This host speaks another contract than the one that was asked.

    ## What was seen
    404 on this contract's path, and 200 or 401 on the other contract's path, on the same host.
    ## Why agents go missing
    Nobody was asked: the `/api/v2` contract of the tutorials is not served by every tenant, nor is the one that NICE
    publishes (`incontact`) served by every host.
    ## Fix
    Set CXONE_CONTRACT to the contract that is named here, or to auto. `incontact` needs an access key
    (CXONE_ACCESS_KEY_ID, CXONE_ACCESS_KEY_SECRET) beside the client; `v2` needs the client alone.
    ## Not this when
    Neither path answers (RC107), or only the version is another one (RC109).
    ## Try it
        rollcall check --demo --fault other-contract
    """

    code = "RC108"
    name = "other-contract-spoken"
    message = "{host} does not serve the {asked} contract{chosen}; it serves {spoken}"
    fix = "set CXONE_CONTRACT={spoken}{auto}, with {credentials}"

    host: str
    asked: str
    spoken: str
    chosen: str
    auto: str
    credentials: str


class VersionNotServed(Finding, frozen=True, kw_only=True):
    """
    This version of the API is not served here, and another one is.

    ## What was seen
    404 on a path in one version, and an answer on the same path in another. With CXONE_API_VERSION set, nothing else
    is asked, so that nobody is answered (PROVEN). Without it rollcall went on with the version that is served (NOTE).
    ## Why agents go missing
    A version that is not served has no agents. Versions are per path: not every path is there in the newest.
    ## Fix
    Set CXONE_API_VERSION to a version that is served, or leave it out: then rollcall finds one.
    ## Not this when
    Every version of the path is 404 (RC107, RC108).
    ## Try it
        rollcall check --demo --contract incontact --fault version-missing
    """

    code = "RC109"
    name = "version-not-served"
    message = "{path} is not served in API version {refused}, and is in version {served}{outcome}"
    fix = "{mend}"

    path: str
    refused: str
    served: str
    outcome: str
    mend: str


@check(
    needs=(TenantAsked, Failures, OtherContractAsked),
    uses=(NeighbourVersionsAsked,),
    finds=(EndpointNotFound, OtherContractSpoken),
)
def contract_served(case: Case) -> Iterator[Finding]:
    """Does this host serve the contract that was asked?"""
    failures = of_kind(case[Failures].items, FailureKind.NOT_FOUND)
    tenant, other, neighbours = case[TenantAsked], case[OtherContractAsked], case.get(NeighbourVersionsAsked)
    if not failures or not hits_everyone(case, failures) or (neighbours and neighbours.status in SERVED):
        return
    asked_other = Evidence(
        f"the path of the {other.contract} contract {'answers' if other.answers else 'does not answer'} here",
        other.exchange,
        "status" if other.status else "connection",
        str(other.status or "no answer"),
    )
    evidence = (*evidence_of(failures), asked_other)
    unclear = neighbours is not None and neighbours.served is not None  # another version neither answers nor is 404
    explains = agents_hit(failures)
    only_states = all(failure.stage is Stage.STATES for failure in failures)
    chosen = f" (chosen because {tenant.chosen})" if tenant.chosen else ""
    if other.answers and not only_states:
        yield OtherContractSpoken(
            host=tenant.instance,
            asked=tenant.contract,
            spoken=other.contract,
            chosen=chosen,
            auto="" if tenant.chosen else ", or auto",
            credentials=_credentials(other.contract),
            strength=Strength.SUSPECTED if unclear else Strength.PROVEN,
            settle="leave CXONE_API_VERSION out" if unclear else "",
            evidence=evidence,
            explains=explains,
            explains_all=True,
        )
    else:
        # Where the roster of this contract was read, a 404 for the states may also mean that nobody has one.
        # Under a pinned version a few others were asked at most.
        seen_404 = all(failure.status == NOT_FOUND for failure in failures)
        certain = seen_404 and other.status == NOT_FOUND and not only_states and not _pinned(tenant)
        yield EndpointNotFound(
            host=tenant.instance,
            asked=stages_of(failures),
            chosen=chosen,
            mend=_mend(tenant, only_states=only_states),
            strength=Strength.PROVEN if certain else Strength.SUSPECTED,
            settle="" if certain else _what_settles_a_404(tenant, only_states=only_states, contract=other.contract),
            evidence=evidence,
            explains=explains,
            explains_all=True,
        )


@check(needs=(Failures, NeighbourVersionsAsked), finds=(VersionNotServed,))
def version_served(case: Case) -> Iterator[Finding]:
    """Is the API version that the settings pin served here?"""
    failures = of_kind(case[Failures].items, FailureKind.NOT_FOUND)
    asked = case[NeighbourVersionsAsked]
    refused = [failure for failure in failures if failure.stage is Stage.ROSTER]
    if refused and hits_everyone(case, refused) and asked.served and asked.status in SERVED:
        yield VersionNotServed(
            path=asked.path,
            refused=asked.pinned,
            served=asked.served,
            outcome="",
            mend=f"set CXONE_API_VERSION={asked.served}, or leave it out: then rollcall finds a version that is served",
            evidence=(
                *evidence_of(refused),
                Evidence(f"{asked.path} in version {asked.served}", asked.exchange, "status", str(asked.status)),
            ),
            explains=agents_hit(refused),
            explains_all=True,
        )


@check(needs=(VersionsFallenBack,), finds=(VersionNotServed,))
def newest_version_served(case: Case) -> Iterator[Finding]:
    """Is each path served in the newest version?"""
    for item in case[VersionsFallenBack].items:
        yield VersionNotServed(
            path=item.path,
            refused=item.refused,
            served=item.served,
            outcome="; read there",
            mend=f"nothing to do here; a script of yours must ask for {item.path} in version {item.served}",
            strength=Strength.NOTE,
            evidence=(
                Evidence(f"{item.path} in version {item.refused}", item.refused_exchange, "status", str(NOT_FOUND)),
                Evidence(f"{item.path} in version {item.served}", item.served_exchange, "status", "an answer"),
            ),
        )


def _credentials(contract: str) -> str:
    if contract == PUBLISHED:
        return "an access key in CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET beside the client"
    return "the client in CXONE_CLIENT_ID and CXONE_CLIENT_SECRET"


def _mend(tenant: TenantAsked, *, only_states: bool) -> str:
    if only_states and _pinned(tenant):
        return "leave CXONE_API_VERSION out: then rollcall finds a version of this path that is served"
    such_as = "api-na1.niceincontact.com" if is_incontact(tenant) else "api-us-01.nice-incontact.com"
    return f"set CXONE_INSTANCE to the API host of your tenant, such as {such_as}"


def _pinned(tenant: TenantAsked) -> bool:
    return is_incontact(tenant) and tenant.pinned_version is not None


def _what_settles_a_404(tenant: TenantAsked, *, only_states: bool, contract: str) -> str:
    if _pinned(tenant):
        return "leave CXONE_API_VERSION out, so that other versions of this path are asked"
    if only_states:
        return "ask while somebody is known to be logged in"
    return f"ask again when the path of the {contract} contract answers one way or the other"
