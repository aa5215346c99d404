"""RC6xx: whether it is the agent."""

from __future__ import annotations

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.states import Contradiction, RowsOf, Truncation
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.struct import replace

from .build import AGAIN, STATES, Example, Situation, called, rows_of, situation, states_of, struck

LONG_AGO = "2025-11-03T08:00:00Z"
TRIO = called("ab", absent="c")
SILENT = called(unknown="ab")


def never(*, present: str | None, absent: str | None = "", active: bool | None = True) -> Situation:
    """A run with b absent and these last logins on the roster. They are those of a, who is present, and of b."""
    return situation(called("a", absent="b", a={"last_login": present}, b={"last_login": absent, "active": active}))


def silent(roll: Roll = SILENT, **said: object) -> Situation:
    """Return a run without rows, in which no canary confirms absence."""
    return situation(roll, states_of(roll, unvouched=("a", "b"), unvouched_exchange=STATES, **said))


EXAMPLES = (
    Example(
        "RC601",
        seen=situation(TRIO),
        strength=Strength.SUSPECTED,
        explains="c",
        unlike=struck(FailureKind.UNREACHABLE, called("ab", unknown="c")),  # c could not be asked
        instead="RC512",
    ),
    Example(
        "RC602",
        seen=situation(called("ab", absent="c", c={"active": False})),
        explains="c",
        unlike=situation(called("ab", absent="c", b={"active": False})),  # inactive, and has a state all the same
        instead="RC601",
    ),
    Example(
        "RC603",
        seen=never(present=LONG_AGO),
        explains="b",
        unlike=never(present=""),  # the field is empty for who is logged in, so it tells nothing
        instead="RC601",
    ),
    Example(
        "RC604",
        seen=situation(TRIO, states_of(TRIO, late={"b": AGAIN})),
        strength=Strength.NOTE,
        explains="b",
        unlike=situation(
            TRIO, states_of(TRIO, cut=Truncation(2, STATES, AGAIN, 1))
        ),  # the full batch still has no row for b
        instead="RC405",
    ),
    Example(
        "RC605",
        seen=silent(),
        strength=Strength.SUSPECTED,
        explains="ab",
        all=True,
        unlike=silent(called("c", unknown="ab")),  # one row came: some agent is visible
        instead=None,
    ),
)


def test_logged_out_is_proven() -> None:
    """A row that says logged out proves it, and is quoted."""
    found = situation(called("a", logged_out="b")).only("RC601")
    assert (found.strength, found.explains) == (Strength.PROVEN, ("b",))
    assert found.evidence[0].seen == "LoggedOut"


def test_contradicted_is_not_logged_out() -> None:
    """An agent with contradicting rows is not called logged out."""
    roll = called("a", logged_out="bc")
    seen = situation(roll, states_of(roll, contradicted={"b": Contradiction(STATES, "LoggedOut and Available")}))
    assert seen.only("RC601").explains == ("c",)
    assert seen.only("RC509").explains == ("b",)


def test_inactive_is_not_also_logged_out() -> None:
    """An agent that the roster explains is not explained twice."""
    seen = situation(called("a", absent="bc", b={"active": False}))
    assert seen.only("RC601").explains == ("c",)


def test_activity_unknown_is_not_inactive() -> None:
    """An agent of unknown activity is not called inactive."""
    assert "RC602" not in situation(called("a", absent="b", b={"active": None})).codes()


def test_never_logged_in_needs_a_roster_with_logins() -> None:
    """A missing last login means "never" only if the roster has logins. And if it has the field for this agent."""
    assert "RC603" not in never(present=None).codes()
    assert "RC603" not in never(present=LONG_AGO, absent=None).codes()
    assert "RC603" not in never(present=LONG_AGO, absent=LONG_AGO).codes()


def test_a_late_row_is_cited_where_it_came() -> None:
    """The evidence of a late agent is the exchange of its row. Several pages may have been read by then.

    An agent whose row was contradicted afterwards is not among them.
    """
    seen = replace(rows_of(TRIO), came=(RowsOf(STATES, 1), RowsOf(AGAIN, 1)))
    found = situation(TRIO, seen, states_of(TRIO, late={"c": AGAIN, "b": AGAIN + 5})).only("RC604")
    assert found.explains == ("b",)
    assert found.evidence == (Evidence("b, requested again", AGAIN, "/entities", "Available"),)


def test_inactive_goes_before_never() -> None:
    """An inactive agent who never logged in is only called inactive."""
    assert never(present=LONG_AGO, active=False).codes() == {"RC602"}


def test_no_row_is_no_failure() -> None:
    """After failed requests or ignored ids, missing rows have that cause."""
    trouble = struck(FailureKind.SERVER_TROUBLE, SILENT, states_of(SILENT, unvouched=("a",)), status=500)
    ignored = silent(ignored_exchange=AGAIN)
    for seen, cause in ((trouble, "RC105"), (ignored, "RC408")):
        assert seen.codes() == {cause}


def test_no_row_names_all_three_causes() -> None:
    """A response without any row names all three causes."""
    found = silent().only("RC605")
    assert all(cause in found.text for cause in ("logged in", "may not see states", "System state"))
    assert found.settle
