"""Faults of the connection: dropped, slow, or answered by something else."""

from dataclasses import field
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, AgentFault, EndpointFault
from cxone_rollcall.emulator.wire import JSON, Answer, Call, Delivery
from cxone_rollcall.emulator.world import draw


class Reset(EndpointFault, name="reset", codes=("RC102",)):
    """The server accepts the connection, then resets or closes it without response."""

    how: Annotated[Literal["reset", "close"], About("a TCP reset, or an ordinary close")] = "reset"

    def before(self, call: Call) -> Answer | None:
        if not self.hits(call):
            return None
        return Answer(0, delivery=Delivery.RESET if self.how == "reset" else Delivery.CLOSED)


class ResetSome(AgentFault, name="reset-some", codes=("RC512",)):
    """Every request for the states of a chosen agent is reset."""

    def before(self, call: Call) -> Answer | None:
        return Answer(0, delivery=Delivery.RESET) if self.hits(call) else None


class ConnectionDropped(EndpointFault, name="connection-dropped"):
    """The server closes each connection after a response without announcing it. Not an error: clients reconnect."""

    def after(self, call: Call, answer: Answer) -> Answer:
        if answer.delivery is not Delivery.WHOLE or not self.hits(call):
            return answer
        return answer._replace(delivery=Delivery.CLOSED_AFTER)


class Hang(EndpointFault, name="hang", codes=("RC106",)):
    """The server accepts the request and never answers it."""

    def before(self, call: Call) -> Answer | None:
        return Answer(0, delivery=Delivery.NEVER) if self.hits(call) else None


class SlowDrip(EndpointFault, name="slow-drip", codes=("RC106",)):
    """The headers arrive at once, the body one byte at a time."""

    seconds: Annotated[float, About("seconds between two bytes", least=0)] = 1.0

    def after(self, call: Call, answer: Answer) -> Answer:
        if answer.delivery is not Delivery.WHOLE or not self.hits(call):
            return answer
        return answer._replace(delivery=Delivery.DRIPPED, interval=self.seconds)


class Latency(EndpointFault, name="latency", bare="ms"):
    """Responses are delayed by some milliseconds. Not an error."""

    ms: Annotated[float, About("delay in milliseconds", least=0)] = 200.0
    jitter: Annotated[float, About("most milliseconds added at random", least=0)] = 0.0
    late: int = field(default=0, init=False, repr=False, compare=False)

    def after(self, call: Call, answer: Answer) -> Answer:
        if not self.hits(call):
            return answer
        self.late += 1
        chance = draw(call.tenant.settings.seed, self.late) / 2**64
        return answer._replace(delay=answer.delay + (self.ms + self.jitter * chance) / 1000)


PAGE = b"""<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><h1>Sign in to continue</h1><form method="post"><input name="user"><input name="password"></form></body></html>
"""


class HtmlPage(EndpointFault, name="html-page", codes=("RC104",)):
    """The response is an HTML sign-in page with status 200. It is labelled as HTML or as JSON."""

    labelled: Annotated[Literal["html", "json"], About("the Content-Type of the page")] = "html"

    def before(self, call: Call) -> Answer | None:
        label = JSON if self.labelled == "json" else "text/html; charset=utf-8"
        return Answer(200, PAGE, label) if self.hits(call) else None


class SignInRedirect(EndpointFault, name="sign-in-redirect", codes=("RC104",)):
    """The response redirects to a sign-in page. Its host does not exist."""

    status: Annotated[Literal["301", "302", "303", "307"], About("the status of the redirect")] = "302"

    def before(self, call: Call) -> Answer | None:
        if not self.hits(call):
            return None
        return Answer(int(self.status), content_type="").with_header(
            "Location", "https://sign-in.invalid/login?next=api"
        )
