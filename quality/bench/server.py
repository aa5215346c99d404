"""A tenant as the benchmark holds it: another process, asked what it has done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from quality.bench.contenders import CONTRACTS
from quality.bench.dialogue import Dialogue, dialogue
from quality.bench.results import Limit, Serving


class Served(NamedTuple):
    """What the server did since it was last asked, and the CPU seconds and peak bytes of memory since its start.

    The times are seconds since the first request: of those that were answered, and of those turned away with a 429.
    """

    let_through: Sequence[float]
    turned_away: Sequence[float]
    most_at_once: int
    cpu_seconds: float
    peak: int

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return len(self.let_through) + len(self.turned_away)


class Server:
    """A running tenant; `environments` has what a client needs to be let in, by contract."""

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

    def delay(self, latency_ms: float) -> None:
        """Let each answer take so long from now on."""
        self._process.ask(latency_ms=latency_ms)

    def limit(self, limit: Limit) -> None:
        """Let so many requests through a second from now on, with a full bucket to begin with."""
        self._process.ask(latency_ms=limit.latency_ms, rate=limit.rate, retry_after=limit.retry_after)


@contextmanager
def running_server(
    agents: int, *, served: Serving = "emulated", contracts: Sequence[str] = CONTRACTS
) -> Iterator[Server]:
    """Run a tenant with so many agents, which speaks these contracts, for as long as the block lasts."""
    with dialogue(f"quality.bench.{served}", ",".join(contracts), str(agents)) as process:
        yield Server(process)
