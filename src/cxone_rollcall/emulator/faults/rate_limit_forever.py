"""A rate limit that never ends."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, EndpointFault
from cxone_rollcall.emulator.rate_limit import Wait, too_many_requests
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class RateLimitForever(EndpointFault):
    """Every request to an endpoint gets a 429."""

    name = "rate-limit-forever"
    codes = ("RC511",)

    at: At = "states"
    retry_after: Wait = "none"

    def before(self, call: Call) -> Answer | None:
        """Return 429."""
        return too_many_requests(1.0, self.retry_after, call.tenant.now()) if self.hits(call) else None
