"""RC2xx: whom the API takes us for."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import Renewal, TokenGranted, TokenRenewals
from cxone_rollcall.model.struct import replace

from .build import SCOPES, TENANT, TOKEN, Example, Situation, called, situation, stopped, struck


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


def test_other_refusal_is_suspected() -> None:
    """A 403 of the token endpoint proves nothing. The finding says what would settle it."""
    found = refused("", 403).only("RC202")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


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
    """If the token read the roster, a 401 for states is only suspected. It may mean a permission (RC205)."""
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
    """A 401 is the token's where other states were answered, or where its scopes say nothing of this API."""
    roll = called("a", unknown="b") if scopes == SCOPES[:1] else called(unknown="ab")
    seen = struck(FailureKind.UNAUTHORIZED, roll, TokenGranted(exchange=TOKEN, scopes=scopes), status=401)
    assert seen.only("RC205").strength is Strength.SUSPECTED
    assert seen.codes().isdisjoint({"RC301", "RC302"})
