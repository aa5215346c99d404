"""Texts are replaced in every spelling and case, the longest first."""

from __future__ import annotations

import sys

import pytest
from tests.support.many_values import together

from cxone_rollcall.redaction.text_search import SHORT, Finder, percent, small_letters


def replaced(text: str, *wanted: str, instead: str = "Some One/+", alone: bool = False) -> str:
    """Return a text with these texts replaced."""
    finder = Finder()
    for one in wanted:
        finder.add(one, instead, alone=alone)
    return finder.replaced(text)


SPELT = {
    "Ann O'Lee+(1)@x/y,\u00e4": "Some One/+",
    "ANN O'LEE+(1)@X/Y,\u00c4": "Some One/+",
    "Ann%20O%27Lee%2B%281%29%40x%2Fy%2C%C3%A4": "Some%20One%2F%2B",
    "ann%20o%27lee%2b%281%29%40x%2fy%2c%c3%a4": "Some%20One%2F%2B",
    "ann%20o%27lee%2b%281%29%40x%2fy%2c%c3%84": "Some%20One%2F%2B",
    "Ann%20O'Lee%2B(1)@x/y,%C3%A4": "Some%20One/%2B",
    "Ann+O%27Lee+%281%29%40x%2Fy%2C%C3%A4": "Some+One%2F+",
    "Ann+O'Lee+(1)@x/y,%C3%A4": "Some+One/+",
    "Ann O'Lee+(1)@x/y,\\u00e4": "Some One/+",
    "Ann O'Lee+(1)@x/y,\\u00c4": "Some One/+",
    "Ann O&#x27;Lee+(1)@x/y,\u00e4": "Some One/+",
    "Ann O'Lee (1)@x/y,\u00e4": "Ann O'Lee (1)@x/y,\u00e4",
    "Ann O'Lee": "Ann O'Lee",
}
"""Spellings of a name, and what is left of each."""


@together("spelt", list(SPELT))
def test_every_spelling(spelt: str) -> None:
    """A text is found in each spelling, which its replacement keeps."""
    shown = replaced(f"<{spelt}>", "Ann O'Lee+(1)@x/y,\u00e4")
    assert shown == f"<{SPELT[spelt]}>"


@pytest.mark.parametrize(
    "spelt", ['a"b\\<\u00e4&', 'a\\"b\\\\<\\u00e4&', 'a\\"b\\\\<\u00e4&', "a&quot;b\\&lt;\u00e4&amp;"]
)
def test_quotes_and_marks_in_documents(spelt: str) -> None:
    """A text with marks of JSON and HTML is found in both."""
    assert replaced(f"({spelt})", 'a"b\\<\u00e4&') == "(Some One/+)"
    assert replaced('(a"b\\&lt;\u00e4&amp;)', 'a"b\\<\u00e4&') == "(Some One/+)"


@pytest.mark.parametrize(
    ("safe", "written"),
    [("", "a%20%C3%A4%2F%3F-._~%2B"), ("/+", "a%20%C3%A4/%3F-._~+"), (" ", "a %C3%A4%2F%3F-._~%2B")],
)
def test_percent_encoding(safe: str, written: str) -> None:
    """Letters, digits, `-._~` and the characters of `safe` stay."""
    assert percent("a \u00e4/?-._~+", safe) == written


def test_half_of_a_pair_is_percent_encoded_as_a_question_mark() -> None:
    """A lone surrogate has no UTF-8."""
    assert percent("a\ud800") == "a%3F"


@pytest.mark.parametrize("wanted", [("ann", "annabel", "annabel lee"), ("annabel lee", "annabel", "ann")])
def test_the_longest_comes_first(wanted: tuple[str, ...]) -> None:
    """The longest of texts at one place is replaced.

    The order in which they were added does not matter."""
    finder = Finder()
    for one in wanted:
        finder.add(one, str(len(one)), alone=False)
    assert finder.replaced("Annabel Lee, annabel, ann, anna") == "11, 7, 3, 3a"


def test_a_text_that_was_added_before() -> None:
    """A text keeps its first replacement. One that is added later counts for texts that were looked at before."""
    finder = Finder()
    finder.add("ann", "first", alone=False)
    finder.add("Ann", "second", alone=False)
    assert finder.replaced("ann bo") == "first bo"
    finder.add("bo", "later", alone=False)
    assert finder.replaced("ann bo") == "first later"


ALONE = {
    "ann": "X",
    "ANN": "X",
    "(ann)": "(X)",
    "ann ann.ann-ann_ann": "X X.X-X_X",
    "anna": "anna",
    "hann": "hann",
    "7ann": "7ann",
    "ann7": "ann7",
    "\u00e4ann": "\u00e4ann",
    "%20ann%20": "%20X%20",
    "%2ann": "%2ann",
    "\\nann\\tann": "\\nX\\tX",
    "\\bann\\fann\\rann": "\\bX\\fX\\rX",
    "\\qann": "\\qann",
    "\\u00e4ann": "\\u00e4X",
    "x\\u00zzann": "x\\u00zzann",
    "%20xann": "%20xann",
}


@together("text", list(ALONE))
def test_words_that_stand_alone(text: str) -> None:
    """A word beside a letter or digit is not found. Those of an escape before it do not count."""
    assert replaced(text, "ann", instead="X", alone=True) == ALONE[text]
    assert replaced(text, "ann", instead="X") == text.lower().replace("ann", "X")


@pytest.mark.parametrize("length", [2, 3, 4, 5, 9])
def test_texts_of_any_length(length: int) -> None:
    """A text of two characters or more is found anywhere."""
    wanted = "bcdefghij"[:length]
    assert replaced(f"{wanted} a{wanted.upper()}{wanted} {wanted[:-1]} a{wanted}", wanted, instead="X") == (
        f"X aXX {wanted[:-1]} aX"
    )


@pytest.mark.parametrize("spaces", [0, 1000])
def test_long_and_short_texts(spaces: int) -> None:
    """The same is replaced in texts of any length."""
    assert replaced("Ann" + " " * spaces + "Bo", "ann", "bo", instead="X") == "X" + " " * spaces + "X"


def test_small_letters_keep_their_places() -> None:
    """A letter with two small letters stays, and so do all places."""
    assert small_letters("A\u00c4") == "a\u00e4"
    assert small_letters("A\u0130\u00c4") == "a\u0130\u00e4"


@pytest.mark.parametrize(("length", "is_kept"), [(SHORT, True), (SHORT + 1, False)])
def test_only_short_texts_are_remembered(length: int, is_kept: bool) -> None:
    """A short text is kept with its result, a long one not."""
    finder, text = Finder(), "x" * length
    before = sys.getrefcount(text)
    finder.replaced(text)
    assert (sys.getrefcount(text) > before) == is_kept
