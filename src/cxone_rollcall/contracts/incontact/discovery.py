"""Discovery: finds a tenant's endpoints, without credentials.

GET {issuer}/.well-known/openid-configuration                   endpoints of tokens and logins
GET {issuer}/.well-known/cxone-configuration?tenantId={uuid}    the tenant's API; a regional host needs no tenant id

Source: NICE's OpenAPI files, v34, and the clients NicePy and PSInContact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from cxone_rollcall.contracts.decoding import decode_plain, kind_of, quoted, read_error, refuse_unless_ok, text
from cxone_rollcall.contracts.incontact.trust import UNTRUSTED_HOST, domain_name, is_nices, is_of_owner, trusted_url
from cxone_rollcall.contracts.protocol import Question, Steps, UnusableAnswer
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.host import COMMERCIAL_DOMAINS, NICE_DOMAINS, host_of, own_domain
from cxone_rollcall.model.struct import Value, replace

ISSUER = "https://cxone.niceincontact.com"

_AREA = re.compile(r"[A-Za-z0-9-]+")
_API_HOST = re.compile(r"https://api-([a-z0-9]+(?:-[a-z0-9]+)*)\.([a-z0-9.-]+)")
"""How hosts of the API are named: `api-na1.niceincontact.com`."""
_NOT_HERE = frozenset({FailureKind.NOT_FOUND, FailureKind.NOT_THE_API})
"""Failures that prove a host has no discovery; others leave it open."""
_REFUSED = frozenset({401, 402, 403, 407, 451})
"""Statuses that do not say whether there is a discovery."""
_MAY_PASS = frozenset({FailureKind.RATE_LIMITED, FailureKind.SERVER_TROUBLE})
"""Failures that may pass. They do not show what the host has."""


class Endpoints(Value, frozen=True, kw_only=True):
    """The endpoints of one tenant, URLs without a trailing slash.

    `issuer` is the host that answered. `api` is None if it takes a tenant id to find it and none is known yet; the
    token may name one. `userinfo` says who a token is, None if discovery names no such endpoint. `hub_is_guessed` if no
    configuration named the area, so that the user hub may be elsewhere.
    """

    issuer: str
    token: str
    authorize: str
    user_hub: str
    api: str | None
    tenant_id: str | None = None
    userinfo: str | None = None
    hub_is_guessed: bool = False


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

    If an API host has no discovery itself, the issuer of its domain is asked. Raises `RequestFailed`, and
    `UnusableAnswer` if the answers name a host that must not get our secrets.
    """
    try:
        return (yield from _endpoints_of(instance or ISSUER, instance, tenant_id))
    except RequestFailed as failed:
        issuer = _issuer_for(instance)
        if not is_not_here(failed) or issuer is None:
            raise
        try:
            endpoints = yield from _endpoints_of(issuer, instance, tenant_id, knows_tenants=not is_nices(issuer))
        except RequestFailed:
            raise failed from None
    if endpoints.api is not None:
        return endpoints
    # Without a tenant id the issuer cannot name the API: then it is the instance itself.
    hub = yield from _hub_of_area(instance)
    return replace(endpoints, api=instance, user_hub=hub or endpoints.user_hub, hub_is_guessed=hub is None)


def _issuer_for(instance: str) -> str | None:
    """The issuer to ask about a host without discovery, or None.

    It is NICE's, or the domain above the host if that is named like an API host of another cloud.
    """
    if is_nices(instance):
        domain = own_domain(host_of(instance))
        issuer = ISSUER if domain in COMMERCIAL_DOMAINS else f"https://{domain}"
    else:
        named = _API_HOST.fullmatch(instance)
        if named is None or not is_of_owner(f"https://{named[2]}", instance):
            return None
        issuer = f"https://{named[2]}"
    return issuer if issuer != instance else None


def _hub_of_area(instance: str) -> Steps[str | None]:
    """The user hub of an area: `na1.nice-incontact.com` serves `api-na1.`. None if the host has no such name."""
    named = _API_HOST.fullmatch(instance)
    if named is None:
        return None
    area, domain = named[1], own_domain(named[2])
    hub = f"https://{area}.{COMMERCIAL_DOMAINS[0] if domain in COMMERCIAL_DOMAINS else domain}"
    try:
        configuration = (yield _configuration_question(hub, instance, None)).value
    except RequestFailed as failed:
        # A host without discovery still exists. An area without a host is none: clusters have numbers like areas.
        return hub if is_not_here(failed) else None
    return _user_hub(configuration, hub, instance)


def find_api(endpoints: Endpoints, instance: str, tenant_id: str) -> Steps[Endpoints]:
    """Find the API of the tenant that the token names. Raises `RequestFailed`."""
    answered = yield _configuration_question(endpoints.issuer, instance, tenant_id)
    api = _api(answered.value, instance or endpoints.issuer)
    return replace(endpoints, api=api, tenant_id=answered.value.tenant_id or tenant_id) if api else endpoints


