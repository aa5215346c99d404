"""Why has this agent no state? Whom the user means, what more is asked of them, and the answer."""

from __future__ import annotations

from cxone_rollcall.model.observations.probes import ExpectedLoggedIn, LookedCloser
from cxone_rollcall.why.agent_search import Meaning, meaning
from cxone_rollcall.why.answer import Answer, answers
from cxone_rollcall.why.doubts import closely, doubted
from cxone_rollcall.why.inquiry import Inquiry

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
