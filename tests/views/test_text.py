"""Texts on a terminal: safe, and of known width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.views.text import (
    FILLERS,
    MOST_MARKS,
    brief,
    by_words,
    contents,
    fit,
    padded,
    printable,
    shortened,
    width,
    wrapped,
)

ANY_TEXT = st.text(st.characters())


@given(ANY_TEXT)
def test_nothing_that_moves_the_cursor_is_left(text: str) -> None:
    """A printable text has only visible characters. No control, line break or lone surrogate."""
    shown = printable(text)
    assert all(character.isprintable() or character in "\u3000\xa0" or character.isspace() for character in shown)
    assert not set(shown) & set("\x1b\n\r\t\x00\x9b\u202e\u2066\u200b\u2028")
    shown.encode()


def test_a_filler_is_no_letter_of_latin() -> None:
    """No filler is ASCII: plain names are shown as they are."""
    assert [one for one in FILLERS if one.isascii()] == []


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters=FILLERS), max_size=MOST_MARKS))
def test_a_text_without_hidden_marks_is_unchanged(text: str) -> None:
    """A text without anything to hide is not changed."""
    assert printable(text) == text


UNSEEN = "\u034f \u115f \u1160 \u17b4 \u17b5 \u180b \u180f \u2800 \u3164 \ufe00 \ufe0f \uffa0 \U000e0100 \U000e01ef"
UNSEEN += " \U000e0041 \U000e0001 \u00ad \u061c \u180e \u2064 \U0001d159 \U00016fe4"
SEEN = ("Zo\u00eb", "Andre\u0301", "\u6e21\u8fba\u3000\u7f8e", "\ud55c\uad6d", "\u0915\u094d\u0937", "\u2801")
BESIDE_UNSEEN = "\u034e \u0350 \u115e \u1161 \u17b3 \u17b6 \u180a \u1810 \u27ff \u2801 \u3163 \u3165"
BESIDE_UNSEEN += " \ufdff \ufe10 \uff9f \uffa1 \U00016fe3 \U0001d158 \U0001d15a"


@pytest.mark.parametrize("mark", UNSEEN.split(" "))
def test_an_invisible_mark_is_an_escape(mark: str) -> None:
    """A name with an invisible mark does not look like another. One of blanks does not look empty."""
    for text in (mark, f"a{mark}b", mark * 3):
        assert printable(text) == text.replace(mark, mark.encode("unicode_escape").decode())


@pytest.mark.parametrize("text", (*SEEN, BESIDE_UNSEEN))
def test_visible_marks_stay(text: str) -> None:
    """Visible marks are shown as they are. Such are accents, wide blanks, Hangul, joined letters and Braille."""
    assert printable(text) == text


@given(ANY_TEXT, st.integers(1, 40))
def test_a_text_is_fitted_to_its_cells(text: str, cells: int) -> None:
    """A fitted text takes exactly its cells in any script."""
    assert width(fit(printable(text), cells)) == cells


@pytest.mark.parametrize(
    ("text", "cells", "fitted"),
    [
        ("Ann", 5, "Ann  "),
        ("Ann Lee", 5, "Ann …"),
        ("渡辺 美咲", 6, "渡辺 …"),
        ("Ann", 1, "…"),
        ("Ann", 0, ""),
        ("", 2, "  "),
    ],
)
def test_fitting_pads_or_cuts(text: str, cells: int, fitted: str) -> None:
    """A short text is padded, a long one cut with an ellipsis. A wide character takes two cells."""
    assert fit(text, cells) == fitted


def test_only_what_is_too_long_is_shortened() -> None:
    """A text that fits is returned as it is, without padding."""
    assert shortened("Break", 10) == "Break"
    assert shortened("A very long state", 10) == "A very lo…"


def test_a_flood_of_accents_is_escaped() -> None:
    """The first accents on a letter are drawn, further ones escaped. Accents without a letter are alike."""
    assert printable("\u0301" * (MOST_MARKS + 1)) == "\u0301" * MOST_MARKS + "\\u0301"
    assert printable("e" + "\u0301" * MOST_MARKS) == "e" + "\u0301" * MOST_MARKS
    assert printable("e" + "\u0301" * (MOST_MARKS + 2) + "a\u0301") == "e" + "\u0301" * 8 + "\\u0301" * 2 + "a\u0301"


@given(ANY_TEXT, st.integers(1, 40))
def test_a_brief_text_is_the_beginning_of_it(text: str, cells: int) -> None:
    """A brief text equals the shortened whole text."""
    assert brief(text * 9, cells) == shortened(printable(text * 9), cells)


def test_further_lines_are_indented() -> None:
    """The indent takes cells, too. No line ends with blanks."""
    assert wrapped("aaaa bbbb cccc dd  ", 9, "  ") == "aaaa bbbb\n  cccc dd"
    assert wrapped("aaaa bbbb cccc ddd", 9, "  ") == "aaaa bbbb\n  cccc\n  ddd"


def test_accents_take_no_cells_of_a_brief_text() -> None:
    """Letters with as many accents as are drawn are all read."""
    accented = ("e" + "\u0301" * MOST_MARKS) * 21
    assert brief(accented, 21) == by_words(accented, 21) == accented
    assert brief(accented + "x", 21) == by_words(accented + "x", 21) == accented[: -MOST_MARKS - 1] + "…"


@given(st.text("渡a \u0301", max_size=60), st.integers(8, 20))
def test_a_wrapped_line_is_as_wide_as_the_terminal(text: str, cells: int) -> None:
    """Each line fits, except a longer word; no word is lost."""
    lines = wrapped(text, cells, "  ").split("\n")
    assert all(width(line) <= cells or len(line.split()) == 1 for line in lines)
    assert "\n".join(lines).split() == text.split()
    assert wrapped(text, None, "  ") == text.rstrip()


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("Ann Maria Lee", 13, "Ann Maria Lee"),
        ("Ann Maria Lee", 12, "Ann Maria …"),
        ("Ann Maria Lee", 11, "Ann Maria …"),
        ("Ann Maria Lee", 10, "Ann …"),
        ("Ann  Maria Lee", 7, "Ann …"),
        ("Ann Maria Lee", 6, "Ann …"),
        ("Ann Maria Lee", 5, "Ann …"),
        ("Ann Maria Lee", 4, "…"),
        ("Maximilian", 7, "Maximi…"),
        ("Maximilian", 6, "…"),
        ("Maximilian", 1, "…"),
        ("Maximilian", 0, ""),
        ("渡辺 美咲", 8, "渡辺 …"),
        ("\x1b[2J Ann", 9, "\\x1b[2J …"),
        ("", 0, ""),
    ],
)
def test_a_text_ends_between_words(text: str, cells: int, shown: str) -> None:
    """A text that is cut ends after a word. A few letters of a word are not worth showing."""
    assert by_words(text, cells) == shown


@given(ANY_TEXT, st.integers(0, 40))
def test_a_text_cut_between_words_fits(text: str, cells: int) -> None:
    """It takes its cells at most, in any script."""
    assert width(by_words(text, cells)) <= cells


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("aaa bbb ccc", ["aaa bbb", "  ccc"]),
        ("aaa  bbb ccc", ["aaa  bbb", "  ccc"]),
        ("  aaaaaaaaaaaa bb cc", ["  aaaaaaaaaaaa", "  bb cc"]),
        ("aaaa bbbb cccc", ["aaaa", "  bbbb", "  cccc"]),
        ("aaaaaaaa", ["aaaaaaaa"]),
        ("aa bb   ", ["aa bb"]),
        ("", [""]),
    ],
)
def test_a_line_is_wrapped_at_blanks(line: str, lines: list[str]) -> None:
    """Further lines are indented. A word that is too long stays whole, and no line ends with blanks."""
    assert wrapped(line, 8, "  ") == "\n".join(lines)


def test_padding_never_cuts() -> None:
    """A short text gets blanks. A long one stays whole."""
    assert [padded(text, 5) for text in ("", "Ann", "渡辺", "Maximilian")] == ["     ", "Ann  ", "渡辺 ", "Maximilian"]


def test_an_exchange_is_shown_line_by_line() -> None:
    """What was sent stands before what was received. Neither can move the cursor."""
    exchange = Exchange(
        number=1,
        method="GET",
        target="/x",
        purpose="p",
        status=200,
        fault="",
        milliseconds=1.0,
        request_headers=(("Accept", "\x1b"), ("\x07", "b")),
        request_body="a\nb",
        response_headers=(("C", "d"),),
        response_body="\u202e\r\ne",
    )
    assert list(contents(exchange)) == [
        *("  > Accept: \\x1b", "  > \\x07: b", "  > a", "  > b"),
        *("  < C: d", "  < \\u202e", "  < e"),
    ]
