"""The token is a client's, and there is nobody behind it."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class NoUser(Fault):
    """New tokens have no claim of a user or an agent, and roster and states are refused, or empty."""

    name = "no-user"
    codes = ("RC207",)
    bare = "how"
    contracts = ("incontact",)

    how: Annotated[Literal["refused", "empty"], About("whether the API refuses such a token, or shows it nobody")] = (
        "refused"
    )

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Take the user away."""
        return replace(grant, user=False, without_user=self.how)
