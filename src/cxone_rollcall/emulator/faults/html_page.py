"""Something else answers in the place of the API: a page that people are meant to sign in at."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Struck
from cxone_rollcall.emulator.wire import JSON, Answer, Call

PAGE = b"""<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><h1>Sign in to continue</h1><form method="post"><input name="user"><input name="password"></form></body></html>
"""


@dataclass(kw_only=True)
class HtmlPage(Struck):
    """A sign-in page is answered with status 200, labelled as what it is or as JSON."""

    name = "html-page"
    codes = ("RC104",)

    labelled: Annotated[Literal["html", "json"], About("the Content-Type that the page is given")] = "html"

    def before(self, call: Call) -> Answer | None:
        """Answer the page."""
        label = JSON if self.labelled == "json" else "text/html; charset=utf-8"
        return Answer(200, PAGE, label) if self.strikes(call) else None
