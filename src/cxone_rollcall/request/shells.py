"""Splits a command into words, as bash, cmd and PowerShell do. Nothing is run or looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxone_rollcall.model.struct import HiddenRepr
from cxone_rollcall.request.pasted import refused


class Word(HiddenRepr, frozen=True):
    """A word, or, with `operator`, what separates commands: `|`, `>`, `;`, `&`."""

    hidden = ("text",)

    text: str
    operator: bool = False


_BASH = re.compile(
    r"""(?P<blank>(?:[ \t]|\\\r?\n)+)
    |(?P<comment>(?:^|(?<=\s))\#[^\n]*)
    |(?P<operator>[|;&<>()]+|\r?\n|\r)
    |(?P<run>\$\(|`)
    |'(?P<single>[^']*)'
    |\$'(?P<ansi>(?:[^'\\]|\\.)*+)'
    |"(?P<double>(?:[^"\\]|\\.)*+)"
    |\\(?P<escaped>.)
    |(?P<plain>[^\s|;&<>()'"\\`$]+|\$)
    |(?P<open>['"\\])""",
    re.VERBOSE | re.DOTALL,
)
_IN_ANSI = re.compile(r"\\(?:u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
_HIGHEST = 0x10FFFF
_RUN = re.compile(r"(?<!\\)(?:\$\(|`)")
_IN_DOUBLE = re.compile(r'\\(["\\$`])|\\\r?\n')


def bash(text: str) -> Iterator[Word]:
    """The words of a command line of bash, zsh or sh. Variables stay as written."""
    word: list[str] = []
    for found in _tokens(_BASH, text):
        kind, part = found.lastgroup, found[found.lastgroup or 0]
        if kind in ("blank", "comment", "operator"):
            yield from _ended(word, part if kind == "operator" else None)
        elif kind == "open":
            raise _unclosed()
        elif kind == "run" or (kind == "double" and _RUN.search(part)):
            raise refused("it holds a command within the command, $(...) or `...`, and rollcall runs nothing")
        elif kind == "ansi":
            word.append(_whole(_IN_ANSI.sub(_ansi, part)))
        elif kind == "double":
            word.append(_IN_DOUBLE.sub(r"\1", part))
        else:
            word.append(part)
    yield from _ended(word)


def _ended(word: list[str], operator: str | None = None) -> Iterator[Word]:
    """Yield the word that has ended, if any, and its operator. Empties the list."""
    if word:
        yield Word("".join(word))
    word.clear()
    if operator:
        yield Word(operator, operator=True)


def _ansi(found: re.Match[str]) -> str:
    if found[5] is not None:
        return _CONTROLS.get(found[5], found[5])
    number = int(found[4], 8) if found[4] else int(found[1] or found[2] or found[3], 16)
    return chr(number) if number <= _HIGHEST else "\ufffd"


def _whole(text: str) -> str:
    r"""The text with one character for each surrogate pair. Browsers write \ud83d\ude00 for an emoji."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_CMD_ESCAPE = re.compile(r"\^(.)", re.DOTALL)
_CMD = re.compile(
    r"""(?P<blank>[ \t]+)
    |(?P<operator>[|&<>]+|\r?\n|\r)
    |(?P<backslashes>\\++(?="))
    |"(?P<double>(?:[^"\\]|\\.|"")*+)"
    |(?P<plain>[^\s|&<>"\\]+|\\+)
    |(?P<open>")""",
    re.VERBOSE | re.DOTALL,
)


def cmd(text: str) -> Iterator[Word]:
    r"""The words of a command line of cmd, as browsers copy it.

    Newer browsers escape each quote with a caret, `^"`, so that cmd sees none; older ones use carets at line ends only.
    Source: Chromium's devtools, "Copy as cURL (cmd)"; the C runtime's rules for arguments (`\"`).
    """
    text = re.sub(r"\^\r?\n[ \t]*", " ", text)
    if '^"' in text:
        text = _CMD_ESCAPE.sub(r"\1", text)
    text = text.replace("%%", "%")
    word: list[str] = []
    for found in _tokens(_CMD, text):
        kind, part = found.lastgroup, found[found.lastgroup or 0]
        if kind in ("blank", "operator"):
            yield from _ended(word, part if kind == "operator" else None)
        elif kind == "open":
            raise _unclosed()
        elif kind == "double":
            word.append(re.sub(r'\\(["\\])|""', lambda one: one[1] or '"', part))
        else:
            word.append(part)
    yield from _ended(word)


POWERSHELL_STRING = r"""(?P<double>"(?:[^"`]|`.|"")*+")|(?P<single>'(?:[^']|'')*+')"""
_TICK = re.compile(r'`(.)|""', re.DOTALL)
_TICKS = {"n": "\n", "t": "\t", "r": "\r", "0": "", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}


def powershell_text(quoted: str) -> str:
    """The text of a quoted PowerShell string. Variables stay as written."""
    if quoted.startswith("'"):
        return quoted[1:-1].replace("''", "'")
    if re.search(r"(?<!`)\$\(", quoted):
        raise refused("it holds a command within a string, $(...), and rollcall runs nothing")
    return _TICK.sub(lambda one: '"' if one[1] is None else _TICKS.get(one[1], one[1]), quoted[1:-1])


def _tokens(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(text):
        found = pattern.match(text, place)
        if found is None or found.end() == place:
            raise _unclosed()
        yield found
        place = found.end()


def _unclosed() -> Exception:
    return refused("its quotes do not end where they should: copy the whole command")
