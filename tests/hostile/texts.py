"""Texts that break careless output, and the test for safe output."""

from __future__ import annotations

import unicodedata

from cxone_rollcall.views.text import FILLERS, MOST_MARKS, width

SHORT: dict[str, str] = {
    "CSI": "\x1b[2J\x1b[31mRed\x1b[0m",
    "OSC 0": "\x1b]0;title\x07Ann",
    "OSC 8": "\x1b]8;;https://sign-in.invalid\x1b\\Ann\x1b]8;;\x1b\\",
    "OSC 52": "\x1b]52;c;cm0gLXJm\x07",
    "DCS": "\x1bP+q544e\x1b\\",
    "C1": "\x9b31mAnn\x9d0;title\x9c\x90q\x84",
    "controls": "".join(map(chr, range(32))) + "\x7fAnn",
    "bidi": "\u202eeeL\u202c\u2066\u2067\u2068nnA\u2069\u200e\u200f\u061c",
    "zero-width": "An\u200bn\u200c \u200dL\u2060e\ufeffe\u00ad",
    "tags": "Ann\U000e0041\U000e0042",
    "combining": "Z\u0338\u0321" + "a\u0301" * 3 + "o" + "\u0301\u0489" * 60,
    "only marks": "\u0301" * 40,
    "fillers": "\u3164\u115f\u1160\uffa0\u17b4",
    "line ends": "Ann\nLee\r\n5\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029end",
    "NUL": "Ann\x00Lee",
    "half a character": "Ann\ud800Lee",
    "the other half": "\udc00",
    "halves as bytes": "\udce4\udcf6",
    "no character": "Ann\ufffe\uffff\U0010ffff\ue000\u0378",
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "comment": "<!-- --><style>*{display:none}</style><base href=//x.invalid>",
    "entity": "&lt;script&gt;&#0;&nbsp;&x",
    "CDATA": "]]><![CDATA[<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "link": "javascript:alert(1) https://sign-in.invalid/?a=1",
    "rich": "[bold red]Ann[/] [link=https://sign-in.invalid]here[/link] \\[x",
    "formats": "{name} {0.__class__} {{}} %s %(x)s ${HOME} \\n",
    "JSON": '"], "agents": [], "x": "\\',
    "shell": "'; $(touch made) `touch made` & touch made | touch made",
    "path": "../../../made/../..",
    "a path from the root": "/made",
    "a path elsewhere": "C:\\made\\..\\NUL",
    "option": "--format=json",
    "formula =": '=HYPERLINK("https://sign-in.invalid";"Ann")',
    "formula +": "+1+cmd|' /C calc'!A0",
    "formula -": "-2+3",
    "formula @": "@SUM(A1:A9)",
    "formula tab": "\t=1+1",
    "formula CR": "\r=1+1",
    "formula LF": "\n=1+1",
    "formula wide =": "\uff1d1+1",
    "formula wide +": "\uff0b1+1",
    "formula wide -": "\uff0d1+1",
    "formula wide @": "\uff20SUM(1)",
    "formula behind a quote": '"=1+1"',
    "CSV": 'Lee, "Ann"\r\n=1+1;=1+1\t=1+1',
    "wide": "渡辺 美咲 " * 9 + "ＡＢＣ",
    "emoji": "👩🏽\u200d💻 ❤\ufe0f 🇦🇶",
    "blanks": "   \u00a0\u3000\u2003   ",
    "apostrophe": "'=1+1",
    "empty": "",
}
MEGABYTE = 1_000_000
LONG: dict[str, str] = {
    "long": "A" * MEGABYTE,
    "long words": "Ann " * (MEGABYTE // 4),
    "long marks": "e" + "\u0301" * (MEGABYTE // 8),
    "long and wide": "渡" * (MEGABYTE // 4),
    "long escapes": "\x1b[31m" * (MEGABYTE // 5),
    "long markup": "<b>&" * (MEGABYTE // 4),
    "long lines": "a\n" * (MEGABYTE // 2),
    "long quotes": '"' * MEGABYTE,
}
TEXTS = SHORT | LONG
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_safe(shown: str) -> bool:
    """Whether a text has only visible characters, blanks and line feeds. A flood of accents is not safe."""
    if any(one != "\n" and (unicodedata.category(one) in HIDDEN or one in FILLERS) for one in set(shown)):
        return False
    marks = 0
    for character in shown if not shown.isascii() else "":
        marks = marks + 1 if width(character) == 0 else 0
        if marks > MOST_MARKS:
            return False
    return True
