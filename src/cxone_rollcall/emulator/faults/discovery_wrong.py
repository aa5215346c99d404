"""Discovery tells nothing, or the wrong thing."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Answer, Call, problem

ELSEWHERE = "https://elsewhere.invalid"
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Welcome</h1></body></html>\n"


@dataclass(kw_only=True)
class DiscoveryWrong(Fault):
    """cxone-configuration and openid-configuration are a page, nothing, null, of another host, or not there."""

    name = "discovery-wrong"
    bare = "what"
    contracts = ("incontact",)

    what: Annotated[
        Literal["html", "empty", "json-null", "foreign-host", "path-missing"],
        About("what is answered: HTML with 200, an empty body, null, endpoints on a host that does not exist, or 404"),
    ] = "html"

    def before(self, call: Call) -> Answer | None:
        """Answer something else."""
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
        """Name the other host."""
        if self.what != "foreign-host" or not _strikes(call):
            return answer
        return answer._replace(body=answer.body.replace(call.origin.encode(), ELSEWHERE.encode()))


def _strikes(call: Call) -> bool:
    return call.endpoint == "discovery" and call.path.startswith("/.well-known/")
