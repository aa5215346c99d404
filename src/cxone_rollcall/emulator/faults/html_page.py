"""A sign-in page in place of the API."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, EndpointFault
from cxone_rollcall.emulator.wire import JSON, Answer, Call

PAGE = b"""<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><h1>Sign in to continue</h1><form method="post"><input name="user"><input name="password"></form></body></html>
"""


@dataclass(kw_only=True)
class HtmlPage(EndpointFault):
    """The response is an HTML sign-in page with status 200, labelled as HTML or as JSON."""

    name = "html-page"
    codes = ("RC104",)

    labelled: Annotated[Literal["html", "json"], About("the Content-Type of the page")] = "html"

    def before(self, call: Call) -> Answer | None:
        """Return the page."""
        label = JSON if self.labelled == "json" else "text/html; charset=utf-8"
        return Answer(200, PAGE, label) if self.hits(call) else None
