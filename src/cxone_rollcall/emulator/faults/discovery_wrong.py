"""Discovery documents that are missing or wrong."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Answer, Call, problem

ELSEWHERE = "https://elsewhere.invalid"
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Welcome</h1></body></html>\n"


@dataclass(kw_only=True)
class DiscoveryWrong(Fault):
    """cxone-configuration and openid-configuration are HTML, empty, null, about another host, or missing."""

    name = "discovery-wrong"
    bare = "what"
    contracts = ("incontact",)

    what: Annotated[
        Literal["html", "empty", "json-null", "foreign-host", "path-missing"],
        About("the response: HTML with 200, an empty body, null, endpoints on a host that does not exist, or 404"),
    ] = "html"

    def before(self, call: Call) -> Answer | None:
        """Return the wrong document, unless `after` changes the right one."""
        if not _strikes(call):
            return None
        match self.what:
            case "html":
                return Answer(200, _PAGE, "text/html; charset=utf-8")
            case "empty":
                return Answer(200)
            case "json-null":
                return Answer(200, b"null")
            case "path-missing":
                return problem(404, f"There is nothing at {call.path}.")
            case _:
                return None

    def after(self, call: Call, answer: Answer) -> Answer:
        """Put the other host into the document."""
        if self.what != "foreign-host" or not _strikes(call):
            return answer
        return answer._replace(body=answer.body.replace(call.origin.encode(), ELSEWHERE.encode()))


def _strikes(call: Call) -> bool:
    return call.endpoint == "discovery" and call.path.startswith("/.well-known/")
