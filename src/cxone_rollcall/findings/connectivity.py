"""RC101 to RC106: did we reach the API at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact
from cxone_rollcall.findings.failures import from_failures, hits_everyone, of_kind, stages_of
from cxone_rollcall.findings.finding import Finding, Strength, counted
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.host import NICE_DOMAINS
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, TenantAsked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.model.failure import Failure


class HostNotFound(Finding, frozen=True, kw_only=True):
    """
    The name of the instance has no address.

    ## What was seen
    The name resolution failed, on every try, before anything could be sent. Where a proxy stands
    between, the name is the proxy's, and the finding is SUSPECTED.
    ## Why agents go missing
    Nobody was asked: the name is misspelt, is not one of NICE's, or cannot be resolved from this network.
    ## Fix
    Correct CXONE_INSTANCE. CXone hosts end in nice-incontact.com, niceincontact.com or incontact.com.
    ## Not this when
    The name resolves and nothing answers there (RC102), or something else does (RC104).
    ## Try it
        CXONE_INSTANCE=api-us-01.nice-incontact.invalid rollcall check
    """

    code = "RC101"
    name = "host-not-found"
    message = "{host} has no address on this network{near_miss}"
    fix = "correct {setting} if that names it, or check the name resolution of this network"

    host: str
    near_miss: str
    setting: str


class HostUnreachable(Finding, frozen=True, kw_only=True):
    """
    The host took no connection, or dropped it before any answer.

    ## What was seen
    On every try the connection was refused, reset before the head of an answer, or not taken in time. Where the same
    host answered something else in this run, that is said. Behind a proxy it is SUSPECTED, and the proxy is named: it
    may have refused, or have no usable address.
    ## Why agents go missing
    Nobody was asked: a firewall, a VPN that is off, a wrong port, or a server that is down stands in between. Where
    other questions were answered, something closes these: a proxy with a rule for the path or the length of it.
    ## Fix
    Look at the network from this machine: is the port open, is a proxy needed (HTTPS_PROXY), is the VPN on?
    ## Not this when
    The name has no address (RC101), the server took the request and was silent (RC106), or only some requests
    met this (RC512).
    ## Try it
        rollcall check --demo --fault reset
    """

    code = "RC102"
    name = "host-unreachable"
    message = "{said}: {reason}"
    fix = "check that {host} can be reached from here (firewall, VPN, HTTPS_PROXY, port), then run the check again"

    host: str
    said: str
    reason: str


class CertificateUntrusted(Finding, frozen=True, kw_only=True):
    """
    The server's certificate is not trusted, so nothing was sent.

    ## What was seen
    The TLS handshake failed; the reason is the one that the verification gave.
    ## Why agents go missing
    Nobody was asked: rollcall sends no key to a server that cannot prove who it is.
    ## Fix
    Behind an intercepting proxy, set CXONE_CA_BUNDLE to the file of its CA. An expired or wrong-name certificate
    means a wrong host name, or a server to be mended.
    ## Not this when
    The connection is refused before the handshake (RC102).
    ## Try it
        CXONE_INSTANCE=https://127.0.0.1:8443 rollcall check
    """

    code = "RC103"
    name = "certificate-untrusted"
    message = "the certificate of {host} is not trusted: {reason}"
    fix = "set CXONE_CA_BUNDLE to the CA file of your proxy, or correct the host name in CXONE_INSTANCE"

    host: str
    reason: str


class NotTheApi(Finding, frozen=True, kw_only=True):
    """
    Something that is not the API answered.

    ## What was seen
    A success (2xx) whose body is no JSON but a page or a text, whatever its Content-Type says; or a redirect to
    another host.
    ## Why agents go missing
    A sign-in page, a captive portal or a proxy took the place of the API. A script that reads such an answer
    as an empty list loses everybody.
    ## Fix
    Open the address in a browser from the same machine: what signs in there is what stands in between. Set the
    API's host, not the desktop's, in CXONE_INSTANCE.
    ## Not this when
    The body is JSON that was cut or spoilt on the way (RC507), or the page came with an error status (RC105).
    ## Try it
        rollcall check --demo --fault html-page
    """

    code = "RC104"
    name = "not-the-api"
    message = "{host} answered the question for {asked} with something that is not the API: {reason}"
    fix = "set CXONE_INSTANCE to the API's own host, and let this machine reach it without a sign-in page in between"

    host: str
    asked: str
    reason: str


class ServerTrouble(Finding, frozen=True, kw_only=True):
    """
    The server failed on every try.

    ## What was seen
    A status of 500 or more on each try of a request, after pauses that grew.
    ## Why agents go missing
    Whoever was asked for in those requests is unknown: a server in trouble says nothing of anybody.
    ## Fix
    Wait and run the check again; if it stays, give NICE's support the time and the exchanges named here.
    ## Not this when
    A later try was answered: that is healed and not worth a word. 429 is RC511.
    ## Try it
        rollcall check --demo --fault server-error=at=states
    """

    code = "RC105"
    name = "server-trouble"
    message = "the server failed on every try of {requests} for {asked}: {reason}"
    fix = "run the check again later; if it stays, report the exchanges to NICE's support"

    asked: str
    requests: str
    reason: str


class AnswerTimedOut(Finding, frozen=True, kw_only=True):
    """
    The server took the request and never finished its answer.

    ## What was seen
    The connection was taken, the request was sent, and the whole answer did not come within the limit, on every try.
    ## Why agents go missing
    Whoever was asked for in those requests is unknown.
    ## Fix
    Give a slow server more time (CXONE_REQUEST_TIMEOUT), or ask NICE's support why it hangs.
    ## Not this when
    The connection itself was never taken (RC102).
    ## Try it
        rollcall check --demo --fault hang --timeout 3
    """

    code = "RC106"
    name = "answer-timed-out"
    message = "the server took {requests} for {asked} and did not finish answering: {reason}"
    fix = "allow more time (--timeout, CXONE_REQUEST_TIMEOUT); if that does not help, the server hangs: ask its support"

    asked: str
    requests: str
    reason: str


@check(needs=(TenantAsked, Failures), finds=(HostNotFound,))
def host_found(case: Case) -> Iterator[Finding]:
    """Did the name of the instance resolve?"""
    failures = of_kind(case[Failures].items, FailureKind.HOST_NOT_FOUND)
    if failures and hits_everyone(case, failures):
        proxy = failures[0].proxy
        host = (failures[0].host or case[TenantAsked].instance).partition(":")[0]
        near = "" if proxy else _near_miss(host)
        yield HostNotFound(
            **_as_far_as(failures[0]),
            host=f"the proxy {proxy}" if proxy else host,
            near_miss=f"; did you mean {near}?" if near else "",
            setting="HTTPS_PROXY" if proxy else "CXONE_INSTANCE",
            **from_failures(case, failures),
        )


@check(needs=(TenantAsked, Failures), uses=(TokenGranted,), finds=(HostUnreachable,))
def host_reached(case: Case) -> Iterator[Finding]:
    """Did the host take a connection, for anything at all?"""
    failures = of_kind(case[Failures].items, FailureKind.UNREACHABLE)
    if failures and hits_everyone(case, failures):
        host = failures[0].host or case[TenantAsked].instance
        # The token of the published contract may come from another host than the API.
        one_host = not is_incontact(case[TenantAsked])
        answered = case[Failures].answered > 0 or (case.get(TokenGranted) is not None and one_host)
        proxy = failures[0].proxy
        yield HostUnreachable(
            **_as_far_as(failures[0]),
            host=f"the proxy {proxy}" if proxy else host,
            said=(
                f"{host} was not reached through the proxy {proxy}"
                if proxy and not answered
                else f"{host} answers other questions, and no try for {stages_of(failures)}"
                if answered
                else f"nothing answers at {host}"
            ),
            reason=failures[0].detail,
            **from_failures(case, failures),
        )


@check(needs=(TenantAsked, Failures), finds=(CertificateUntrusted,))
def certificate_trusted(case: Case) -> Iterator[Finding]:
    """Could the server prove who it is?"""
    failures = of_kind(case[Failures].items, FailureKind.CERTIFICATE)
    if failures and hits_everyone(case, failures):
        yield CertificateUntrusted(
            **_as_far_as(failures[0]),
            host=failures[0].host or case[TenantAsked].instance,
            reason=failures[0].detail,
            **from_failures(case, failures),
        )


@check(needs=(TenantAsked, Failures), finds=(NotTheApi,))
def api_answers(case: Case) -> Iterator[Finding]:
    """Is it the API that answers, and not a page in its place?"""
    failures = of_kind(case[Failures].items, FailureKind.NOT_THE_API)
    if failures:
        yield NotTheApi(
            **_as_far_as(failures[0]),
            host=failures[0].host or case[TenantAsked].instance,
            asked=stages_of(failures),
            reason=failures[0].detail,
            **from_failures(case, failures),
        )


@check(needs=(Failures,), finds=(ServerTrouble,))
def server_works(case: Case) -> Iterator[Finding]:
    """Did each request get past the server's own errors?"""
    failures = of_kind(case[Failures].items, FailureKind.SERVER_TROUBLE)
    if failures:
        yield ServerTrouble(
            asked=stages_of(failures),
            requests=counted(len(failures), "request"),
            reason=f"HTTP {failures[0].status}",
            **from_failures(case, failures),
        )


@check(needs=(Failures,), finds=(AnswerTimedOut,))
def answers_in_time(case: Case) -> Iterator[Finding]:
    """Did the server finish each answer that it began?"""
    failures = of_kind(case[Failures].items, FailureKind.TIMED_OUT)
    if failures:
        yield AnswerTimedOut(
            asked=stages_of(failures),
            requests=counted(len(failures), "request"),
            reason=failures[0].detail,
            **from_failures(case, failures),
        )


class _Far(TypedDict):
    strength: Strength
    settle: str


def _as_far_as(failure: Failure) -> _Far:
    """Return how far a failure carries against a host: behind a proxy it may be the proxy's doing."""
    if not failure.proxy:
        return {"strength": Strength.PROVEN, "settle": ""}
    settle = f"ask from a network without the proxy {failure.proxy}, or look into its log"
    return {"strength": Strength.SUSPECTED, "settle": settle}


def _near_miss(host: str) -> str:
    """Return the known form that a host's domain comes close to; "" where it is one already, or none is close."""
    if host.endswith(NICE_DOMAINS):
        return ""
    labels = host.split(".")
    near = closest_match(".".join(labels[-2:]), NICE_DOMAINS, cutoff=0.75)
    return ".".join((*labels[:-2], near)) if near else ""
