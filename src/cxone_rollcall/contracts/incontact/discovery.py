"""Where a tenant's endpoints are: asked of the instance, else of NICE's issuer, without any credentials.

Source: NICE's OpenAPI files of the v34 era, and the clients NicePy and PSInContact. `GET
{issuer}/.well-known/openid-configuration` names the endpoints of tokens and logins, `GET
{issuer}/.well-known/cxone-configuration?tenantId={uuid}` the API of a tenant; on a regional host the latter works
without a tenant id.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

import msgspec

from cxone_rollcall.contracts.decoding import decode, quoted, read_error, refuse_unless_ok, text
from cxone_rollcall.contracts.protocol import Question, UnusableAnswer
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.host import NICE_DOMAINS, is_loopback
from cxone_rollcall.model.struct import Value, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxone_rollcall.contracts.protocol import Steps
    from cxone_rollcall.model.exchange import Response

ISSUER = "https://cxone.niceincontact.com"

LED_ELSEWHERE = "led-elsewhere"
"""The error of a discovery that leads to a host that keys must not follow it to."""
_AREA = re.compile(r"[A-Za-z0-9-]+")
_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:]+")
_PORTS = {"https": 443, "http": 80}
_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder()
_NOT_HERE = frozenset({FailureKind.NOT_FOUND, FailureKind.NOT_THE_API})
"""Answers of a host that is there and has no discovery; any other failure says nothing of that."""


class Places(Value, frozen=True, kw_only=True):
    """The bases and endpoints of one tenant, each a URL without a slash at its end.

    `api` is None where only a tenant id leads to it and none is known yet; the token may name it. `issuer` is the
    host that answered.
    """

    issuer: str
    token: str
    authorize: str
    user_hub: str
    api: str | None
    tenant_id: str | None = None


class _Configuration(Value, frozen=True, kw_only=True):
    """What `cxone-configuration` says; "" for what it does not."""

    api_endpoint: str = ""
    auth_endpoint: str = ""
    area: str = ""
    domain: str = ""
    hub_domain: str = ""
    tenant_id: str = ""


def find_places(instance: str, tenant_id: str | None) -> Steps[Places]:
    """Find the endpoints of the tenant at `instance`, "" where only its id is known.

    Raises `RequestFailed`, and `UnusableAnswer` where answers that can be used by themselves lead keys elsewhere.
    A host of NICE's that has no discovery itself is looked up at the issuer.
    """
    try:
        return (yield from _places_of(instance or ISSUER, instance, tenant_id))
    except RequestFailed as failed:
        if not is_not_here(failed) or instance in ("", ISSUER) or not is_nices(instance):
            raise
        try:
            places = yield from _places_of(ISSUER, instance, tenant_id)
        except RequestFailed:
            raise failed from None
    # The issuer knows no tenant without an id: then the instance itself is the API.
    return places if places.api else replace(places, api=instance)


def find_api(places: Places, instance: str, tenant_id: str) -> Steps[Places]:
    """Find the API of a tenant whose id the token has told; raises `RequestFailed`."""
    answered = yield _configuration_question(places.issuer, instance, tenant_id)
    api = _api(answered.value, instance or places.issuer)
    return replace(places, api=api, tenant_id=answered.value.tenant_id or tenant_id) if api else places


def _places_of(issuer: str, instance: str, tenant_id: str | None) -> Steps[Places]:
    endpoints: Mapping[str, str] | None = None
    missing: RequestFailed | None = None
    try:
        endpoints = (yield _endpoints_question(issuer, instance)).value
    except RequestFailed as failed:
        if not is_not_here(failed):
            raise
        missing = failed
    configuration = _Configuration()
    ids = (tenant_id, None) if tenant_id else (None,)
    for one in ids:  # a host of one tenant needs no id, and a wrong one is told from the token's own
        try:
            configuration = (yield _configuration_question(issuer, instance, one)).value
            break
        except RequestFailed as failed:
            if not is_not_here(failed):
                raise
            if endpoints is None and one is ids[-1]:
                raise (missing or failed) from None
    endpoints = endpoints or {}
    auth = configuration.auth_endpoint or issuer
    return Places(
        issuer=issuer,
        token=endpoints.get("token_endpoint") or f"{auth}/auth/token",
        authorize=endpoints.get("authorization_endpoint") or f"{auth}/auth/authorize",
        user_hub=_user_hub(configuration, issuer),
        api=_api(configuration, instance or issuer),
        tenant_id=configuration.tenant_id or None,
    )


def is_not_here(failed: RequestFailed) -> bool:
    """Tell whether a host answered that it has no such discovery, which is no failure of ours or the network's."""
    return failed.failure.kind in _NOT_HERE and failed.failure.error != LED_ELSEWHERE


