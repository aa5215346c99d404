"""Rate limits."""

from dataclasses import field
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, At, EndpointFault, YesNo
from cxone_rollcall.emulator.rate_limit import Bucket, Wait, too_many_requests
from cxone_rollcall.emulator.wire import Answer, Call


class RateLimit(EndpointFault, name="rate-limit", codes=("RC511",), bare="rate"):
    """Requests above a rate get a 429."""

    rate: Annotated[float, About("requests answered per second", least=0.001)] = 1.0
    retry_after: Wait = "seconds"
    heals: Annotated[
        YesNo,
        About("whether requests are answered again after a pause; else every later request gets a 429"),
    ] = "yes"
    at: At = "api"
    bucket: Bucket | None = field(default=None, init=False, repr=False, compare=False)

    def before(self, call: Call) -> Answer | None:
        if not self.matches(call):
            return None
        if self.bucket is None:
            self.bucket = Bucket(self.rate, call.tenant.settings.now)
        wait = 1.0 if self.heals == "no" and self.count else self.bucket.take()
        if not wait or not self.hits(call):
            return None
        return too_many_requests(wait, self.retry_after, call.tenant.now())


class RateLimitForever(EndpointFault, name="rate-limit-forever", codes=("RC511",)):
    """Every request to an endpoint gets a 429."""

    at: At = "states"
    retry_after: Wait = "none"

    def before(self, call: Call) -> Answer | None:
        return too_many_requests(1.0, self.retry_after, call.tenant.now()) if self.hits(call) else None
