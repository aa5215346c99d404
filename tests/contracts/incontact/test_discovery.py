"""Discovery: the hosts requested, their order, and what their answers mean."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contracts.playing import NOTHING, Played, Server, at, play, said

from cxone_rollcall.contracts.incontact.discovery import ISSUER, Endpoints, discover, find_api
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind

OPENID, CXONE = "/.well-known/openid-configuration", "/.well-known/cxone-configuration"
REGION = "https://au1.nice-incontact.com"
API = "https://api-au1.niceincontact.com"
STRANGER = "https://gateway.example.com"
TENANT = "00000000-0000-4000-8000-00000000000a"
TOLD = {"api_endpoint": API, "auth_endpoint": REGION, "area": "au1", "domain": "niceincontact.com"}


def endpoints(base: str, **more: object) -> Response:
    """Return an issuer's answer."""
    names = {"token_endpoint": f"{base}/auth/token", "authorization_endpoint": f"{base}/auth/authorize"}
    return said(200, {"issuer": base, **names, **more})


def configuration(**changes: object) -> Response:
    """Return the configuration of a tenant."""
    return said(200, {**TOLD, "tenantId": TENANT, **changes})


def found(instance: str, server: Server, tenant_id: str | None = None) -> Played[Endpoints]:
    """Find the endpoints of an instance."""
    return play(discover(instance, tenant_id), server)


def test_a_host_with_both() -> None:
    """A host that knows endpoints and tenant is requested for both. No other host is."""
    played = found(REGION, at({REGION + OPENID: endpoints(REGION), REGION + CXONE: configuration()}))
    assert played.addresses == [REGION + OPENID, REGION + CXONE]
    assert played.came_to == Endpoints(
        issuer=REGION,
        token=f"{REGION}/auth/token",
        authorize=f"{REGION}/auth/authorize",
        user_hub="https://au1.nice-incontact.com",
        api=API,
        tenant_id=TENANT,
    )


def test_userinfo_is_where_discovery_says() -> None:
    """The endpoint that says who a token is comes from discovery. It may have none."""
    named = said(200, {"token_endpoint": f"{REGION}/auth/token", "userinfo_endpoint": f"{REGION}/auth/userinfo/"})
    played = found(REGION, at({REGION + OPENID: named, REGION + CXONE: configuration()}))
    assert played.came_to.userinfo == f"{REGION}/auth/userinfo"
    without = found(REGION, at({REGION + OPENID: endpoints(REGION), REGION + CXONE: configuration()}))
    assert without.came_to.userinfo is None


def test_nothing_is_shown() -> None:
    """Discovery is a bare GET: no key, client or header."""
    for request in found(REGION, at({}), TENANT).asked:
        assert (request.method, request.form, request.headers) == ("GET", None, ())


def test_only_a_tenant_id() -> None:
    """With only a tenant id, NICE's issuer is requested."""
    server = at({ISSUER + OPENID: endpoints(ISSUER), f"{ISSUER}{CXONE}?tenantId={TENANT}": configuration()})
    played = found("", server, TENANT)
    assert played.addresses == [ISSUER + OPENID, f"{ISSUER}{CXONE}?tenantId={TENANT}"]
    assert (played.came_to.issuer, played.came_to.api) == (ISSUER, API)


def test_only_endpoints() -> None:
    """A host without a tenant names the token endpoint only. It leaves the API open."""
    result = found(ISSUER, at({ISSUER + OPENID: endpoints(ISSUER)})).came_to
    assert (result.token, result.api, result.tenant_id) == (f"{ISSUER}/auth/token", None, None)


def test_only_a_configuration() -> None:
    """A host without endpoints has the standard paths below its `auth_endpoint`."""
    result = found(
        REGION, at({REGION + CXONE: configuration(auth_endpoint="https://cxone.niceincontact.com/")})
    ).came_to
    assert (result.token, result.authorize) == (f"{ISSUER}/auth/token", f"{ISSUER}/auth/authorize")
    result = found(REGION, at({REGION + CXONE: configuration(auth_endpoint=None)})).came_to
    assert (result.token, result.authorize) == (f"{REGION}/auth/token", f"{REGION}/auth/authorize")


