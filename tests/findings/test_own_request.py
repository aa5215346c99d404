"""The check of a program's own request, RC1xx to RC9xx. What each change of it brought decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.many_values import together

from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.own_request import OF_FAILURE, is_of_request
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.request import Asked, Change, ChangeAsked, RequestAsked, TheirToken, What
from cxone_rollcall.model.observations.states import RowsLost
from cxone_rollcall.model.struct import replace

from .build import PUBLISHED, SCOPES, TENANT, TOKEN, Example, Situation, called, situation, states_of

ROLL = called("ab", states={"b": "Break"})


def rows(exchange: int, found: str = "", **said: Any) -> Asked:
    """Return a response with a row for each of these agents."""
    return Asked(exchange=exchange, status=200, rows=len(found), found=frozenset(found), **said)


def refused(exchange: int, status: int = 401, kind: FailureKind = FailureKind.UNAUTHORIZED) -> Asked:
    """Return a response without rows."""
    return Asked(exchange=exchange, status=status, rows=None, failure="no", kind=kind.value)


def change(kind: Change, before: Asked, after: Asked, *, again: bool = True, **said: Any) -> ChangeAsked:
    """Return a change that was adopted. It was sent twice in turns unless not `again`."""
    more = (before,) if again else ()
    return ChangeAsked(
        change=kind,
        what=kind.value,
        before=(before, *more),
        after=(after, *((after,) if again else ())),
        adopted=True,
        **{"said": "x", "instead": "y", **said},
    )


def sent(first: Asked, *changes: ChangeAsked, expected: str = "ab", **said: Any) -> Situation:
    """Return a run with a program's request and these changes of it."""
    fields: dict[str, Any] = {"what": What.STATES, "contract": "v2", "form": "address", **said}
    asked = RequestAsked(
        method="GET",
        target="/api/v2/agents/states",
        first=first,
        changes=changes,
        expected=frozenset(expected),
        **fields,
    )
    return situation(ROLL, PUBLISHED if asked.contract == "incontact" else TENANT, asked)


def about(seen: Situation) -> Iterator[Finding]:
    """Yield the findings about the program's request."""
    return (one for one in seen.findings() if is_of_request(one))


EMPTY, FULL = rows(5), rows(6, "ab")

EXAMPLES = (
    Example(
        "RC406",
        seen=sent(EMPTY, change(Change.STATE, EMPTY, FULL)),
        explains="ab",
        unlike=sent(EMPTY, change(Change.SPELLING, EMPTY, FULL)),  # the right spelling brings the rows too
        instead="RC407",
    ),
    Example(
        "RC205",
        seen=sent(refused(5), change(Change.TOKEN, refused(5), FULL), token=TheirToken(sent=True)),
        explains="ab",
        all=True,
        unlike=sent(refused(5), change(Change.TOKEN, refused(5), FULL), token=TheirToken(sent=True, expired=90.0)),
        instead="RC204",
    ),
    Example(
        "RC404",
        seen=sent(
            refused(5, 414, FailureKind.TOO_LARGE),
            change(Change.BATCHES, refused(5, 414, FailureKind.TOO_LARGE), FULL),
        ),
        explains="ab",
        unlike=sent(rows(5, "a"), change(Change.BATCHES, rows(5, "a"), FULL)),  # taken, and answered in part
        instead="RC405",
    ),
    Example(
        "RC303",
        seen=sent(EMPTY, change(Change.NO_IDS, EMPTY, FULL, said="")),
        explains="ab",
        unlike=sent(FULL),  # this account may list all
        instead=None,
    ),
)

CODES = {
    Change.HOST: "RC206",
    Change.PATH: "RC107",
    Change.CONTRACT: "RC108",
    Change.VERSION: "RC109",
    Change.TOKEN: "RC303",
    Change.NO_IDS: "RC303",
    Change.RESOLVED: "RC401",
    Change.SEPARATOR: "RC410",
    Change.POISON: "RC403",
    Change.BATCHES: "RC405",
    Change.SPELLING: "RC407",
    Change.STATE: "RC406",
    Change.SINCE: "RC409",
    Change.PARAMETER: "RC801",
    Change.PAGES: "RC502",
}


