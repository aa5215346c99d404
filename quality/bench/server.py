"""The tenant in another process, and what it has served."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from quality.bench.contenders import CONTRACTS
from quality.bench.dialogue import Dialogue, dialogue
from quality.bench.results import Limit, Serving


class Served(NamedTuple):
    """What the server did since the last call. CPU seconds and peak bytes are since its start.

    `let_through` and `turned_away` (429) are times in seconds since the first request.
    """

    let_through: Sequence[float]
    turned_away: Sequence[float]
    most_at_once: int
    cpu_seconds: float
    peak: int

    @property
    def requests(self) -> int:
        """The number of requests."""
        return len(self.let_through) + len(self.turned_away)


class Server:
    """A running tenant; `environments` has a client's settings, by contract."""

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
        """Return what was served since the last call."""
        return Served(**self._process.ask())

    def delay(self, latency_ms: float) -> None:
        """Set the latency of each response."""
        self._process.ask(latency_ms=latency_ms)

    def advance(self, seconds: float) -> None:
        """Move the clock of a server whose clock is `manual`."""
        self._process.ask(advance=seconds)

    def limit(self, limit: Limit) -> None:
        """Set the rate limit, with a full bucket."""
        self._process.ask(latency_ms=limit.latency_ms, rate=limit.rate, retry_after=limit.retry_after)


@contextmanager
def running_server(
    agents: int, *, served: Serving = "emulated", contracts: Sequence[str] = CONTRACTS, clock: str = ""
) -> Iterator[Server]:
    """Run a tenant of these agents and contracts during the block. `clock` is that of the emulated one."""
    with dialogue(f"quality.bench.{served}", ",".join(contracts), str(agents), *filter(None, (clock,))) as process:
        yield Server(process)
