"""Pasted texts are cleaned, and quoted in messages."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.pasted_text import cleaned, first_unprintable, has_surrogate, is_blank, is_quoted, shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "''"),
        ("a\x1b[2J", "'a\\x1b[2J'"),
        ("it's", '"it\'s"'),
        ("x" * 40, f"'{'x' * 40}'"),
        ("x" * 40 + "y", f"'{'x' * 40}...'"),
        ("x" * 4_000, f"'{'x' * 40}...'"),
    ],
)
def test_a_text_in_a_message(text: str, said: str) -> None:
    """A message shows forty characters of a text, and no control character."""
    assert shown(text) == said


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  a ", "a"),
        ("' \"a\" '", "a"),
        ("'a", "'a"),
        ("'a\"", "'a\""),
        ("'", "'"),
        ("''", ""),
        ("a'b'", "a'b'"),
        ("XaX", "XaX"),
    ],
)
def test_blanks_and_quotes_are_removed(text: str, clean: str) -> None:
    """Blanks and matching quotes around a text are removed, however often. Others stay."""
    assert cleaned(text) == clean
    assert is_blank(text) is (clean == "")


@pytest.mark.parametrize(
    ("text", "quoted"), [("''", True), ('"a"', True), ("'", False), ("'a\"", False), ("aa", False)]
)
def test_a_quoted_text(text: str, quoted: bool) -> None:
    """A quoted text has the same quote at both ends."""
    assert is_quoted(text) is quoted


@pytest.mark.parametrize(
    ("text", "found"), [("a b", None), ("", None), ("a\u200bb\x07", "\u200b"), ("\u00a0", "\u00a0"), ("\x07", "\x07")]
)
def test_the_first_invisible_character(text: str, found: str | None) -> None:
    """The first control or invisible character is found. A common blank is neither."""
    assert first_unprintable(text) == found


@pytest.mark.parametrize(
    ("text", "found"), [("a", False), ("\ud7ff", False), ("\ue000", False), ("\ud800", True), ("a\udfffb", True)]
)
def test_bytes_that_are_not_utf_8(text: str, found: bool) -> None:
    """A text from bytes that are not UTF-8 is recognized."""
    assert has_surrogate(text) is found
