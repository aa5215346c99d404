"""Tokens that expire early."""

from dataclasses import dataclass, field
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TokenExpires(Fault):
    """The first tokens are rejected (401) after some requests, or seconds; newer ones are accepted."""

    name = "token-expires"
    codes = ("RC204",)
    bare = "requests"

    requests: Annotated[int, About("how many requests such a token is valid for", least=1)] = 3
    life: Annotated[
        float | None, About("seconds that such a token is valid for, instead of a number of requests", least=0)
    ] = None
    times: Annotated[int, About("how many tokens expire early", least=1)] = 1
    used: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def honours(self, call: Call, grant: Grant) -> bool:
        """Accept one of the first tokens only for its number of requests, or seconds."""
        if grant.number not in self.used and len(self.used) >= self.times:
            return True
        self.used[grant.number] = self.used.get(grant.number, 0) + 1
        if self.life is None:
            return self.used[grant.number] <= self.requests
        return call.tenant.now() < grant.issued_at + self.life
