"""A gateway that redirects to a sign-in page."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class SignInRedirect(EndpointFault):
    """The response redirects to a sign-in page on a host that does not exist."""

    name = "sign-in-redirect"
    codes = ("RC104",)

    status: Annotated[Literal["301", "302", "303", "307"], About("the status of the redirect")] = "302"

    def before(self, call: Call) -> Answer | None:
        """Return the redirect."""
        if not self.hits(call):
            return None
        return Answer(int(self.status), content_type="").with_header(
            "Location", "https://sign-in.invalid/login?next=api"
        )
