"""Faults of the whole server: 5xx, missing paths and versions, wrong discovery."""

import re
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, AgentFault, At, EndpointFault, Fault
from cxone_rollcall.emulator.wire import Answer, Call, problem

PAGE = b"<html><body><h1>The service is not available</h1></body></html>"


class ServerError(EndpointFault, name="server-error", codes=("RC105",)):
    """The response is a status such as 503, with an HTML page."""

    status: Annotated[
        Literal["408", "425", "500", "502", "503", "504", "520", "522", "524", "529", "530"], About("the status")
    ] = "503"

    def before(self, call: Call) -> Answer | None:
        return Answer(int(self.status), PAGE, "text/html; charset=utf-8") if self.hits(call) else None


class ServerErrorSome(AgentFault, name="server-error-some", codes=("RC105",)):
    """Every request for the states of a chosen agent gets a 500."""

    def before(self, call: Call) -> Answer | None:
        return problem(500, "Something went wrong.") if self.hits(call) else None


class PathMissing(EndpointFault, name="path-missing", codes=("RC107",)):
    """The paths of the API return 404."""

    at: At = "api"

    def before(self, call: Call) -> Answer | None:
        return problem(404, f"There is nothing at {call.path}.") if self.hits(call) else None


# Letter case and doubled slashes do not matter on the published contract.
_AGENTS = re.compile(r"/+incontactapi/+services/+v\d+\.0/+agents(/.*)?", re.IGNORECASE)


class OtherContract(Fault, name="other-contract", codes=("RC108",), contracts=("v2",)):
    """Only the other contract is served. Every path of v2 is a 404, and the agents of `incontact` are a 401."""

    def before(self, call: Call) -> Answer | None:
        """Return 401 on a path of the other contract, else 404."""
        if _AGENTS.fullmatch(call.path):
            return problem(401, "An access token is needed.").with_header("WWW-Authenticate", "Bearer")
        return problem(404, f"There is nothing at {call.path}.")


_API = re.compile(r"/+incontactapi/+services/+v(\d{1,3})\.0/.*", re.IGNORECASE)


class VersionMissing(Fault, name="version-missing", codes=("RC109",), bare="newest", contracts=("incontact",)):
    """API versions newer than N return 404."""

    newest: Annotated[int, About("the newest version", least=0)] = 23
    at: Annotated[Literal["agents", "states", "api"], About("the endpoint affected; api is every versioned path")] = (
        "api"
    )

    def before(self, call: Call) -> Answer | None:
        found = _API.fullmatch(call.path)
        if found is None or self.at not in {"api", call.endpoint} or int(found[1]) <= self.newest:
            return None
        return problem(404, f"There is nothing at {call.path}.")


ELSEWHERE = "https://elsewhere.invalid"
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Welcome</h1></body></html>\n"


class DiscoveryWrong(Fault, name="discovery-wrong", bare="what", contracts=("incontact",)):
    """cxone-configuration and openid-configuration are HTML, empty, null, about another host, or missing."""

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
