"""The server is in trouble."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Struck
from cxone_rollcall.emulator.wire import Answer, Call

PAGE = b"<html><body><h1>The service is not available</h1></body></html>"


@dataclass(kw_only=True)
class ServerError(Struck):
    """The request is answered with a 5xx status and a page of HTML."""

    name = "server-error"
    codes = ("RC105",)

    status: Annotated[Literal["500", "502", "503", "504"], About("the status answered")] = "503"

    def before(self, call: Call) -> Answer | None:
        """Answer the error."""
        return Answer(int(self.status), PAGE, "text/html; charset=utf-8") if self.strikes(call) else None
