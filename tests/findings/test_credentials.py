"""RC2xx: whom the API takes us for."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import Renewal, TokenGranted, TokenRenewals
from cxone_rollcall.model.observations.base import Observation, TenantAsked
from cxone_rollcall.model.struct import replace

from .build import PUBLISHED, SCOPES, TENANT, TOKEN, Example, Situation, called, situation, stopped, struck


def refused(error: str, status: int = 400) -> Situation:
    """Return a run that the token endpoint refused with this error."""
    kind = {401: FailureKind.UNAUTHORIZED, 403: FailureKind.FORBIDDEN}.get(status, FailureKind.REJECTED)
    return stopped(kind, status=status, error=error, tries=1)


def pinned(ours: str | None, theirs: str | None) -> Situation:
    """Return a run with another tenant's token than the settings pin."""
    return situation(
        called("a", absent="b"),
        replace(TENANT, tenant_id=ours),
        TokenGranted(exchange=TOKEN, scopes=SCOPES, tenant=theirs),
    )


EXAMPLES = (
    Example(
        "RC201",
        seen=refused("invalid_client", 401),
        all=True,
        unlike=refused("invalid_grant"),  # the client is known, its key is not
        instead="RC203",
    ),
    Example(
        "RC202",
        seen=refused("unsupported_grant_type"),
        all=True,
        unlike=refused("invalid_client"),  # 400, and the client all the same
        instead="RC201",
    ),
    Example(
        "RC203",
        seen=refused("invalid_grant"),
        all=True,
        unlike=refused("invalid_request"),  # the question is malformed, whatever the key
        instead="RC202",
    ),
    Example(
        "RC204",
        seen=situation(called("ab"), TokenRenewals(healed=(Renewal(3, 5),))),
        strength=Strength.NOTE,
        unlike=stopped(FailureKind.UNAUTHORIZED, Stage.ROSTER, status=401),  # a new token is refused as well
        instead="RC205",
    ),
    Example(
        "RC205",
        seen=stopped(FailureKind.UNAUTHORIZED, Stage.ROSTER, status=401),
        all=True,
        unlike=stopped(FailureKind.FORBIDDEN, Stage.ROSTER, status=403),  # the token is taken, and may not do this
        instead="RC302",
    ),
    Example(
        "RC206",
        seen=pinned("11ED-OURS", "11ed-theirs"),
        explains="ab",
        all=True,
        unlike=pinned("11ED-OURS", "11ed-ours"),  # the same tenant, in another case
        instead="RC601",
    ),
)


@pytest.mark.parametrize("error", ["unsupported_grant_type", "invalid_request", "invalid_scope", ""])
def test_grant_is_proven_by_400(error: str) -> None:
    """A 400 that blames neither client nor key proves the grant."""
    assert refused(error).only("RC202").strength is Strength.PROVEN


def test_a_400_with_other_words() -> None:
    """A 400 with words of its own proves nothing of the grant. "Bad Request" is only what 400 means."""
    bare = stopped(FailureKind.REJECTED, Stage.TOKEN, status=400, detail="Bad Request").only("RC202")
    assert (bare.strength, "refuses the grant " in bare.text) == (Strength.PROVEN, True)
    found = stopped(FailureKind.REJECTED, Stage.TOKEN, status=400, detail="Key is locked by admin").only("RC202")
    assert found.strength is Strength.SUSPECTED
    assert found.text.endswith("refuses the request for a token: HTTP 400 Key is locked by admin")
    assert found.fix_text.startswith("see to what the answer says; or set CXONE_GRANT_TYPE")


def turned_away(status: int, *seen: Observation, tenant: TenantAsked = PUBLISHED, **said: Any) -> Situation:
    """Return a run in which the token was refused with these words."""
    kind = {401: FailureKind.UNAUTHORIZED, 403: FailureKind.FORBIDDEN}.get(status, FailureKind.REJECTED)
    return stopped(kind, Stage.TOKEN, tenant, *seen, status=status, tries=1, **said)


