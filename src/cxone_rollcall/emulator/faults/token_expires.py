"""Tokens die sooner than they say."""

from dataclasses import dataclass, field
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TokenExpires(Fault):
    """The first tokens seen are rejected (401) after some requests, or seconds; a newer one is taken."""

    name = "token-expires"
    codes = ("RC204",)
    bare = "requests"

    requests: Annotated[int, About("how many requests such a token is good for", least=1)] = 3
    life: Annotated[
        float | None, About("seconds that such a token is good for, in place of a number of requests", least=0)
    ] = None
    times: Annotated[int, About("how many tokens die so", least=1)] = 1
    used: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def honours(self, call: Call, grant: Grant) -> bool:
        """Honour a token of the first few only as long as it is good for."""
        if grant.number not in self.used and len(self.used) >= self.times:
            return True
        self.used[grant.number] = self.used.get(grant.number, 0) + 1
        if self.life is None:
            return self.used[grant.number] <= self.requests
        return call.tenant.now() < grant.issued_at + self.life
