"""Discovery: keys go only to the instance, or NICE over https. It may answer anything."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cxone_rollcall.contracts.incontact.discovery import Endpoints, discover
from cxone_rollcall.contracts.protocol import Answered, UnusableAnswer
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, Stage
from quality.fuzz.answers import answer, spelt
from quality.fuzz.samples import names, samples
from quality.fuzz.target import Target, must

INSTANCES = ("https://na1.nice-incontact.com", "http://127.0.0.1:8080", "https://proxy.corp.example:8443")
NICES = (
    "nice-incontact.com",
    "niceincontact.com",
    "incontact.com",
    "nicecxone-gov.com",
    *(f"nicecxone-sov1.{one}" for one in ("au", "eu", "uk")),
)
OWN = "corp.example"
"""The domain of the last instance, whose hosts are the tenant's too."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def feed(data: bytes) -> None:
    """Answer each request of a discovery with a part of these bytes. The last part is repeated."""
    instance = INSTANCES[(data[:1] or b"\0")[0] % len(INSTANCES)]
    parts = data[1:].split(b"\xff") or [b""]
    steps = discover(instance, None)
    try:
        question = next(steps)
        for number in range(8):
            response = answer(parts[min(number, len(parts) - 1)])
            try:
                answered = Answered(question.read(response), number)
            except UnusableAnswer as unusable:
                failure = Failure(
                    kind=unusable.kind,
                    stage=Stage.TOKEN,
                    purpose=question.request.purpose,
                    exchange=number,
                    error=unusable.error,
                )
                question = steps.throw(RequestFailed(failure))
            else:
                question = steps.send(answered)
    except StopIteration as done:
        _of_endpoints(done.value, instance)
        return
    except (RequestFailed, UnusableAnswer):  # the latter if good responses lead to another host
        return
    raise AssertionError("a discovery asks for ever")


def _of_endpoints(endpoints: Endpoints, instance: str) -> None:
    for url in (
        endpoints.token,
        endpoints.authorize,
        endpoints.user_hub,
        *([endpoints.api] if endpoints.api is not None else []),
    ):
        there, here = urlsplit(url), urlsplit(instance)
        host = there.hostname or ""
        own = (there.scheme, there.netloc.lower()) == (here.scheme, here.netloc)
        same_port = (there.scheme, host, there.port or 443) == (here.scheme, here.hostname, here.port or 443)
        nices = there.scheme == "https" and any(host == one or host.endswith("." + one) for one in NICES)
        sister = here.hostname is not None and here.hostname.endswith(OWN) and there.scheme == "https"
        sister = sister and (host == OWN or host.endswith(f".{OWN}")) and there.port in (None, 443, here.port)
        local = host in LOOPBACK or host.startswith("127.")
        both_here = local and here.hostname in LOOPBACK
        must(
            own or same_port or both_here or sister or (nices and here.hostname not in LOOPBACK),
            "keys stay at trusted hosts",
            url,
        )
        must(
            "@" not in there.netloc and url.isprintable() and " " not in url,
            "an address has no blanks or credentials",
            url,
        )


def _seeds() -> Iterator[bytes]:
    said = [spelt(one.status, one.body) for one in samples() if one.asks == "discovery"]
    for index in range(len(INSTANCES)):
        for one in said:
            yield bytes((index,)) + b"\xff".join((said[0], one))
            yield bytes((index,)) + b"\xff".join((spelt(404, b""), one))


DISCOVERY = Target(
    name="discovery",
    about="discovery of incontact: the hosts that get keys",
    feed=feed,
    seeds=_seeds,
    words=(*names("incontact"), b"https://", b"http://", b"niceincontact.com", b"127.0.0.1", b"@", b"\xff"),
)
TARGETS = (DISCOVERY,)
