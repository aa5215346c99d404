"""The server takes so many requests a second."""

from dataclasses import dataclass, field
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, At, Struck, YesNo
from cxone_rollcall.emulator.rate_limit import Bucket, Wait, too_many_requests
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class RateLimit(Struck):
    """Requests beyond a rate are answered 429."""

    name = "rate-limit"
    codes = ("RC511",)
    bare = "rate"

    rate: Annotated[float, About("requests a second that are answered", least=0.001)] = 1.0
    retry_after: Wait = "seconds"
    heals: Annotated[
        YesNo, About("whether requests are answered again once it is quiet; else the first 429 is for good")
    ] = "yes"
    at: At = "api"
    bucket: Bucket | None = field(default=None, init=False, repr=False, compare=False)

    def before(self, call: Call) -> Answer | None:
        """Answer 429 to what is too much."""
        if not self.matches(call):
            return None
        if self.bucket is None:
            self.bucket = Bucket(self.rate, call.tenant.settings.now)
        wait = 1.0 if self.heals == "no" and self.struck else self.bucket.take()
        if not wait or not self.strikes(call):
            return None
        return too_many_requests(wait, self.retry_after, call.tenant.now())