@pytest.mark.parametrize("kind", Change)
def test_each_change_has_its_code(kind: Change) -> None:
    """A change that brings rows is proven by two exchanges. They are there twice with it, and never without it."""
    (found,) = about(sent(EMPTY, change(kind, EMPTY, FULL)))
    assert (found.code, found.strength, found.explains) == (CODES[kind], Strength.PROVEN, ("a", "b"))
    assert {one.exchange for one in found.evidence} == {5, 6}


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        (EMPTY, FULL, ("/entities 0 rows", "/entities 2 rows, one of them for a", "/entities 0 rows (#5), 2 rows")),
        (
            refused(5),
            rows(6, "b", at="/data"),
            ("status HTTP 401: no", "/data 1 row, one of them for b", "/data HTTP 401: no (#5), 1 row"),
        ),
        (
            replace(refused(5), status=None),
            replace(rows(6), rows=1),
            ("status no", "/entities 1 row", "/entities no (#5), 1 row"),
        ),
    ],
)
def test_the_evidence_of_a_change(before: Asked, after: Asked, seen: tuple[str, ...]) -> None:
    """Evidence quotes each response: rows and one agent, or the failure."""
    (found,) = about(sent(before, change(Change.STATE, before, after), expected="abc"[: len(after.found)]))
    assert tuple(f"{one.pointer} {one.seen}" for one in found.evidence) == seen


@pytest.mark.parametrize("kind", Change)
def test_once_is_not_proof(kind: Change) -> None:
    """A change that was sent once is a suspicion. It says what would settle it."""
    (found,) = about(sent(EMPTY, change(kind, EMPTY, FULL, again=False)))
    assert (found.strength, bool(found.settle)) == (Strength.SUSPECTED, True)


def test_rows_of_the_repeated_request_prove_nothing() -> None:
    """A row that the unchanged request gets when repeated proves nothing."""
    turned = ChangeAsked(
        change=Change.STATE,
        what="without state",
        before=(EMPTY, FULL),
        after=(FULL, FULL),
        adopted=True,
    )
    found = {one.code: (one.strength, one.explains) for one in about(sent(EMPTY, turned))}
    assert found == {"RC406": (Strength.SUSPECTED, ()), "RC516": (Strength.SUSPECTED, ())}


def test_a_server_that_loses_rows_proves_nothing() -> None:
    """On a server that loses rows, different responses prove nothing."""
    seen = sent(EMPTY, change(Change.STATE, EMPTY, FULL))
    noisy = situation(ROLL, *seen.seen, states_of(ROLL, lost=RowsLost(lacking=3, showing=4, lost=1, known=2)))
    assert next(about(noisy)).strength is Strength.SUSPECTED


def test_a_change_that_was_not_adopted_explains_nothing() -> None:
    """Only a change that brought rows is a cause."""
    tried = ChangeAsked(change=Change.STATE, what="without state", before=(EMPTY,), after=(EMPTY,))
    assert [one.code for one in about(sent(EMPTY, tried))] == ["RC902"]


def test_the_first_few_of_the_missing_are_named() -> None:
    """If no change shows the missing agents, the first three are named."""
    (found,) = about(sent(EMPTY, expected="fedcba"))
    assert found.text.startswith("no change of it shows rows for a, b, c and 3 more, logged in")


def test_nothing_missing_is_no_finding() -> None:
    """A request with all logged-in agents' rows has nothing to fix."""
    assert list(about(sent(FULL))) == []
    assert list(about(sent(EMPTY, expected=""))) == []


def test_an_answer_that_changes_is_no_cause() -> None:
    """Missing rows that come when the request is repeated are RC516. They prove nothing."""
    parts = ChangeAsked(
        change=Change.STATE,
        what="without state",
        before=(rows(5, "a"), rows(7, "b")),
        after=(rows(6, "a"), rows(8, "a")),
        adopted=True,
    )
    found = {one.code: one.strength for one in about(sent(rows(5, "a"), parts))}
    assert found == {"RC406": Strength.SUSPECTED, "RC516": Strength.SUSPECTED}


