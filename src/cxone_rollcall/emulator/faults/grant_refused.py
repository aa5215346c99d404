"""A grant type that the client may not use."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.oauth import refusal
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class GrantRefused(Fault):
    """The token endpoint refuses the grant type: 400 unsupported_grant_type, another error, or plain text."""

    name = "grant-refused"
    codes = ("RC202",)
    bare = "error"

    error: Annotated[
        Literal["unsupported_grant_type", "invalid_request", "invalid_scope", "unauthorized_client", "none"],
        About("the error code; none is a plain text response"),
    ] = "unsupported_grant_type"

    def before(self, call: Call) -> Answer | None:
        """Refuse the grant."""
        if call.endpoint != "token":
            return None
        if self.error == "none":
            return Answer(400, b"Bad Request", "text/plain")
        return refusal(400, self.error, "This grant cannot be given to this client.")
