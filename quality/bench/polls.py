"""Delta polls of an idle tenant. Their processes keep token and connection."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from quality.bench.dialogue import dialogue
from quality.bench.results import Poll
from quality.bench.server import Server
from quality.common.progress import say


class Poller(NamedTuple):
    """A module that polls; `title` describes it in the report."""

    name: str
    title: str
    module: str


BY_HAND = Poller("script", "`quality/bench/poll_requests.py`: a `requests` session", "quality.bench.poll_requests")
DELTA = Poller(
    "rollcall",
    "`cxone_rollcall.roll.by_list.delta.Delta`, by `quality/bench/poll_rollcall.py`",
    "quality.bench.poll_rollcall",
)
POLLERS = (BY_HAND, DELTA)


def polls_in_turn(server: Server, environment: Mapping[str, str], folder: Path, count: int) -> dict[str, list[Poll]]:
    """Return `count` polls of each poller, taken in turn.

    The poller measures the seconds, the server counts the requests.
    """
    polls: dict[str, list[Poll]] = {poller.name: [] for poller in POLLERS}
    with ExitStack() as stack:
        running = [
            (poller, stack.enter_context(dialogue(poller.module, environment=environment, folder=folder)))
            for poller in POLLERS
        ]
        server.served()
        for _ in range(count):
            for poller, process in running:
                said = process.ask()
                if said["rows"]:
                    raise RuntimeError(f"the tenant is not idle: {said['rows']} agents changed")
                polls[poller.name].append(Poll(seconds=said["seconds"], requests=server.served().requests))
    for name, of in polls.items():
        most = max(one.requests for one in of)
        say(
            f"{'delta poll':>20}  {name:<10}{median(one.seconds for one in of) * 1000:8.2f} ms  at most {most} requests"
        )
    return polls