def _endpoints_of(
    issuer: str, instance: str, tenant_id: str | None, *, knows_tenants: bool = False
) -> Steps[Endpoints]:
    """The endpoints that a host names. With `knows_tenants`, a host without a configuration is no issuer."""
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
    for one in ids:  # a regional host needs no tenant id; a wrong one is noticed later, by the token's own
        try:
            configuration = (yield _configuration_question(issuer, instance, one)).value
            break
        except RequestFailed as failed:
            if not is_not_here(failed):
                raise
            lacks_path = failed.failure.status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
            if one is ids[-1] and (named is None or (knows_tenants and lacks_path)):
                raise (missing or failed) from None
    named = named or {}
    auth = configuration.auth_endpoint or issuer
    return Endpoints(
        issuer=issuer,
        token=named.get("token_endpoint") or f"{auth}/auth/token",
        authorize=named.get("authorization_endpoint") or f"{auth}/auth/authorize",
        user_hub=_user_hub(configuration, issuer, instance),
        api=_api(configuration, instance or issuer),
        tenant_id=configuration.tenant_id or None,
        userinfo=named.get("userinfo_endpoint"),
        hub_is_guessed=not configuration.area and (issuer != instance or issuer == ISSUER),
    )


def is_not_here(failed: RequestFailed) -> bool:
    """Whether a failure shows that the host has no discovery."""
    return failed.failure.kind in _NOT_HERE and failed.failure.error != UNTRUSTED_HOST


def issuer_request(issuer: str) -> Request:
    """The request that a discovery begins with."""
    target = "/.well-known/openid-configuration"
    return Request(method="GET", base=issuer, target=target, purpose="discovery of the issuer", correlated=True)


def _endpoints_question(issuer: str, instance: str) -> Question[Mapping[str, str]]:
    def read(response: Response) -> Mapping[str, str]:
        body = _object(response)
        names = ("token_endpoint", "authorization_endpoint")
        found = {name: url for name in names if (url := trusted_url(body.get(name), instance or issuer))}
        with suppress(UnusableAnswer):  # no roll call needs it, so an untrusted host is not asked, and ends nothing
            if url := trusted_url(body.get("userinfo_endpoint"), instance or issuer):
                found["userinfo_endpoint"] = url
        if "token_endpoint" not in found:
            raise UnusableAnswer(FailureKind.DAMAGED, "the discovery answer names no token_endpoint")
        return found

    return Question(issuer_request(issuer), read, Stage.DISCOVERY)


def _configuration_question(issuer: str, instance: str, tenant_id: str | None) -> Question[_Configuration]:
    def read(response: Response) -> _Configuration:
        body = _object(response)
        configuration = _Configuration(
            api_endpoint=trusted_url(body.get("api_endpoint"), instance or issuer),
            auth_endpoint=trusted_url(body.get("auth_endpoint"), instance or issuer),
            area=text(body.get("area")) or "",
            domain=domain_name(body.get("domain")),
            hub_domain=domain_name(body.get("uhDomain")),
            tenant_id=text(body.get("tenantId")) or "",
        )
        if not (configuration.api_endpoint or configuration.auth_endpoint or configuration.area):
            raise UnusableAnswer(FailureKind.DAMAGED, "the configuration names neither an api_endpoint nor an area")
        return configuration

    target = "/.well-known/cxone-configuration" + (f"?tenantId={quoted(tenant_id)}" if tenant_id else "")
    return Question(
        Request(method="GET", base=issuer, target=target, purpose="discovery of the tenant", correlated=True),
        read,
        Stage.DISCOVERY,
    )


def _object(response: Response) -> Mapping[str, object]:
    if 400 <= response.status < 500 and kind_of(response.status) not in _MAY_PASS:
        # Not even 401 or 403 is a refusal of our credentials: none were sent.
        _, words = read_error(response)
        what = "refused" if response.status in _REFUSED else "no discovery here"
        raise UnusableAnswer(FailureKind.NOT_FOUND, f"{what}: {words}" if words else what)
    refuse_unless_ok(response)
    body = decode_plain(response.body)
    if not isinstance(body, dict):
        raise UnusableAnswer(FailureKind.DAMAGED, "the discovery answer is no JSON object")
    return body


def _api(configuration: _Configuration, instance: str) -> str | None:
    if configuration.api_endpoint:
        return configuration.api_endpoint
    url = f"https://api-{configuration.area}.{configuration.domain}"
    if _AREA.fullmatch(configuration.area) and (configuration.domain in NICE_DOMAINS or is_of_owner(url, instance)):
        return trusted_url(url, instance)
    return None


def _user_hub(configuration: _Configuration, issuer: str, instance: str) -> str:
    """The base URL of the user hub: `https://{area}.nice-incontact.com`. The issuer if it is not NICE's."""
    if not _AREA.fullmatch(configuration.area):
        return issuer
    named = f"https://{configuration.area}.{configuration.hub_domain}"
    if is_nices(issuer):
        own = own_domain(host_of(issuer))
        default = COMMERCIAL_DOMAINS[0] if own in COMMERCIAL_DOMAINS else own
        domain = configuration.hub_domain if configuration.hub_domain in NICE_DOMAINS else default
        return trusted_url(f"https://{configuration.area}.{domain}", issuer)
    return named if configuration.hub_domain and is_of_owner(named, instance or issuer) else issuer
