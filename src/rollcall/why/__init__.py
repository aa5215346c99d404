"""Why has this agent no state? Whom the user means, what more is asked of them, and the answer."""

from __future__ import annotations

from rollcall.why.answer import Answer, answers
from rollcall.why.asking import Inquiry
from rollcall.why.doubts import closely, doubted
from rollcall.why.meaning import Meaning, meaning
from rollcall.why.seen import ExpectedLoggedIn, LookedCloser

__all__ = [
    "Answer",
    "ExpectedLoggedIn",
    "Inquiry",
    "LookedCloser",
    "Meaning",
    "answers",
    "closely",
    "doubted",
    "meaning",
]