@pytest.mark.parametrize("kind", FailureKind)
def test_a_failure_that_stays(kind: FailureKind) -> None:
    """A request that always fails is suspected by its kind of failure."""
    if kind is FailureKind.LOGIN_REQUIRED:
        return  # no request of a program has it
    (found,) = about(sent(refused(5, 400, kind)))
    expected = OF_FAILURE[kind].code if kind in OF_FAILURE else "RC512"
    assert (found.code, found.strength, found.explains_all) == (expected, Strength.SUSPECTED, True)


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        (TheirToken(sent=False), 401, "RC205"),
        (TheirToken(sent=True, expired=7200.0), 401, "RC204"),
        (TheirToken(sent=True, scopes=("agent:read",)), 403, "RC301"),
        (TheirToken(sent=True, scopes=SCOPES), 403, "RC302"),
        (TheirToken(sent=True), 403, "RC302"),
        (TheirToken(sent=True, tenant="another"), 403, "RC206"),
    ],
)
def test_the_token_of_the_request(token: TheirToken, status: int, code: str) -> None:
    """The claims of a token explain its refusal."""
    first = refused(5, status, FailureKind.UNAUTHORIZED if status == 401 else FailureKind.FORBIDDEN)
    seen = sent(first, change(Change.TOKEN, first, FULL), token=token)
    granted = TokenGranted(exchange=TOKEN, scopes=SCOPES, tenant="ours")
    (found,) = about(Situation(seen.roll, (*(one for one in seen.seen if not isinstance(one, TokenGranted)), granted)))
    assert found.code == code


def test_rows_elsewhere_and_no_body_are_notes() -> None:
    """Obstacles for a program are noted even if nothing is missing."""
    found = {one.code: one.strength for one in about(sent(rows(5, "ab", at="/resultSet/agentStates")))}
    assert found == {"RC506": Strength.NOTE}
    found = {one.code: one.strength for one in about(sent(rows(5, no_content=True), expected=""))}
    assert found == {"RC513": Strength.NOTE}


@pytest.mark.parametrize("is_since", [False, True])
def test_a_failure_is_quoted_without_its_full_stop(*, is_since: bool) -> None:
    """The sentence goes on after it. Nothing else of the server's text is left out."""
    failed = Asked(exchange=5, status=400, rows=None, failure="no parameter X.", kind=FailureKind.REJECTED.value)
    (found,) = about(sent(failed, *((change(Change.SINCE, failed, FULL),) if is_since else ())))
    assert found.text.endswith(": no parameter X")


@together(
    "said",
    {
        "pages from 0": (Change.PAGES, {"said": "1", "instead": "0"}, "pages from 0, and it begins with page 1"),
        "a late begin": (Change.PAGES, {"said": "skip=200", "instead": ""}, "it begins at skip=200, behind the first"),
        "one page": (Change.PAGES, {"said": "", "instead": ""}, "it reads one page, of 1 row, and more pages follow"),
        "fields": (Change.PARAMETER, {"said": "Fields"}, "leaves out members that each row needs, such as the state"),
        "a parameter": (Change.PARAMETER, {"said": "teamId"}, "its parameter teamId leaves rows out"),
    },
)
def test_what_is_said_of_a_change(said: tuple[Change, dict[str, Any], str]) -> None:
    """The sentence names what of the request is wrong."""
    kind, fields, text = said
    first = rows(5, "a")
    found, *_ = about(sent(first, change(kind, first, FULL, **fields)))
    assert text in found.text


@together("seconds", {59: "59 seconds", 60: "1 minute", 3599: "59 minutes", 3600: "1 hour", 172_800: "2 days"}.items())
def test_how_long_ago_a_token_expired(seconds: tuple[int, str]) -> None:
    """The age has its largest unit, rounded down."""
    seen = sent(refused(5), change(Change.TOKEN, refused(5), FULL), token=TheirToken(sent=True, expired=seconds[0]))
    (found,) = about(seen)
    assert f"expired {seconds[1]}" in found.text


def test_states_that_a_filter_leaves_out_are_counted() -> None:
    """The states of agents that a filter leaves out are counted. An agent without a row in the run has none."""
    (found,) = about(sent(EMPTY, change(Change.STATE, EMPTY, rows(6, "abz"))))
    assert found.text.startswith("state=x leaves out agents with other logged-in states: Available 1, Break 1")
