"""What was measured, as values: `json.dumps(asdict(results))` is the file of `--json`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

Serving = Literal["emulated", "static_server"]
RetryAfter = Literal["seconds", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run: seconds, CPU seconds and peak bytes of the process, and what the server saw of it.

    `requests` were answered, `throttled` of them with a 429; `most_at_once` were in hand at a time, and `server_cpu`
    seconds went into them.
    """

    wall: float
    cpu: float
    peak: int
    requests: int
    throttled: int
    most_at_once: int
    server_cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One poll of an idle tenant: seconds from the question to its value, and the requests that the server saw."""

    seconds: float
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A population and a latency, how many rounds are run in it, and by whom.

    `runs` has each contender's name and in how many of the rounds it takes part: the first ones. `polls` is how often
    an idle tenant is asked for changes afterwards. `served` says by which server.
    """

    agents: int
    latency_ms: int
    runs: Mapping[str, int]
    polls: int = 0
    served: Serving = "emulated"

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return max(self.runs.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All runs of one setting by the contender's key, in the order of the rounds, and all polls by poller's name."""

    setting: Setting
    samples: Mapping[str, Sequence[Sample]]
    polls: Mapping[str, Sequence[Poll]] = field(default_factory=dict)

    def middle(self, contender: str, what: Callable[[Sample], float]) -> float:
        """Return the median of one figure over a contender's runs."""
        return median(what(sample) for sample in self.samples[contender])

    def ratio(self, contender: str, to: str, what: Callable[[Sample], float]) -> float:
        """Return the median, over the rounds that both took part in, of one contender's figure by the other's."""
        rounds = zip(self.samples[contender], self.samples[to], strict=False)
        return median(what(one) / what(other) for one, other in rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A server that takes so many requests a second, with a burst of as many, and what it says to the others."""

    rate: int
    retry_after: RetryAfter
    agents: int
    latency_ms: int
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """One run under a limit. The times are seconds since the server saw the first request, in order.

    `let_through` are those of the requests that were answered, `turned_away` those of the 429s. `whole` tells that
    everybody was answered in the end.
    """

    sample: Sample
    let_through: Sequence[float]
    turned_away: Sequence[float]
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedRuns:
    """All runs under one limit, by contract."""

    limit: Limit
    runs: Mapping[str, Sequence[Limited]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The server alone, asked by bare clients for one kind of answer: how much it gives, and how busy it is."""

    served: Serving
    contract: str
    asked: str
    agents: int
    clients: int
    requests: int
    seconds: float
    server_cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One run of the benchmark. `cold_starts` holds seconds, by command; `seconds` is how long all of it took."""

    machine: Mapping[str, str]
    comparisons: Sequence[Comparison]
    limited: Sequence[LimitedRuns]
    capacities: Sequence[Capacity]
    cold_starts: Mapping[str, Sequence[float]]
    seconds: float = 0.0

    def comparison(self, agents: int, latency_ms: int) -> Comparison | None:
        """Return the comparison of this population and latency, None where it was not measured."""
        of = (one for one in self.comparisons if (one.setting.agents, one.setting.latency_ms) == (agents, latency_ms))
        return next(of, None)

    def at(self, latency_ms: int) -> list[Comparison]:
        """Return the comparisons of one latency, the smallest population first."""
        found = (one for one in self.comparisons if one.setting.latency_ms == latency_ms)
        return sorted(found, key=lambda one: one.setting.agents)
