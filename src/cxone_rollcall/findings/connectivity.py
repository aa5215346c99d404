"""RC101 to RC106: could the API be reached?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact
from cxone_rollcall.findings.failures import from_failures, hits_everyone, of_kind, stages_of
from cxone_rollcall.findings.finding import Finding, Sureness, proven_if
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.failure import HANDSHAKE_FAILED, NO_TLS, Failure, FailureKind
from cxone_rollcall.model.host import NICE_DOMAINS
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, TenantAsked
from cxone_rollcall.model.wording import counted


class HostNotFound(Finding, frozen=True, kw_only=True):
    """
    The name of the instance has no address.

    ## What was seen
    The name resolution failed on every try, before anything could be sent. Behind a proxy, the name is the proxy's,
    and the finding is SUSPECTED.
    ## Why agents go missing
    No agent was requested: the name is misspelt, is not one of NICE's, or cannot be resolved from this network.
    ## Fix
    Correct CXONE_INSTANCE. Most CXone hosts end in nice-incontact.com, niceincontact.com or incontact.com.
    ## Not this when
    The name resolves, but nothing answers there (RC102), or something else does (RC104).
    ## Try it
        CXONE_INSTANCE=api-us-01.nice-incontact.invalid CXONE_CLIENT_ID=me CXONE_CLIENT_SECRET=none rollcall check
    """

    code = "RC101"
    name = "host-not-found"
    message = "{host} has no address on this network{near_miss}"
    fix = "correct {setting} if it holds this name, or check the name resolution of this network"

    host: str
    near_miss: str
    setting: str


class HostUnreachable(Finding, frozen=True, kw_only=True):
    """
    The host accepted no connection, or dropped it before any response.

    ## What was seen
    On every try, the connection was refused, reset before the head of a response, or not accepted in time. If the
    same host answered other requests in this run, the message says so. Behind a proxy the finding is SUSPECTED and
    names the proxy: it may have refused, or have no usable address.
    ## Why agents go missing
    No agent was requested: a firewall, a VPN that is off, a wrong port, or a server that is down is in the way. If
    other requests were answered, something closes these: for example a proxy with a rule for the path or its length.
    ## Fix
    Check the network from this machine: is the port open, is a proxy needed (HTTPS_PROXY), is the VPN on?
    ## Not this when
    The name has no address (RC101), the server accepted the request and did not answer (RC106), or only some requests
    failed like this (RC512).
    ## Try it
        rollcall check --demo --fault reset
    """

    code = "RC102"
    name = "host-unreachable"
    message = "{what}: {reason}"
    fix = "check that {host} can be reached from here (firewall, VPN, HTTPS_PROXY, port), then run the check again"

    host: str
    what: str
    reason: str


class CertificateUntrusted(Finding, frozen=True, kw_only=True):
    """
    The certificate is not trusted, or the port does not speak TLS.

    ## What was seen
    The TLS handshake failed; the reason is the one that the verification gave. If it ended before there was a
    certificate to judge, the message says so: the port speaks another protocol, such as plain HTTP, or the two sides
    found no common version or cipher.
    ## Why agents go missing
    No agent was requested: rollcall sends no key to a server that cannot prove its identity.
    ## Fix
    Behind an intercepting proxy, set CXONE_CA_BUNDLE to the file of its CA. A certificate that is expired or has
    another name means a wrong host name, or a server that needs fixing. If the port does not speak TLS, the port in
    CXONE_INSTANCE is wrong.
    ## Not this when
    The connection is refused before the handshake (RC102).
    ## Try it
        openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout key.pem -out cert.pem
        rollcall emulate --port 8443 --tls-cert cert.pem --tls-key key.pem &
        CXONE_INSTANCE=https://127.0.0.1:8443 CXONE_CLIENT_ID=me CXONE_CLIENT_SECRET=none rollcall check
    """

    code = "RC103"
    name = "certificate-untrusted"
    message = "{what}: {reason}"
    fix = "{remedy}"

    what: str
    reason: str
    remedy: str


class NotTheApi(Finding, frozen=True, kw_only=True):
    """
    Something that is not the API answered.

    ## What was seen
    A success (2xx) whose body is a page or a text instead of JSON, whatever its Content-Type says; or a redirect to
    another host.
    ## Why agents go missing
    A sign-in page, a captive portal or a proxy answered in place of the API. A script that reads such a response as
    an empty list loses every agent.
    ## Fix
    Open the address in a browser on the same machine: the sign-in page that appears is what is in the way. Set
    CXONE_INSTANCE to the API's host, not the desktop's.
    ## Not this when
    The body is JSON that was cut off or damaged on the way (RC507), or the page came with an error status (RC105).
    ## Try it
        rollcall check --demo --fault html-page
    """

    code = "RC104"
    name = "not-the-api"
    message = "{host} answered the request for {asked}, but it is not the API: {reason}"
    fix = "set CXONE_INSTANCE to the API's own host, and let this machine reach it without a sign-in page in between"

    host: str
    asked: str
    reason: str


class ServerTrouble(Finding, frozen=True, kw_only=True):
    """
    The server failed on every try.

    ## What was seen
    A status of 500 or more, or one that names trouble on the way (408, 425), on each try of a request, with growing
    pauses between the tries.
    ## Why agents go missing
    The agents in those requests are unknown: a failing server says nothing about them.
    ## Fix
    Wait and run the check again. If it stays, give NICE's support the time and the exchanges named here.
    ## Not this when
    A later try was answered: then the request has its answer. A 429 is RC511.
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
    The server accepted the request and never finished its response.

    ## What was seen
    On every try, the connection was accepted and the request was sent, but the response did not end within the limit.
    ## Why agents go missing
    The agents in those requests are unknown.
    ## Fix
    Give a slow server more time (CXONE_REQUEST_TIMEOUT), or ask NICE's support why it hangs.
    ## Not this when
    The connection itself was never accepted (RC102).
    ## Try it
        rollcall check --demo --fault hang --timeout 3
    """

    code = "RC106"
    name = "answer-timed-out"
    message = "the server accepted {requests} for {asked} and did not finish the response: {reason}"
    fix = "allow more time (--timeout, CXONE_REQUEST_TIMEOUT); if it still hangs, ask NICE's support"

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
            **_strength(failures[0]),
            host=f"the proxy {proxy}" if proxy else host,
            near_miss=f"; did you mean {near}?" if near else "",
            setting="HTTPS_PROXY" if proxy else "CXONE_INSTANCE",
            **from_failures(case, failures),
        )


@check(needs=(TenantAsked, Failures), uses=(TokenGranted,), finds=(HostUnreachable,))
def host_reached(case: Case) -> Iterator[Finding]:
    """Did the host accept a connection?"""
    failures = of_kind(case[Failures].items, FailureKind.UNREACHABLE)
    if failures and hits_everyone(case, failures):
        host = failures[0].host or case[TenantAsked].instance
        # On the incontact API, the token may come from another host than the API.
        one_host = not is_incontact(case[TenantAsked])
        answered = case[Failures].answered > 0 or (case.get(TokenGranted) is not None and one_host)
        proxy = failures[0].proxy
        yield HostUnreachable(
            **_strength(failures[0]),
            host=f"the proxy {proxy}" if proxy else host,
            what=(
                f"{host} was not reached through the proxy {proxy}"
                if proxy and not answered
                else f"{host} answers other requests, but no try for {stages_of(failures)}"
                if answered
                else f"nothing answers at {host}"
            ),
            reason=failures[0].detail or str(failures[0].kind),
            **from_failures(case, failures),
        )


@check(needs=(TenantAsked, Failures), finds=(CertificateUntrusted,))
def certificate_trusted(case: Case) -> Iterator[Finding]:
    """Could the server prove its identity?"""
    failures = of_kind(case[Failures].items, FailureKind.CERTIFICATE)
    if failures and hits_everyone(case, failures):
        what, reason, remedy = _no_tls(failures[0], failures[0].host or case[TenantAsked].instance)
        yield CertificateUntrusted(
            **_strength(failures[0]),
            what=what,
            reason=reason or str(failures[0].kind),
            remedy=remedy,
            **from_failures(case, failures),
        )


@check(needs=(TenantAsked, Failures), finds=(NotTheApi,))
def api_answers(case: Case) -> Iterator[Finding]:
    """Does the API answer, and not a page in its place?"""
    failures = of_kind(case[Failures].items, FailureKind.NOT_THE_API)
    if failures:
        yield NotTheApi(
            **_strength(failures[0]),
            host=failures[0].host or case[TenantAsked].instance,
            asked=stages_of(failures),
            reason=failures[0].detail,
            **from_failures(case, failures),
        )


@check(needs=(Failures,), finds=(ServerTrouble,))
def server_works(case: Case) -> Iterator[Finding]:
    """Did the server answer each request without an error of its own?"""
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
    """Did the server finish each response in time?"""
    failures = of_kind(case[Failures].items, FailureKind.TIMED_OUT)
    if failures:
        yield AnswerTimedOut(
            asked=stages_of(failures),
            requests=counted(len(failures), "request"),
            reason=failures[0].detail,
            **from_failures(case, failures),
        )


def _no_tls(failure: Failure, host: str) -> tuple[str, str, str]:
    """What, reason and remedy if there is no trusted TLS connection.

    A certificate can only be untrusted if there was one.
    """
    if failure.detail.startswith(NO_TLS):
        reason = failure.detail.removeprefix(NO_TLS).lstrip(": ")
        remedy = "correct the port in CXONE_INSTANCE: the API speaks https, on port 443 if none is named"
        return f"{host}: {NO_TLS}", reason, remedy
    if failure.detail.startswith(HANDSHAKE_FAILED):
        reason = failure.detail.removeprefix(HANDSHAKE_FAILED).lstrip(": ")
        remedy = "check host and port in CXONE_INSTANCE, and what stands between: a proxy or an old TLS version"
        return f"{HANDSHAKE_FAILED} with {host}", reason, remedy
    remedy = "set CXONE_CA_BUNDLE to the CA file of your proxy, or correct the host name in CXONE_INSTANCE"
    return f"the certificate of {host} is not trusted", failure.detail, remedy


def _strength(failure: Failure) -> Sureness:
    """How certain it is that the host is to blame. Behind a proxy, it may be the proxy."""
    settle = f"run it from a network without the proxy {failure.proxy}, or look into the proxy's log"
    return proven_if(not failure.proxy, settle=settle)


def _near_miss(host: str) -> str:
    """The host with the known domain that it probably misspells, or ""."""
    if host.endswith(NICE_DOMAINS):
        return ""
    labels = host.split(".")
    near = closest_match(".".join(labels[-2:]), NICE_DOMAINS, cutoff=0.75)
    return ".".join((*labels[:-2], near)) if near else ""