def _endpoints_question(issuer: str, instance: str) -> Question[Mapping[str, str]]:
    def read(response: Response) -> Mapping[str, str]:
        said = _object(response)
        names = ("token_endpoint", "authorization_endpoint")
        found = {name: url for name in names if (url := _url(said.get(name), instance or issuer))}
        if "token_endpoint" not in found:
            raise UnusableAnswer(FailureKind.DAMAGED, "the discovery answer names no token_endpoint")
        return found

    target = "/.well-known/openid-configuration"
    return Question(
        Request(method="GET", base=issuer, target=target, purpose="discovery of the issuer", correlated=True), read
    )


def _configuration_question(issuer: str, instance: str, tenant_id: str | None) -> Question[_Configuration]:
    def read(response: Response) -> _Configuration:
        said = _object(response)
        configuration = _Configuration(
            api_endpoint=_url(said.get("api_endpoint"), instance or issuer),
            auth_endpoint=_url(said.get("auth_endpoint"), instance or issuer),
            area=text(said.get("area")) or "",
            domain=text(said.get("domain")) or "",
            hub_domain=text(said.get("uhDomain")) or "",
            tenant_id=text(said.get("tenantId")) or "",
        )
        if not (configuration.api_endpoint or configuration.auth_endpoint or configuration.area):
            raise UnusableAnswer(FailureKind.DAMAGED, "the configuration names neither an api_endpoint nor an area")
        return configuration

    target = "/.well-known/cxone-configuration" + (f"?tenantId={quoted(tenant_id)}" if tenant_id else "")
    return Question(
        Request(method="GET", base=issuer, target=target, purpose="discovery of the tenant", correlated=True), read
    )


def _object(response: Response) -> Mapping[str, object]:
    if 400 <= response.status < 500 and response.status != HTTPStatus.TOO_MANY_REQUESTS:
        # Whatever the status, it is no refusal of ours: nothing that could be refused was shown.
        _, words = read_error(response)
        raise UnusableAnswer(FailureKind.NOT_FOUND, f"no discovery here: {words}" if words else "no discovery here")
    refuse_unless_ok(response)
    said = decode(response.body, _ANYTHING)
    if not isinstance(said, dict):
        raise UnusableAnswer(FailureKind.DAMAGED, "the discovery answer is no JSON object")
    return said


def _api(configuration: _Configuration, instance: str) -> str | None:
    if configuration.api_endpoint:
        return configuration.api_endpoint
    if _AREA.fullmatch(configuration.area) and configuration.domain in NICE_DOMAINS:
        return _url(f"https://api-{configuration.area}.{configuration.domain}", instance)
    return None


def _user_hub(configuration: _Configuration, issuer: str) -> str:
    """Return the base of the user hub, `https://{area}.nice-incontact.com`; elsewhere than at NICE the issuer's own."""
    if not is_nices(issuer) or not _AREA.fullmatch(configuration.area):
        return issuer
    domain = configuration.hub_domain if configuration.hub_domain in NICE_DOMAINS else NICE_DOMAINS[0]
    return _url(f"https://{configuration.area}.{domain}", issuer)


def _url(said: object, instance: str) -> str:
    """Return a URL without a slash at its end, "" where none is said; raise where keys must not follow it.

    Whoever answers the discovery must not be able to lead keys away: they go to the instance's own host, to hosts of
    NICE's over https, and from this machine to this machine.
    """
    if not isinstance(said, str) or not said.strip():
        return ""
    url = said.strip().rstrip("/")
    try:
        parts, own = urlsplit(url), urlsplit(instance)
        places = _place(parts), _place(own)
    except ValueError:
        raise _led_elsewhere(f"discovery leads to {url}, which is no address") from None
    host, here = places[0].host, places[1].host
    plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc and not parts.fragment
    both_here = is_loopback(host) and is_loopback(here) and parts.scheme in ("http", own.scheme)
    to_nice = is_nices(url) and not is_loopback(here)
    if not (plain and _HOST.fullmatch(host) and (places[0] == places[1] or both_here or to_nice)):
        where = parts.netloc or url
        raise _led_elsewhere(f"discovery leads to {where}, which is neither the instance nor NICE's")
    return url


class _Place(NamedTuple):
    scheme: str
    host: str
    port: int | None


def _place(parts: SplitResult) -> _Place:
    return _Place(parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme))


def _led_elsewhere(words: str) -> UnusableAnswer:
    return UnusableAnswer(FailureKind.NOT_THE_API, words, error=LED_ELSEWHERE)


def is_nices(url: str) -> bool:
    """Tell whether a URL is one of NICE's hosts, over https."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    plain = _HOST.fullmatch(host) is not None
    return plain and parts.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in NICE_DOMAINS)
