"""Cross-origin requests: a web page uses the emulator as CXone.

A browser asks by OPTIONS first (a preflight, Fetch standard). Any page is allowed: what the emulator serves is
invented. The control path does not take part.
"""

from cxone_rollcall.emulator.wire import NO_CONTENT, Answer, Call

_EXPOSED = "CorrelationId, icStatusDescription, Retry-After, WWW-Authenticate"


def preflight(call: Call) -> Answer | None:
    """Return the answer to a preflight, or None for any other call."""
    if call.method != "OPTIONS" or "Origin" not in call.headers:
        return None
    answer = NO_CONTENT.with_header("Access-Control-Allow-Methods", "GET, POST")
    asked = call.headers.get("Access-Control-Request-Headers", "")
    return answer.with_header("Access-Control-Allow-Headers", asked) if asked else answer


def allow(call: Call, answer: Answer) -> Answer:
    """Return an answer that a page of any origin may read."""
    if "Origin" not in call.headers:
        return answer
    allowed = answer.with_header("Access-Control-Allow-Origin", "*")
    return allowed.with_header("Access-Control-Expose-Headers", _EXPOSED)