@pytest.mark.parametrize("wrong", [NOTHING, said(400, {"error": "bad"}), said(403), said(200, b"<html>sign in")])
def test_fallback_to_the_issuer(wrong: Response) -> None:
    """For a host of NICE without discovery, the issuer is requested."""
    server = at({ISSUER + OPENID: endpoints(ISSUER), ISSUER + CXONE: configuration()})
    played = found(REGION, lambda request: wrong if request.base == REGION else server(request))
    assert played.addresses == [REGION + OPENID, REGION + CXONE, ISSUER + OPENID, ISSUER + CXONE]
    assert (played.came_to.issuer, played.came_to.api) == (ISSUER, API)


def test_the_issuer_knows_no_tenant() -> None:
    """Without a tenant at the issuer, the instance itself is the API."""
    played = found(API, at({ISSUER + OPENID: endpoints(ISSUER)}))
    assert (played.came_to.token, played.came_to.api) == (f"{ISSUER}/auth/token", API)


@pytest.mark.parametrize(
    "instance",
    [
        STRANGER,
        "http://127.0.0.1:8080",
        "https://evilnice-incontact.com",
        "https://nice-incontact.com.evil.example",
        "http://au1.nice-incontact.com",
    ],
)
def test_only_hosts_of_nice_are_looked_up(instance: str) -> None:
    """The issuer is requested only for hosts of NICE."""
    server = at({ISSUER + OPENID: endpoints(ISSUER), ISSUER + CXONE: configuration()})
    played = found(instance, server)
    assert played.addresses == [instance + OPENID, instance + CXONE]
    assert played.kind is FailureKind.NOT_FOUND


@pytest.mark.parametrize("instance", ["", ISSUER, "https://nicecxone-gov.com"])
def test_an_issuer_without_discovery_is_requested_once(instance: str) -> None:
    """An issuer is not requested again in its own place."""
    played = found(instance, at({}))
    assert played.addresses == [(instance or ISSUER) + path for path in (OPENID, CXONE)]
    assert played.kind is FailureKind.NOT_FOUND


@pytest.mark.parametrize(
    "trouble",
    [FailureKind.UNREACHABLE, FailureKind.CERTIFICATE, FailureKind.TIMED_OUT, said(500), said(429), said(200, b"{")],
)
@pytest.mark.parametrize("at_path", [OPENID, CXONE])
def test_a_failure_is_no_missing_discovery(trouble: Response | FailureKind, at_path: str) -> None:
    """A host that fails or is unreachable may have a discovery. No other host is requested in its place."""

    def server(request: Request) -> Response | FailureKind:
        return trouble if request.target == at_path else endpoints(REGION)

    played = found(REGION, server)
    assert played.kind not in (None, FailureKind.NOT_FOUND)
    assert {request.base for request in played.asked} == {REGION}
    assert played.asked[-1].target == at_path


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "refused: no"),
        (403, "refused: no"),
        (407, "refused: no"),
        (451, "refused: no"),
        (404, "no discovery here: no"),
    ],
)
def test_a_refusal_is_no_missing_discovery(status: int, told: str) -> None:
    """A refused discovery is not called a missing one."""
    played = found(STRANGER, lambda request: said(status, {"message": "no"}))
    assert played.error.failure.detail == told  # type: ignore[union-attr]


def test_the_issuer_fails_too() -> None:
    """If the issuer cannot help either, the instance's own failure is raised."""
    for wrong in (NOTHING, FailureKind.UNREACHABLE):
        played = found(REGION, lambda request, wrong=wrong: NOTHING if request.base == REGION else wrong)  # type: ignore[misc]
        assert played.kind is FailureKind.NOT_FOUND
        assert isinstance(played.error, Exception)
        assert played.error.failure.exchange == 1  # type: ignore[union-attr]


