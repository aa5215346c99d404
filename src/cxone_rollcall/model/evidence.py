"""Where something was seen, so that a reader can look it up."""

from __future__ import annotations

from cxone_rollcall.model.struct import Value


class Evidence(Value, frozen=True):
    """What was seen and where. An exchange, and in it a JSON pointer, the name of a header, or "status"."""

    claim: str
    exchange: int
    pointer: str
    seen: str
