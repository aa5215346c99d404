"""Faults of the connection: dropped, slow, or answered by something else than the API."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, AgentFault, EndpointFault
from cxone_rollcall.emulator.wire import JSON, Answer, Call, Delivery
from cxone_rollcall.emulator.world import draw


@dataclass(kw_only=True)
class Reset(EndpointFault):
    """The server accepts the connection, then resets or closes it without a response."""

    name = "reset"
    codes = ("RC102",)

    how: Annotated[Literal["reset", "close"], About("a TCP reset, or an ordinary close")] = "reset"

    def before(self, call: Call) -> Answer | None:
        """Cut the connection."""
        if not self.hits(call):
            return None
        return Answer(0, delivery=Delivery.RESET if self.how == "reset" else Delivery.CLOSED)


@dataclass(kw_only=True)
class ResetSome(AgentFault):
    """Every request for the states of a chosen agent is reset."""

    name = "reset-some"
    codes = ("RC512",)

    def before(self, call: Call) -> Answer | None:
        """Cut the connection if a chosen agent is requested."""
        return Answer(0, delivery=Delivery.RESET) if self.hits(call) else None


@dataclass(kw_only=True)
class ConnectionDropped(EndpointFault):
    """The server closes each connection after a response without announcing it. Not an error: clients reconnect."""

    name = "connection-dropped"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Close the connection after the response."""
        if answer.delivery is not Delivery.WHOLE or not self.hits(call):
            return answer
        return answer._replace(delivery=Delivery.CLOSED_AFTER)


@dataclass(kw_only=True)
class Hang(EndpointFault):
    """The server accepts the request and never answers it."""

    name = "hang"
    codes = ("RC106",)

    def before(self, call: Call) -> Answer | None:
        """Keep the connection open and send nothing."""
        return Answer(0, delivery=Delivery.NEVER) if self.hits(call) else None


@dataclass(kw_only=True)
class SlowDrip(EndpointFault):
    """The headers arrive at once, the body one byte at a time."""

    name = "slow-drip"
    codes = ("RC106",)

    seconds: Annotated[float, About("seconds between two bytes", least=0)] = 1.0

    def after(self, call: Call, answer: Answer) -> Answer:
        """Send the body byte by byte."""
        if answer.delivery is not Delivery.WHOLE or not self.hits(call):
            return answer
        return answer._replace(delivery=Delivery.DRIPPED, interval=self.seconds)


@dataclass(kw_only=True)
class Latency(EndpointFault):
    """Responses are delayed by some milliseconds. Not an error."""

    name = "latency"
    bare = "ms"

    ms: Annotated[float, About("delay in milliseconds", least=0)] = 200.0
    jitter: Annotated[float, About("most milliseconds added at random", least=0)] = 0.0
    late: int = field(default=0, init=False, repr=False, compare=False)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Delay the response."""
        if not self.hits(call):
            return answer
        self.late += 1
        chance = draw(call.tenant.settings.seed, self.late) / 2**64
        return answer._replace(delay=answer.delay + (self.ms + self.jitter * chance) / 1000)


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
