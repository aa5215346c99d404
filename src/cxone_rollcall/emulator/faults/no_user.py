"""A token of a client without a user."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class NoUser(Fault):
    """New tokens name no user and no agent; roster and states are refused, or empty."""

    name = "no-user"
    codes = ("RC207",)
    bare = "how"
    contracts = ("incontact",)

    how: Annotated[Literal["refused", "empty"], About("whether the API refuses such a token, or returns no agents")] = (
        "refused"
    )

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Remove the user from the token."""
        return replace(grant, user=False, without_user=self.how)
