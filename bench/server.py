"""The emulated tenant as the benchmark holds it: another process, asked what it has done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from bench.dialogue import Dialogue, dialogue


class Served(NamedTuple):
    """What the server did since it was last asked: `cpu_seconds` counts from its start."""

    requests: int
    most_at_once: int
    cpu_seconds: float


class Server:
    """A running emulated tenant; `environments` has what a client needs to be let in, by contract."""

    def __init__(self, process: Dialogue) -> None:
        self._process = process
        client = {
            "CXONE_INSTANCE": process.greeting["url"],
            "CXONE_CLIENT_ID": process.greeting["client_id"],
            "CXONE_CLIENT_SECRET": process.greeting["client_secret"],
        }
        access_key = {
            "CXONE_ACCESS_KEY_ID": process.greeting["access_key_id"],
            "CXONE_ACCESS_KEY_SECRET": process.greeting["access_key_secret"],
        }
        self.environments: dict[str, dict[str, str]] = {"v2": client, "incontact": {**client, **access_key}}

    def served(self) -> Served:
        """Return what was answered since the last call."""
        return Served(**self._process.ask())


@contextmanager
def running_server(agents: int, latency_ms: float) -> Iterator[Server]:
    """Run an emulated tenant with so many agents, which speaks both contracts, for as long as the block lasts."""
    with dialogue("bench.emulated", str(agents), str(latency_ms)) as process:
        yield Server(process)