ALONE = replace(PUBLISHED, has_client=False)


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("tenant", [TENANT, PUBLISHED, ALONE], ids=["v2", "with a client", "a key alone"])
def test_a_page_refuses_no_client(status: int, tenant: TenantAsked) -> None:
    """A page instead of a token refuses no client.

    It is suspected to come from the network, with its title and advice.
    """
    found = turned_away(status, tenant=tenant, detail="a page: Request blocked").only("RC202")
    assert found.strength is Strength.SUSPECTED
    assert found.text.endswith(f"HTTP {status} a page: Request blocked")
    assert "HTTPS_PROXY" in found.fix_text
    assert "CXONE_" not in found.fix_text
    assert found.settle


@pytest.mark.parametrize("said", [{}, {"detail": "Forbidden", "error": "Forbidden"}, {"detail": "Access denied"}])
def test_a_403_without_an_oauth_error(said: dict[str, Any]) -> None:
    """A 403 without an OAuth error points to the network. It may come from an edge or an allow list."""
    found = turned_away(403, **said).only("RC202")
    assert (found.strength, "allow list" in found.fix_text) == (Strength.SUSPECTED, True)
    assert "invalid" not in found.text


@pytest.mark.parametrize("status", [407, 451])
def test_a_status_of_something_before_the_api(status: int) -> None:
    """A proxy's status points to the network, not to the grant."""
    assert "HTTPS_PROXY" in turned_away(status).only("RC202").fix_text


@pytest.mark.parametrize(
    "said", [{}, {"detail": "Bad credentials"}, {"error": "Unauthorized", "detail": "key inactive"}]
)
def test_a_401_to_a_client_and_a_key(said: dict[str, Any]) -> None:
    """A 401 without an OAuth error blames client or key. A client alone is proven."""
    seen = turned_away(401, **said).only("RC201")
    assert (seen.strength, "another access key" in seen.settle) == (Strength.SUSPECTED, True)
    assert "refuses this client or the access key" in seen.text
    assert "new access key" in seen.fix_text
    assert turned_away(401, tenant=TENANT, **said).only("RC201").strength is Strength.PROVEN


def test_a_403_with_an_oauth_error() -> None:
    """A 403 with an OAuth error comes from the token endpoint."""
    assert turned_away(403, error="invalid_client").only("RC201").strength is Strength.PROVEN
    assert "refuses the grant" in turned_away(403, error="unauthorized_client").only("RC202").text


@pytest.mark.parametrize(
    "error",
    [
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
        "access_denied",
    ],
)
def test_a_403_with_each_error_of_oauth(error: str) -> None:
    """An error that RFC 6749 defines comes from the token endpoint itself. Other words do not."""
    (found,) = turned_away(403, error=error).findings()
    assert "allow list" not in found.fix_text
    assert "allow list" in turned_away(403, error="blocked_by_policy").only("RC202").fix_text


@pytest.mark.parametrize(("detail", "strength"), [("", Strength.SUSPECTED), ("no such key", Strength.PROVEN)])
def test_a_key_without_a_client_blames_no_client(detail: str, strength: Strength) -> None:
    """A 401 to a key without a client is about the key.

    The server's words are quoted; without any, nothing is proven.
    """
    seen = turned_away(401, tenant=ALONE, detail=detail)
    found = seen.only("RC203")
    assert found.strength is strength
    assert found.text.endswith(f"HTTP 401 {detail}".strip())
    assert "RC201" not in seen.codes()
    assert "CXONE_CLIENT" not in found.fix_text


def test_a_guessed_host_proves_nothing() -> None:
    """A refusal by a guessed host is only suspected. It names the host and the setting that would help."""
    found = turned_away(401, tenant=ALONE, detail="no", host="issuer.example.com", guessed=True).only("RC203")
    assert found.strength is Strength.SUSPECTED
    assert "at issuer.example.com refuses" in found.text
    assert "CXONE_TENANT_ID" in found.fix_text


