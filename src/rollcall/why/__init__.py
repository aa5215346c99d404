"""Why has this agent no state? Whom the user means, what more is asked of them, and the answer."""

from __future__ import annotations

from rollcall.model.probed import ExpectedLoggedIn, LookedCloser
from rollcall.why.answer import Answer, answers
from rollcall.why.asking import Inquiry
from rollcall.why.doubts import closely, doubted
from rollcall.why.meaning import Meaning, meaning

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
