"""Faults of the server as a whole: 5xx, missing paths and versions, wrong discovery."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, AgentFault, At, EndpointFault, Fault
from cxone_rollcall.emulator.wire import Answer, Call, problem

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


@dataclass(kw_only=True)
class ServerErrorSome(AgentFault):
    """Every request for the states of a chosen agent gets a 500."""

    name = "server-error-some"
    codes = ("RC105",)

    def before(self, call: Call) -> Answer | None:
        """Return the error if a chosen agent is requested."""
        return problem(500, "Something went wrong.") if self.hits(call) else None


@dataclass(kw_only=True)
class PathMissing(EndpointFault):
    """The paths of the API return 404."""

    name = "path-missing"
    codes = ("RC107",)

    at: At = "api"

    def before(self, call: Call) -> Answer | None:
        """Return 404."""
        return problem(404, f"There is nothing at {call.path}.") if self.hits(call) else None


# Letter case and doubled slashes do not matter on the published contract.
_AGENTS = re.compile(r"/+incontactapi/+services/+v\d+\.0/+agents(/.*)?", re.IGNORECASE)


@dataclass(kw_only=True)
class OtherContract(Fault):
    """Every path of v2 is a 404, the token endpoint too; the agents of `incontact` exist (401)."""

    name = "other-contract"
    codes = ("RC108",)
    contracts = ("v2",)

    def before(self, call: Call) -> Answer | None:
        """Return 401 on a path of the other contract, else 404."""
        if _AGENTS.fullmatch(call.path):
            return problem(401, "An access token is needed.").with_header("WWW-Authenticate", "Bearer")
        return problem(404, f"There is nothing at {call.path}.")


_API = re.compile(r"/+incontactapi/+services/+v(\d{1,3})\.0/.*", re.IGNORECASE)


@dataclass(kw_only=True)
class VersionMissing(Fault):
    """API versions newer than N return 404."""

    name = "version-missing"
    codes = ("RC109",)
    bare = "newest"
    contracts = ("incontact",)

    newest: Annotated[int, About("the newest version", least=0)] = 23
    at: Annotated[Literal["agents", "states", "api"], About("the endpoint affected; api is every versioned path")] = (
        "api"
    )

    def before(self, call: Call) -> Answer | None:
        """Return 404."""
        found = _API.fullmatch(call.path)
        if found is None or self.at not in {"api", call.endpoint} or int(found[1]) <= self.newest:
            return None
        return problem(404, f"There is nothing at {call.path}.")


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
