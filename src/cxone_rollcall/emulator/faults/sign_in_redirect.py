"""A gateway sends whoever asks to the sign-in of another host."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Struck
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class SignInRedirect(Struck):
    """The request is redirected to a sign-in page on another host, which does not exist."""

    name = "sign-in-redirect"
    codes = ("RC104",)

    status: Annotated[Literal["301", "302", "303", "307"], About("the status of the redirect")] = "302"

    def before(self, call: Call) -> Answer | None:
        """Answer the redirect."""
        if not self.strikes(call):
            return None
        return Answer(int(self.status), content_type="").with_header(
            "Location", "https://sign-in.invalid/login?next=api"
        )