def test_the_servers_words_are_not_repeated() -> None:
    """A code that the server's words repeat is not said twice."""
    found = turned_away(401, error="Unauthorized", detail="Unauthorized").only("RC201")
    assert found.text.endswith("HTTP 401 Unauthorized")


@pytest.mark.parametrize("status", [200, 201])
def test_a_usual_grant_is_quiet(status: int) -> None:
    """A token in a good answer is no finding."""
    assert "RC202" not in situation(called("ab"), TokenGranted(exchange=TOKEN, scopes=SCOPES, status=status)).codes()


def test_a_token_in_an_error_is_a_note() -> None:
    """A token in an error response is a note without advice. The token was used."""
    found = situation(called("ab"), TokenGranted(exchange=TOKEN, scopes=SCOPES, status=409)).only("RC202")
    assert (found.strength, found.explains_all) == (Strength.NOTE, False)
    assert "HTTP 409" in found.text
    assert "CXONE_GRANT_TYPE" not in found.fix_text


@pytest.mark.parametrize(
    ("kind", "status"),
    [(FailureKind.NOT_FOUND, 404), (FailureKind.RATE_LIMITED, 429), (FailureKind.SERVER_TROUBLE, 503)],
)
def test_error_body_is_no_refusal(kind: FailureKind, status: int) -> None:
    """A missing, busy or broken token endpoint is no refusal."""
    seen = stopped(kind, status=status, error="not_found")
    assert seen.codes().isdisjoint({"RC201", "RC202", "RC203"})


@pytest.mark.parametrize("kind", [FailureKind.UNREACHABLE, FailureKind.TIMED_OUT, FailureKind.NOT_THE_API])
def test_no_answer_is_no_refusal(kind: FailureKind) -> None:
    """A token that could not be asked for was not refused."""
    assert {code for code in stopped(kind).codes() if code.startswith("RC2")} == set()


@pytest.mark.parametrize(("ours", "theirs"), [(None, "11ed-theirs"), ("11ed-ours", None), ("", "11ed-theirs")])
def test_tenant_needs_two_names(ours: str | None, theirs: str | None) -> None:
    """A foreign tenant needs a pinned tenant and one in the token."""
    assert "RC206" not in pinned(ours, theirs).codes()


def test_hints_come_with_the_refusal() -> None:
    """A suspicious secret is mentioned when the client is refused."""
    tenant = replace(TENANT, hints=("the secret ends with a blank",))
    seen = stopped(FailureKind.UNAUTHORIZED, Stage.TOKEN, tenant, status=401, error="invalid_client")
    assert "(the secret ends with a blank)" in seen.only("RC201").text


def test_a_token_that_worked_is_suspected() -> None:
    """If the token read the roster, a 401 for states is suspected. It may mean a permission (RC205)."""
    found = struck(FailureKind.UNAUTHORIZED, called(unknown="ab"), status=401).only("RC205")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


def test_lacking_scope_goes_before() -> None:
    """A 401 without the endpoint's scope suspects the scope. It could be the token."""
    lacking = TokenGranted(exchange=TOKEN, scopes=SCOPES[:1])
    seen = struck(FailureKind.UNAUTHORIZED, called(unknown="ab"), lacking, status=401)
    assert "RC205" not in seen.codes()
    assert seen.only("RC301").strength is Strength.SUSPECTED


@pytest.mark.parametrize("scopes", [SCOPES[:1], ("openid",)])
def test_a_401_beside_answers_is_the_tokens(scopes: tuple[str, ...]) -> None:
    """A 401 is the token's if other states were answered. So it is if its scopes say nothing of this API."""
    roll = called("a", unknown="b") if scopes == SCOPES[:1] else called(unknown="ab")
    seen = struck(FailureKind.UNAUTHORIZED, roll, TokenGranted(exchange=TOKEN, scopes=scopes), status=401)
    assert seen.only("RC205").strength is Strength.SUSPECTED
    assert seen.codes().isdisjoint({"RC301", "RC302"})
