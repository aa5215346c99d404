"""RC301 to RC303: missing scopes and permissions."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.findings.scopes import grants
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, Selected
from cxone_rollcall.model.observations.probes import EverybodyAsked

from .build import (
    AGAIN,
    ROSTER,
    SCOPES,
    STATES,
    TOKEN,
    Example,
    Situation,
    called,
    failed,
    situation,
    states_of,
    stopped,
    struck,
)


def forbidden(scopes: tuple[str, ...] | None, *, present: str = "", unknown: str = "ab", tries: int = 2) -> Situation:
    """Return a run with these scopes. Unknown agents get 403 on each of `tries` tries."""
    granted = TokenGranted(exchange=TOKEN, scopes=scopes)
    return struck(FailureKind.FORBIDDEN, called(present, unknown=unknown), granted, status=403, tries=tries)


EMPTY = EverybodyAsked(exchange=AGAIN, rows=0)
NO_ROW = states_of(called(unknown="ab"), unvouched=("a", "b"), unvouched_exchange=STATES)

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
    Example(
        "RC303",
        seen=situation(called("ab", absent="c"), EMPTY),
        strength=Strength.NOTE,
        unlike=situation(called(unknown="ab"), EMPTY, NO_ROW),  # with ids there is no row either
        instead="RC605",
    ),
)


def test_silent_token_is_suspected() -> None:
    """Without readable scopes, a missing scope is suspected and named."""
    found = forbidden(None).only("RC301")
    assert found.strength is Strength.SUSPECTED
    assert "presence:read" in found.text
    assert found.settle


@pytest.mark.parametrize("scopes", [None, (), ("agent:read",), ("openid", "profile")])
def test_some_answered_is_no_scope(scopes: tuple[str, ...] | None) -> None:
    """If some states were answered, a 403 is a permission's. A missing scope refuses all."""
    seen = forbidden(scopes, present="a", unknown="b")
    assert "RC301" not in seen.codes()
    found = seen.only("RC302")
    assert (found.strength, found.explains) == (Strength.PROVEN, ("b",))
    assert "although other requests with the same token succeed" in found.text


@pytest.mark.parametrize("scopes", [SCOPES, ("agent:read",)], ids=["a permission", "a scope"])
def test_a_refusal_seen_once_is_suspected(scopes: tuple[str, ...]) -> None:
    """A refusal that was not repeated proves neither scope nor permission missing."""
    code = "RC302" if scopes == SCOPES else "RC301"
    assert forbidden(scopes, tries=1).only(code).strength is Strength.SUSPECTED
    assert forbidden(scopes, tries=2).only(code).strength is Strength.PROVEN


def test_an_answer_without_rows_lets_in_too() -> None:
    """An answered batch without rows also rules out the scope."""
    roll = called(unknown="ab")
    failures = Failures(items=(failed(FailureKind.FORBIDDEN, agents="b", status=403),), answered=2)
    silent = states_of(roll, unvouched=("a",), unvouched_exchange=STATES)
    seen = situation(roll, failures, silent, TokenGranted(exchange=TOKEN, scopes=("agent:read",)))
    assert "RC301" not in seen.codes()
    assert seen.only("RC302").strength is Strength.PROVEN


def test_a_401_where_no_scope_is_missing_after_all_is_suspected() -> None:
    """A 401 beside answers may be a permission, and is only suspected.

    The answers have no row, and the token lacks the scope.
    """
    roll = called(unknown="ab")
    failures = Failures(items=(failed(FailureKind.UNAUTHORIZED, agents="b", status=401),), answered=2)
    seen = situation(roll, failures, states_of(roll), TokenGranted(exchange=TOKEN, scopes=("agent:read",)))
    found = seen.only("RC302")
    assert found.strength is Strength.SUSPECTED
    assert found.settle
    assert seen.codes().isdisjoint({"RC205", "RC301"})


def test_half_a_roster_is_no_scope() -> None:
    """A roster refused after its first page does not lack the scope."""
    roll = called("ab", complete=False)
    failures = Failures(items=(failed(FailureKind.FORBIDDEN, Stage.ROSTER, status=403),), answered=2)
    seen = situation(roll, failures, TokenGranted(exchange=TOKEN, scopes=("presence:read",)))
    assert "RC301" not in seen.codes()
    assert seen.only("RC302").explains_all is False


def test_a_typed_agent_does_not_prove_the_roster() -> None:
    """A typed agent that no roster has says nothing about the scope."""
    failures = Failures(items=(failed(FailureKind.FORBIDDEN, Stage.ROSTER, status=403),), answered=1)
    typed = Selected(agents=("a",), unknown=("a",), exchange=ROSTER)
    seen = situation(called("a", complete=False), failures, typed, TokenGranted(exchange=TOKEN, scopes=SCOPES[1:]))
    assert seen.only("RC301").strength is Strength.PROVEN


SPELLINGS = ("presence:read", "PRESENCE:READ", "presence.read", "Presences.Read", "presence:*", "*", "*:*")
OTHERS = ("agent:read", "agent:*", "presence:write", "presence", "presence:reader", "read:presence", "openid", "")


def test_a_scope_has_several_spellings() -> None:
    """A scope has several spellings. Capitals, a dot, the plural, a wildcard; no other scope matches."""
    assert [one for one in SPELLINGS if not grants((one,), "presence:read")] == []
    assert [one for one in OTHERS if grants((one,), "presence:read")] == []
    assert grants(("agents.read",), "agent:read")


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_granted_in_another_spelling_is_no_missing_scope(spelt: str) -> None:
    """A 403 despite the scope, in any spelling, is a permission's."""
    seen = forbidden(("agents.read", spelt))
    assert "RC301" not in seen.codes()
    assert "although the scope is granted" in seen.only("RC302").text


@pytest.mark.parametrize("scopes", [(), ("",), ("openid", "profile"), ("https://graph.example.com/.default",)])
def test_another_vocabulary_is_suspected(scopes: tuple[str, ...]) -> None:
    """With unknown scopes, the missing one is only suspected."""
    found = forbidden(scopes).only("RC301")
    assert found.strength is Strength.SUSPECTED
    assert found.settle
    assert "names no scope of this API's kind" in found.text


def test_scope_is_that_of_the_endpoint() -> None:
    """The roster needs agent:read, and lacks it even where presence:read is granted."""
    granted = TokenGranted(exchange=TOKEN, scopes=("presence:read",))
    found = stopped(FailureKind.FORBIDDEN, Stage.ROSTER, granted, status=403).only("RC301")
    assert found.strength is Strength.PROVEN
    assert "agent:read" in found.text


def test_evidence_shows_the_scopes() -> None:
    """Readable scopes are evidence, with the exchange that granted them."""
    evidence = forbidden(("agent:read",)).only("RC301").evidence
    assert (TOKEN, "/scope", "agent:read") in {(one.exchange, one.pointer, one.seen) for one in evidence}


def test_any_row_without_ids_is_enough() -> None:
    """If any rows come without ids, there is no finding."""
    assert "RC303" not in situation(called("abc"), EverybodyAsked(exchange=AGAIN, rows=1)).codes()