def test_an_id_that_no_tenant_has() -> None:
    """A regional host names its tenant without an id, too. So a wrong id is detected."""
    played = found(REGION, at({REGION + OPENID: endpoints(REGION), REGION + CXONE: configuration()}), "no such/id")
    assert played.addresses == [REGION + OPENID, f"{REGION}{CXONE}?tenantId=no%20such%2Fid", REGION + CXONE]
    assert (played.came_to.api, played.came_to.tenant_id) == (API, TENANT)


def test_an_id_that_the_issuer_does_not_know() -> None:
    """A wrong tenant id leaves the API open until the token. The token names the tenant."""
    result = found("", at({ISSUER + OPENID: endpoints(ISSUER)}), "no-such-id").came_to
    assert (result.api, result.tenant_id) == (None, None)


def test_the_tenant_that_a_token_names() -> None:
    """A token's tenant id leads to the API. An unknown one leaves it open."""
    result = Endpoints(issuer=ISSUER, token=f"{ISSUER}/auth/token", authorize="", user_hub=ISSUER, api=None)
    played = play(find_api(result, "", TENANT), at({f"{ISSUER}{CXONE}?tenantId={TENANT}": configuration()}))
    assert played.addresses == [f"{ISSUER}{CXONE}?tenantId={TENANT}"]
    assert (played.came_to.api, played.came_to.tenant_id) == (API, TENANT)
    silent = configuration(api_endpoint=None, domain="elsewhere.example.com")
    assert play(find_api(result, "", TENANT), lambda request: silent).came_to == result
    assert play(find_api(result, "", TENANT), at({})).kind is FailureKind.NOT_FOUND


@pytest.mark.parametrize(
    ("changes", "api"),
    [
        ({}, API),
        ({"api_endpoint": f"{API}/"}, API),
        ({"api_endpoint": None}, API),
        ({"api_endpoint": "", "area": "eu1", "domain": "nice-incontact.com"}, "https://api-eu1.nice-incontact.com"),
        ({"api_endpoint": None, "domain": "evil.example.com"}, None),
        ({"api_endpoint": None, "domain": "evilniceincontact.com"}, None),
        ({"api_endpoint": None, "domain": None}, None),
        ({"api_endpoint": None, "domain": "niceincontact.com:e"}, None),
        ({"api_endpoint": None, "domain": "[niceincontact.com"}, None),
        ({"api_endpoint": None, "area": None}, None),
    ],
)
def test_the_api_by_area_and_domain(changes: dict[str, Any], api: str | None) -> None:
    """The API is at `api_endpoint`, else at `api-{area}` of a NICE domain. Else it is unknown."""
    server = at({ISSUER + OPENID: endpoints(ISSUER), ISSUER + CXONE: configuration(**changes)})
    assert found(ISSUER, server).came_to.api == api


@pytest.mark.parametrize(
    ("issuer", "changes", "hub"),
    [
        (REGION, {}, "https://au1.nice-incontact.com"),
        (REGION, {"uhDomain": "niceincontact.com"}, "https://au1.niceincontact.com"),
        (REGION, {"uhDomain": "evil.example.com"}, "https://au1.nice-incontact.com"),
        ("https://cxone.example.com", {"uhDomain": "example.com"}, "https://au1.example.com"),
        ("https://cxone.example.com", {"uhDomain": "example.com:e"}, "https://cxone.example.com"),
        ("https://cxone.example.com", {"uhDomain": "[example.com"}, "https://cxone.example.com"),
        (REGION, {"area": None}, REGION),
        (STRANGER, {"api_endpoint": STRANGER, "auth_endpoint": STRANGER}, STRANGER),
    ],
)
def test_the_user_hub(issuer: str, changes: dict[str, Any], hub: str) -> None:
    """Keys without a client go to the area's host at NICE. Without an area they go to the host that answered."""
    server = at({issuer + OPENID: endpoints(issuer), issuer + CXONE: configuration(**changes)})
    assert found(issuer, server).came_to.user_hub == hub


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'"text"', b"{}", b'{"tenantId": "x"}', b"{", b"<html>", b"\xff", b"null"]
)
def test_a_discovery_that_cannot_be_read(body: bytes) -> None:
    """A discovery that cannot be read is a failure. No host is made up."""
    played = found(STRANGER, lambda request: said(200, body))
    assert played.kind in {FailureKind.DAMAGED, FailureKind.NOT_THE_API}


