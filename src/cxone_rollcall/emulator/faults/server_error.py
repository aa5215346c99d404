"""A server error."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call

PAGE = b"<html><body><h1>The service is not available</h1></body></html>"


@dataclass(kw_only=True)
class ServerError(EndpointFault):
    """The response is a 5xx status with an HTML page."""

    name = "server-error"
    codes = ("RC105",)

    status: Annotated[Literal["500", "502", "503", "504"], About("the status")] = "503"

    def before(self, call: Call) -> Answer | None:
        """Return the error."""
        return Answer(int(self.status), PAGE, "text/html; charset=utf-8") if self.hits(call) else None
