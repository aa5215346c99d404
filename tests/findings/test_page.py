"""A finding's page: its docstring in parts, and for a terminal."""

from __future__ import annotations

from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.page import Page, page_of, plain


class Explained(Finding, frozen=True, kw_only=True):
    """The server closes early.

    Mostly at noon.

    ## Fix

    Ask later.
      Or again.

    ## Try it

        rollcall check

        rollcall why 1001
    """

    code = "RC000"
    name = "closed-early"


class Unexplained(Finding, frozen=True, kw_only=True):  # noqa: D101  that it has none is its use
    code = "RC001"
    name = "without-words"


def test_a_page_is_read_from_the_docstring() -> None:
    """A page has the summary, the texts by heading, and the commands."""
    page = page_of(Explained)
    assert page == Page(
        "RC000",
        "closed-early",
        "The server closes early.\n\nMostly at noon.",
        {"Fix": "Ask later.\n  Or again.", "Try it": "rollcall check\n\n    rollcall why 1001"},
    )
    assert page.commands == ("rollcall check", "rollcall why 1001")
    assert page_of(Unexplained) == Page("RC001", "without-words", "", {})


def test_a_page_in_a_terminal() -> None:
    """A terminal shows each heading after an empty line. Its text is indented."""
    assert plain(page_of(Explained)) == (
        "RC000 closed-early\n\nThe server closes early.\n\nMostly at noon.\n"
        "\nFix\n  Ask later.\n  Or again.\n"
        "\nTry it\n  rollcall check\n\n  rollcall why 1001\n"
    )