@pytest.mark.parametrize("status", [408, 425, 429, 503, 522])
def test_a_temporary_failure_is_no_missing_discovery(status: int) -> None:
    """A temporary failure leaves open whether the host has a discovery. No other host is requested in its place."""
    played = found(REGION, at({REGION + OPENID: said(status)}))
    assert played.kind in {FailureKind.SERVER_TROUBLE, FailureKind.RATE_LIMITED}
    assert played.addresses == [REGION + OPENID]


HUB = "https://au1.nice-incontact.com"
WITHOUT_TENANT = said(400, {"error": "tenantId required"})


@pytest.mark.parametrize(
    ("regional", "hub", "guessed"),
    [
        (configuration(), HUB, False),
        (configuration(area="au2"), "https://au2.nice-incontact.com", False),
        (NOTHING, HUB, False),
        (said(403), HUB, False),
        (FailureKind.HOST_NOT_FOUND, ISSUER, True),
        (FailureKind.UNREACHABLE, ISSUER, True),
    ],
)
def test_the_area_in_the_name(regional: Response | FailureKind, hub: str, guessed: bool) -> None:
    """An API host without discovery names its area.

    The area's host takes keys; without such a host the hub is a guess.
    """
    server = at({ISSUER + OPENID: endpoints(ISSUER), ISSUER + CXONE: WITHOUT_TENANT, HUB + CXONE: regional})
    played = found(API, server)
    assert played.addresses[-1] == HUB + CXONE
    result = played.came_to
    assert (result.api, result.user_hub, result.hub_is_guessed) == (API, hub, guessed)


@pytest.mark.parametrize(("instance", "guessed"), [(ISSUER, True), (HUB, False)])
def test_a_host_with_its_own_discovery(instance: str, guessed: bool) -> None:
    """An area's host with discovery takes keys itself. The host of all areas may not."""
    server = at({instance + OPENID: endpoints(instance), instance + CXONE: WITHOUT_TENANT})
    result = found(instance, server).came_to
    assert (result.issuer, result.hub_is_guessed) == (instance, guessed)


SOVEREIGN = "https://nicecxone-sov2.au"
"""A cloud that no list names."""


@pytest.mark.parametrize("tenantless", [WITHOUT_TENANT, configuration(api_endpoint=f"https://api-au2.{SOVEREIGN[8:]}")])
def test_an_api_host_of_another_cloud(tenantless: Response) -> None:
    """An API host's domain is its issuer if it knows tenants."""
    instance = f"https://api-au2.{SOVEREIGN[8:]}"
    server = at({SOVEREIGN + OPENID: endpoints(SOVEREIGN), SOVEREIGN + CXONE: tenantless})
    result = found(instance, server).came_to
    assert (result.issuer, result.token, result.api) == (SOVEREIGN, f"{SOVEREIGN}/auth/token", instance)


@pytest.mark.parametrize("tenants", [NOTHING, said(200, b"<html>Welcome"), FailureKind.UNREACHABLE])
def test_a_companys_own_login_is_no_issuer(tenants: Response | FailureKind) -> None:
    """A host with its own login, not CXone's, gets no secret. It may be in the same domain."""
    server = at({STRANGER + OPENID: endpoints(STRANGER), STRANGER + CXONE: tenants})
    played = found("https://api-x.gateway.example.com", server)
    assert played.kind is FailureKind.NOT_FOUND
