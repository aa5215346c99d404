"""Removes a text's escapes layer by layer, and maps places back.

Servers echo texts escaped by JSON, HTML, URLs and JavaScript, often several times: a JSON body within a JSON string
within a URL. Each layer removes one level of escapes of all kinds, so that no spelling needs a list of its own. Another
removes those of one kind only: a mark of another kind may stand before or after a secret, as in `C:\\bhi%2Bj`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from html.entities import html5

MOST_REMOVED = 5
"""Layers of escapes that are removed one after another. JSON in JSON in an address has three."""
MOST_LAYERS = 24
"""Texts that are looked at. A text with escapes of one kind has one more for each layer."""

_HEX = "[0-9A-Fa-f]"
_MORE = "%[89ABab][0-9A-Fa-f]"
_JSON = (
    # one character of two surrogates; JSON and JavaScript: a number, or a mark
    rf"\\u([Dd][89ABab]{_HEX}{{2}})\\u([Dd][C-Fc-f]{_HEX}{{2}})"
    rf"|[\\%]u({_HEX}{{4}})|\\x({_HEX}{{2}})|\\u\{{({_HEX}{{1,6}})\}}|\\([\x21-\x7e])"
)
_HTML = (
    r"&#[Xx]([0-9A-Fa-f]{1,8});?|&#([0-9]{1,8});?|&([Aa][Mm][Pp]|[LGlg][Tt]|[Qq][Uu][Oo][Tt]);?|&([A-Za-z0-9]{2,31};)"
)
_ADDRESS = (
    # one character in UTF-8, or else a byte
    rf"(%[0-7]{_HEX}|%[CDcd]{_HEX}{_MORE}|%[Ee]{_HEX}(?:{_MORE}){{2}}|%[Ff][0-7](?:{_MORE}){{3}}|%[89A-Fa-f]{_HEX})"
)
_ESCAPE = re.compile(f"{_JSON}|{_HTML}|{_ADDRESS}")
_OF_ONE_KIND = {"\\": re.compile(_JSON), "&": re.compile(_HTML), "%": re.compile(_ADDRESS)}
ESCAPES = tuple(_OF_ONE_KIND)
"""Each escape begins with one of these; few texts have one."""
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NAMED = {name: character for name, character in html5.items() if len(character) == 1}
_IN_ANY_LETTERS = {name.lower(): character for name, character in _NAMED.items()}
_HIGHEST = 0x10FFFF


class Layer:
    """A text of which some layers of escapes are removed. `outer` has one layer more; None for the original."""

    __slots__ = ("_escape", "_places", "outer", "text")

    def __init__(self, text: str, outer: "Layer | None" = None, escape: re.Pattern[str] = _ESCAPE) -> None:
        self.text = text
        self.outer = outer
        self._escape = escape
        self._places: tuple[list[int], list[tuple[int, int]]] | None = None

    def inner(self, escape: re.Pattern[str]) -> "Layer | None":
        """Return the text without these escapes; None if it has none."""
        text = escape.sub(_read, self.text)
        return Layer(text, self, escape) if text != self.text else None

    def in_original(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of this text begins and ends in the original."""
        layer = self
        while layer.outer is not None:
            start, end = layer._outside(start)[0], layer._outside(end - 1)[1]
            layer = layer.outer
        return start, end

    def _outside(self, place: int) -> tuple[int, int]:
        """Where the character at `place` begins and ends in the outer text."""
        inside, outside = self._found()
        number = bisect_right(inside, place) - 1
        if number < 0:
            return place, place + 1
        start, end = outside[number]
        if place == inside[number]:
            return start, end
        past = place - inside[number] - 1
        return end + past, end + past + 1

    def _found(self) -> tuple[list[int], list[tuple[int, int]]]:
        """Where each escape stands, in this text and in the outer one.

        In this text it is one character.
        """
        if self._places is None:
            assert self.outer is not None  # noqa: S101  the original has no outer text
            inside, outside, less = [], [], 0
            for found in self._escape.finditer(self.outer.text):
                start, end = found.span()
                if len(_read(found)) == end - start:
                    continue  # it is none
                inside.append(start - less)
                outside.append((start, end))
                less += end - start - 1
            self._places = inside, outside
        return self._places


def layers(text: str) -> Iterator[Layer]:
    """A text, then what is left after each layer of escapes.

    Escapes of all kinds are removed again and again. Then, from each of these texts, those of each kind alone. At most
    `MOST_LAYERS` texts, each once.
    """
    of_all = list(_removed(Layer(text), _ESCAPE))
    seen = {layer.text for layer in of_all}
    yield from of_all
    for outer in of_all:
        kinds = [escape for mark, escape in _OF_ONE_KIND.items() if mark in outer.text]
        for escape in kinds if len(kinds) > 1 else ():
            for layer in _removed(outer, escape):
                if layer.text not in seen:
                    seen.add(layer.text)
                    yield layer
                if len(seen) == MOST_LAYERS:
                    return


def _removed(layer: Layer | None, escape: re.Pattern[str]) -> Iterator[Layer]:
    for _ in range(1 + MOST_REMOVED):
        if layer is not None:
            yield layer
            layer = layer.inner(escape)


def _read(found: re.Match[str]) -> str:
    return _character(found[0])


@lru_cache(maxsize=10_000)
def _character(escape: str) -> str:
    """The character that an escape stands for. The text itself if it is no escape."""
    found = _ESCAPE.fullmatch(escape)
    assert found is not None  # noqa: S101  it was found
    match found.lastindex:
        case 2:
            return chr(0x10000 + ((int(found[1], 16) - 0xD800) << 10) + int(found[2], 16) - 0xDC00)
        case 3 | 4 | 5 | 7 as group:
            number = int(found[group], 16)
        case 8:
            number = int(found[8])
        case 6:
            letter = found[6]
            return _CONTROLS.get(letter, found[0] if letter.isalnum() else letter)
        case 9:
            return _NAMED[f"{found[9].lower()};"]
        case 10:
            return _NAMED.get(found[10]) or _IN_ANY_LETTERS.get(found[10].lower(), found[0])
        case _:
            raw = bytes.fromhex(found[11].replace("%", ""))
            try:
                return raw.decode()
            except UnicodeDecodeError:
                return raw.decode("latin-1") if len(raw) == 1 else found[0]
    return chr(number) if number <= _HIGHEST else found[0]
