"""Escapes are removed layer by layer. Each character of a layer has its place in the original."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_values import together

from cxone_rollcall.redaction.escapes import MOST_LAYERS, MOST_REMOVED, layers

READ = {
    "\\u0041": "A",
    "%u0041": "A",
    "\\x41": "A",
    "\\u{41}": "A",
    "\\u{1F511}": "\U0001f511",
    "\\u{10fFfF}": "\U0010ffff",
    "\\uD83D\\uDD11": "\U0001f511",
    "\\ud800\\udc00": "\U00010000",
    "\\udbFf\\udFff": "\U0010ffff",
    "\\b\\f\\n\\r\\t": "\b\f\n\r\t",
    "\\!\\~\\/\\\"\\'": "!~/\"'",
    "&#65;": "A",
    "&#65 ": "A ",
    "&#00000065": "A",
    "&#x41;": "A",
    "&#X41 ": "A ",
    "&#x0010fFFf;": "\U0010ffff",
    "&#1114111;": "\U0010ffff",
    "&amp;&AMP;&Amp ": "&&& ",
    "&lt;&LT;&lT1": "<<<1",
    "&gt;&GT;&Gt1": ">>>1",
    "&quot;&QUOT;&quOt1": '"""1',
    "&plus;&PLUS;&nbsp;": "++\xa0",
    "&Auml;&auml;": "\xc4\xe4",
    "&dagger;&Dagger;": "\u2020\u2021",
    "&le;&lE;": "\u2264\u2266",
    "&frac12;": "\xbd",
    "%41%7e%00": "A~\0",
    "%C3%A4%c3%bf": "\xe4\xff",
    "%DF%BF": "\u07ff",
    "%e5%af%86%EF%bf%bd": "\u5bc6\ufffd",
    "%F0%9F%94%91%f4%8f%bf%bf": "\U0001f511\U0010ffff",
    "%E4%FF%80": "\xe4\xff\x80",
    "%C3%41": "\xc3A",
    "%E5%AF": "\xe5\xaf",
}
"""Texts and what is left of them without one layer of escapes."""

NOTHING = (
    "\\q",
    "\\ ",
    "\\\u00e4",
    "\\x4",
    "\\u{110000}",
    "\\u{}",
    "&#1114112;",
    "&#xFFFFFFFF;",
    "&nothing;",
    "&fjlig;",
    "&plus",
    "&;",
    "%4",
    "%zz",
    "%C0%AF",
    "%ED%A0%80",
)
"""What only looks like an escape."""


@together("escaped", list(READ))
def test_what_an_escape_stands_for(escaped: str) -> None:
    """Escapes of JSON, JavaScript, HTML and addresses are read as their characters."""
    assert [layer.text for layer in layers(escaped)][:2] == [escaped, READ[escaped]]


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_an_escape(text: str) -> None:
    """A text without escapes has one layer, itself."""
    assert [layer.text for layer in layers(text)] == [text]


def test_escapes_of_one_kind_are_removed_alone() -> None:
    """Each kind of escape in a text has its own layers, too. Each text comes once."""
    mixed = "C:\\\\bhi%2Bj"
    assert [layer.text for layer in layers(mixed)] == [
        mixed,
        "C:\\bhi+j",
        "C:\bhi+j",
        "C:\\bhi%2Bj",
        "C:\bhi%2Bj",
        "C:\\\\bhi+j",
    ]
    of_one_kind = "\\\\u0041"
    assert [layer.text for layer in layers(of_one_kind)] == [of_one_kind, "\\u0041", "A"]


def test_layers_are_bounded() -> None:
    """At most `MOST_REMOVED` layers of escapes are removed, and `MOST_LAYERS` texts come."""
    deep = "%" + "25" * 20 + "41"
    assert [layer.text for layer in layers(deep)] == [
        "%" + "25" * (20 - removed) + "41" for removed in range(MOST_REMOVED + 1)
    ]
    many = [layer.text for layer in layers("\\" * 40 + "&amp;" + "amp;" * 40 + "%" + "25" * 40)]
    assert len(many) == len(set(many)) == MOST_LAYERS


PIECES = {
    "a": "a",
    "\u5bc6": "\u5bc6",
    "\U0001f511": "\U0001f511",
    "\\q": "\\q",
    "&#xFFFFFFFF;": "&#xFFFFFFFF;",
    "\\n": "\n",
    "&quot;": '"',
    "%C3%A4": "\xe4",
    "\\ud83d\\udd11": "\U0001f511",
    "%2541": "A",
    "&amp;#x26;amp;": "&",
}
"""Parts of a text, and what is left of them without escapes.

That is one character, or the part itself."""


@given(st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=12))
def test_each_character_has_its_place(pieces: list[str]) -> None:
    """A character of any layer has its escape's place in the original."""
    parts = [part for piece in pieces for part in ([piece] if len(PIECES[piece]) == 1 else piece)]
    inner = "".join(PIECES.get(part, part) for part in parts)
    layer = next(one for one in layers("".join(parts)) if one.text == inner)
    places = list(pairwise(accumulate(map(len, parts), initial=0)))
    for start, first in enumerate(places):
        for end, last in enumerate(places[start:], start + 1):
            assert layer.in_original(start, end) == (first[0], last[1])
