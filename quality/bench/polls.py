"""Polls of an idle tenant: who changed since the last one? Each poller is a process that stays, its token at hand."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from quality.bench.dialogue import dialogue
from quality.bench.results import Poll
from quality.bench.server import Server


class Poller(NamedTuple):
    """A module that polls; `title` says what it is in the report."""

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


def polls_in_turn(
    server: Server, environment: Mapping[str, str], folder: Path, count: int, say: Callable[[str], None]
) -> dict[str, list[Poll]]:
    """Let each poller ask in turn, `count` times; the seconds are its own, the requests those that the server saw."""
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
                    raise RuntimeError(f"the tenant is not idle: {said['rows']} agents have changed")
                polls[poller.name].append(Poll(seconds=said["seconds"], requests=server.served().requests))
    for name, of in polls.items():
        most = max(one.requests for one in of)
        say(f"{'delta poll':>20}  {name:<10}{median(one.seconds for one in of) * 1000:8.2f} ms  {most} request at most")
    return polls
