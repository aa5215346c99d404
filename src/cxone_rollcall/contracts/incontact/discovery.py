"""Discovery: finds a tenant's endpoints, without credentials.

GET {issuer}/.well-known/openid-configuration                   endpoints of tokens and logins
GET {issuer}/.well-known/cxone-configuration?tenantId={uuid}    the tenant's API; a regional host needs no tenant id

Source: NICE's OpenAPI files, v34, and the clients NicePy and PSInContact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import msgspec

from cxone_rollcall.contracts.decoding import decode, kind_of, quoted, read_error, refuse_unless_ok, text
from cxone_rollcall.contracts.protocol import Question, Steps, UnusableAnswer
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.host import NICE_DOMAINS, is_loopback
from cxone_rollcall.model.struct import Value, replace

ISSUER = "https://cxone.niceincontact.com"

UNTRUSTED_HOST = "led-elsewhere"
"""The error of a discovery that names a host which must not get our secrets."""
_AREA = re.compile(r"[A-Za-z0-9-]+")
_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:]+")
_PORTS = {"https": 443, "http": 80}
_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder()
_NOT_HERE = frozenset({FailureKind.NOT_FOUND, FailureKind.NOT_THE_API})
"""Failures that prove a host has no discovery; others leave it open."""

_MAY_PASS = frozenset({FailureKind.RATE_LIMITED, FailureKind.SERVER_TROUBLE})
"""Failures of a moment, which show nothing of what a host has."""


class Endpoints(Value, frozen=True, kw_only=True):
    """The endpoints of one tenant, URLs without a trailing slash.

    `issuer` is the host that answered. `api` is None if finding it takes a tenant id and none is known yet; the token
    may name one.
    """

    issuer: str
    token: str
    authorize: str
    user_hub: str
    api: str | None
    tenant_id: str | None = None


class _Configuration(Value, frozen=True, kw_only=True):
    """The members of `cxone-configuration`, "" for those that are missing."""

    api_endpoint: str = ""
    auth_endpoint: str = ""
    area: str = ""
    domain: str = ""
    hub_domain: str = ""
    tenant_id: str = ""


def discover(instance: str, tenant_id: str | None) -> Steps[Endpoints]:
    """Find the endpoints of the tenant at `instance`.

    `instance` is "" if only the tenant's id is known. If a host of NICE has no discovery itself, the issuer is asked.
    Raises `RequestFailed`, and `UnusableAnswer` if the answers name a host that must not get our secrets.
    """
    try:
        return (yield from _endpoints_of(instance or ISSUER, instance, tenant_id))
    except RequestFailed as failed:
        if not is_not_here(failed) or instance in ("", ISSUER) or not is_nices(instance):
            raise
        try:
            endpoints = yield from _endpoints_of(ISSUER, instance, tenant_id)
        except RequestFailed:
            raise failed from None
    # Without a tenant id the issuer cannot name the API: then it is the instance itself.
    return endpoints if endpoints.api else replace(endpoints, api=instance)


def find_api(endpoints: Endpoints, instance: str, tenant_id: str) -> Steps[Endpoints]:
    """Find the API of a tenant whose id the token names; raises `RequestFailed`."""
    answered = yield _configuration_question(endpoints.issuer, instance, tenant_id)
    api = _api(answered.value, instance or endpoints.issuer)
    return replace(endpoints, api=api, tenant_id=answered.value.tenant_id or tenant_id) if api else endpoints


def _endpoints_of(issuer: str, instance: str, tenant_id: str | None) -> Steps[Endpoints]:
    named: Mapping[str, str] | None = None
    missing: RequestFailed | None = None
    try:
        named = (yield _endpoints_question(issuer, instance)).value
    except RequestFailed as failed:
        if not is_not_here(failed):
            raise
        missing = failed
    configuration = _Configuration()
    ids = (tenant_id, None) if tenant_id else (None,)
    for one in ids:  # a regional host needs no tenant id; a wrong one is found out later, by the token's own
        try:
            configuration = (yield _configuration_question(issuer, instance, one)).value
            break
        except RequestFailed as failed:
            if not is_not_here(failed):
                raise
            if named is None and one is ids[-1]:
                raise (missing or failed) from None
    named = named or {}
    auth = configuration.auth_endpoint or issuer
    return Endpoints(
        issuer=issuer,
        token=named.get("token_endpoint") or f"{auth}/auth/token",
        authorize=named.get("authorization_endpoint") or f"{auth}/auth/authorize",
        user_hub=_user_hub(configuration, issuer),
        api=_api(configuration, instance or issuer),
        tenant_id=configuration.tenant_id or None,
    )


def is_not_here(failed: RequestFailed) -> bool:
    """Whether a failure shows that the host has no discovery."""
    return failed.failure.kind in _NOT_HERE and failed.failure.error != UNTRUSTED_HOST


def _endpoints_question(issuer: str, instance: str) -> Question[Mapping[str, str]]:
    def read(response: Response) -> Mapping[str, str]:
        body = _object(response)
        names = ("token_endpoint", "authorization_endpoint")
        found = {name: url for name in names if (url := _url(body.get(name), instance or issuer))}
        if "token_endpoint" not in found:
            raise UnusableAnswer(FailureKind.DAMAGED, "the discovery answer names no token_endpoint")
        return found

    target = "/.well-known/openid-configuration"
    return Question(
        Request(method="GET", base=issuer, target=target, purpose="discovery of the issuer", correlated=True), read
    )


def _configuration_question(issuer: str, instance: str, tenant_id: str | None) -> Question[_Configuration]:
    def read(response: Response) -> _Configuration:
        body = _object(response)
        configuration = _Configuration(
            api_endpoint=_url(body.get("api_endpoint"), instance or issuer),
            auth_endpoint=_url(body.get("auth_endpoint"), instance or issuer),
            area=text(body.get("area")) or "",
            domain=text(body.get("domain")) or "",
            hub_domain=text(body.get("uhDomain")) or "",
            tenant_id=text(body.get("tenantId")) or "",
        )
        if not (configuration.api_endpoint or configuration.auth_endpoint or configuration.area):
            raise UnusableAnswer(FailureKind.DAMAGED, "the configuration names neither an api_endpoint nor an area")
        return configuration

    target = "/.well-known/cxone-configuration" + (f"?tenantId={quoted(tenant_id)}" if tenant_id else "")
    return Question(
        Request(method="GET", base=issuer, target=target, purpose="discovery of the tenant", correlated=True), read
    )


def _object(response: Response) -> Mapping[str, object]:
    if 400 <= response.status < 500 and kind_of(response.status) not in _MAY_PASS:
        # Not even 401 or 403 is a refusal of our credentials: none were sent.
        _, words = read_error(response)
        raise UnusableAnswer(FailureKind.NOT_FOUND, f"no discovery here: {words}" if words else "no discovery here")
    refuse_unless_ok(response)
    body = decode(response.body, _ANYTHING)
    if not isinstance(body, dict):
        raise UnusableAnswer(FailureKind.DAMAGED, "the discovery answer is no JSON object")
    return body


def _api(configuration: _Configuration, instance: str) -> str | None:
    if configuration.api_endpoint:
        return configuration.api_endpoint
    if _AREA.fullmatch(configuration.area) and configuration.domain in NICE_DOMAINS:
        return _url(f"https://api-{configuration.area}.{configuration.domain}", instance)
    return None


def _user_hub(configuration: _Configuration, issuer: str) -> str:
    """Return the base URL of the user hub. `https://{area}.nice-incontact.com`, or the issuer if that is not NICE."""
    if not is_nices(issuer) or not _AREA.fullmatch(configuration.area):
        return issuer
    domain = configuration.hub_domain if configuration.hub_domain in NICE_DOMAINS else NICE_DOMAINS[0]
    return _url(f"https://{configuration.area}.{domain}", issuer)


def _url(value: object, instance: str) -> str:
    """Return a URL without a trailing slash, "" if there is none.

    Raises if its host must not get our secrets, because a forged discovery must not lead them away. They go to the
    instance's own host, to hosts of NICE over https, and from loopback to loopback.
    """
    if not isinstance(value, str) or not value.strip():
        return ""
    url = value.strip().rstrip("/")
    try:
        parts, own = urlsplit(url), urlsplit(instance)
        there, here = _origin(parts), _origin(own)
    except ValueError:
        raise _untrusted_host(f"discovery leads to {url}, which is no address") from None
    plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc and not parts.fragment
    both_loopback = is_loopback(there.host) and is_loopback(here.host) and parts.scheme in ("http", own.scheme)
    to_nice = is_nices(url) and not is_loopback(here.host)
    if not (plain and _HOST.fullmatch(there.host) and (there == here or both_loopback or to_nice)):
        where = parts.netloc or url
        raise _untrusted_host(f"discovery leads to {where}, which is neither the instance nor NICE's")
    return url


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int | None


def _origin(parts: SplitResult) -> _Origin:
    return _Origin(parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme))


def _untrusted_host(words: str) -> UnusableAnswer:
    return UnusableAnswer(FailureKind.NOT_THE_API, words, error=UNTRUSTED_HOST)


def is_nices(url: str) -> bool:
    """Whether a URL is on a host of NICE, over https."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    plain = _HOST.fullmatch(host) is not None
    return plain and parts.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in NICE_DOMAINS)
