"""RC3xx: what we may see."""

from __future__ import annotations

from rollcall.findings.base import Strength
from rollcall.model.failure import FailureKind, Where
from rollcall.model.observation import TokenGranted

from .build import SCOPES, TOKEN, Example, Situation, called, each, stopped, struck


def forbidden(scopes: tuple[str, ...] | None, *, present: str = "", unknown: str = "ab") -> Situation:
    """Return a run with these scopes in which the states of the unknown agents were answered with 403."""
    granted = TokenGranted(exchange=TOKEN, scopes=scopes)
    return struck(FailureKind.FORBIDDEN, called(present, unknown=unknown), granted, status=403)


EXAMPLES = (
    Example(
        "RC301",
        seen=forbidden(("agent:read",)),
        explains="ab",
        all=True,
        unlike=forbidden(SCOPES),  # the scope is granted: it is a role, or a view
        instead="RC302",
    ),
    Example(
        "RC302",
        seen=forbidden(SCOPES),
        explains="ab",
        all=True,
        unlike=forbidden(("agent:read",)),
        instead="RC301",
    ),
)


@each(EXAMPLES)
def test_example(example: Example) -> None:
    """A 403 is the scope's where the token lacks it, and a permission's where it does not."""
    example.holds()


def test_silent_token_is_suspected() -> None:
    """A token that does not say its scopes proves nothing: the missing scope is suspected and named."""
    found = forbidden(None).only("RC301")
    assert found.strength is Strength.SUSPECTED
    assert "presence:read" in found.text
    assert found.settle


def test_some_answered_is_no_scope() -> None:
    """A scope that is missing refuses everybody: where some states were answered it is a permission."""
    seen = forbidden(None, present="a", unknown="b")
    assert "RC301" not in seen.codes()
    assert seen.only("RC302").explains == ("b",)


def test_scope_is_that_of_the_endpoint() -> None:
    """The roster needs agent:read, and lacks it even where presence:read is granted."""
    granted = TokenGranted(exchange=TOKEN, scopes=("presence:read",))
    found = stopped(FailureKind.FORBIDDEN, Where.ROSTER, granted, status=403).only("RC301")
    assert found.strength is Strength.PROVEN
    assert "agent:read" in found.text


def test_evidence_shows_the_scopes() -> None:
    """Where the granted scopes can be read they are part of the evidence, with the exchange that granted them."""
    evidence = forbidden(("agent:read",)).only("RC301").evidence
    assert (TOKEN, "/scope", "agent:read") in {(one.exchange, one.pointer, one.seen) for one in evidence}
