"""Where something was seen, so that it can be looked up."""

from __future__ import annotations

from cxone_rollcall.model.struct import Value


class Evidence(Value, frozen=True, kw_only=True):
    """What was seen, and where: an exchange, and in it a JSON pointer or the name of a header (or "status")."""

    claim: str
    exchange: int
    pointer: str
    seen: str
