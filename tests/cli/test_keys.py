"""The keys of what a terminal sends."""

from __future__ import annotations

import pytest

from cxone_rollcall.cli.keys import keys


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("gq", ["g", "q"]),
        ("\x1b[A\x1b[B\x1bOA", ["up", "down", "up"]),
        ("\x1bOB\x1b[H\x1b[F", ["down", "home", "end"]),
        ("\x1b[1~\x1b[4~\n\x08", ["home", "end", "enter", "backspace"]),
        ("\x1b[5~\x1b[6~", ["pgup", "pgdn"]),
        ("\x1b", ["esc"]),
        ("/é\r\x7f", ["/", "é", "enter", "backspace"]),
        ("\x1b[1;5Cq", ["q"]),
        ("\x1b[200~a\x1b[201~", ["a"]),
        ("", []),
    ],
)
def test_keys(sent: str, meant: list[str]) -> None:
    """Sequences have names, others are dropped whole, all else is a character."""
    assert list(keys(sent)) == meant
