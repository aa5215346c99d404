"""What was measured, as values: `json.dumps(asdict(results))` is the file of `--json`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run: seconds, CPU seconds and peak bytes of the process, and what the server saw of it.

    `requests` were answered, `most_at_once` of them were in hand at a time, and `server_cpu` seconds went into them.
    """

    wall: float
    cpu: float
    peak: int
    requests: int
    most_at_once: int
    server_cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One poll of an idle tenant: seconds from the question to its value, and the requests that the server saw."""

    seconds: float
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A population and a latency, and how often each contender is run in it.

    `slow_repeats` holds for the contenders that are slow.
    """

    agents: int
    latency_ms: int
    repeats: int
    slow_repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All runs of one setting by the contender's key, and all polls by the poller's name."""

    setting: Setting
    samples: Mapping[str, Sequence[Sample]]
    polls: Mapping[str, Sequence[Poll]]

    def middle(self, contender: str, what: Callable[[Sample], float]) -> float:
        """Return the median of one figure over a contender's runs."""
        return median(what(sample) for sample in self.samples[contender])


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The server alone, asked by bare clients for one kind of answer: how much it gives, and how busy it is."""

    contract: str
    asked: str
    clients: int
    requests: int
    seconds: float
    server_cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One run of the benchmark. `cold_starts` holds seconds, by command."""

    machine: Mapping[str, str]
    comparisons: Sequence[Comparison]
    capacities: Sequence[Capacity]
    cold_starts: Mapping[str, Sequence[float]]

    def comparison(self, agents: int, latency_ms: int) -> Comparison | None:
        """Return the comparison of this population and latency, None where it was not measured."""
        of = (one for one in self.comparisons if (one.setting.agents, one.setting.latency_ms) == (agents, latency_ms))
        return next(of, None)

    def at(self, latency_ms: int) -> list[Comparison]:
        """Return the comparisons of one latency, the smallest population first."""
        found = (one for one in self.comparisons if one.setting.latency_ms == latency_ms)
        return sorted(found, key=lambda one: one.setting.agents)
