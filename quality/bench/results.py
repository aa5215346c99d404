"""The results, as values; `--json` writes `asdict(results)`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

import msgspec

PARTS = ("runs", "live", "readers", "history", "limits")
"""Parts that `--again` can measure."""
Serving = Literal["emulated", "static_server"]
RetryAfter = Literal["seconds", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run: its time, CPU, memory, and what the server saw.

    They are seconds, CPU seconds and peak bytes of the process.

    `throttled` of the `requests` got a 429. The server had at most `most_at_once` open, and used `server_cpu` seconds.
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
    """One delta poll: its seconds, and the requests at the server.

    The seconds are from the request to the value in Python.
    """

    seconds: float
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A population, a latency, and the contenders that run.

    `runs` maps a contender's name to its number of runs, in the first rounds. `polls` is the number of delta polls
    afterwards. `served` names the server.
    """

    agents: int
    latency_ms: int
    runs: Mapping[str, int]
    polls: int = 0
    served: Serving = "emulated"

    @property
    def rounds(self) -> int:
        """The number of rounds."""
        return max(self.runs.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All runs and polls of a setting. Runs are by contender's key in order, polls by poller's name."""

    setting: Setting
    samples: Mapping[str, Sequence[Sample]]
    polls: Mapping[str, Sequence[Poll]] = field(default_factory=dict)

    def middle(self, contender: str, what: Callable[[Sample], float]) -> float:
        """Return the median of a figure over a contender's runs."""
        return median(what(sample) for sample in self.samples[contender])

    def ratio(self, contender: str, to: str, what: Callable[[Sample], float]) -> float:
        """Return the median ratio of two contenders' figures, over their common rounds."""
        rounds = zip(self.samples[contender], self.samples[to], strict=False)
        return median(what(one) / what(other) for one, other in rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A rate limit, and the Retry-After of its 429s. It is requests per second, with a burst of the same number."""

    rate: int
    retry_after: RetryAfter
    agents: int
    latency_ms: int
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """One run under a limit.

    `let_through` and `turned_away` (429) are times in seconds since the first request. `whole` is True if all agents
    got a response in the end.
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
    """What a server can serve to bare clients, per kind of response."""

    served: Serving
    contract: str
    asked: str
    agents: int
    clients: int
    requests: int
    seconds: float
    server_cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSetting:
    """How often the live poller is measured. Looks of each kind, idle polls, first boards."""

    agents: int
    latency_ms: int = 0
    looks: int = 0
    polls: int = 0
    firsts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look of a poller: seconds, CPU seconds, requests. `peak` is that of the process, in the system's unit."""

    wall: float
    cpu: float
    requests: int
    peak: int

    @property
    def peak_bytes(self) -> int:
        """The peak memory in bytes."""
        return self.peak * (1 if sys.platform == "darwin" else 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRuns:
    """What was measured of the live poller.

    `looks` are by kind, `polls` the peak bytes after each idle poll, `firsts` seconds by contract and command.
    """

    setting: LiveSetting
    looks: Mapping[str, Sequence[Look]]
    polls: Sequence[int]
    firsts: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySetting:
    """A history: its agents, and their changes a day.

    `looks` is how many compare recording with none."""

    agents: int = 0
    changes: int = 0
    looks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersSetting:
    """A board of some agents, and its numbers of readers in turn."""

    agents: int = 0
    readers: Sequence[int] = ()
    seconds: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure, and the least or the most that is wanted."""

    what: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def figure(self) -> str:
        """The value with three digits, and its unit."""
        digits = f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:.3g}"
        return f"{digits} {self.unit}"

    @property
    def met(self) -> bool:
        """Whether the figure is as wanted."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All results. `cold_starts` has seconds, by command; `seconds` is the duration of the benchmark."""

    machine: Mapping[str, str]
    comparisons: Sequence[Comparison]
    limited: Sequence[LimitedRuns]
    capacities: Sequence[Capacity]
    cold_starts: Mapping[str, Sequence[float]]
    seconds: float = 0.0
    live: Sequence[LiveRuns] = ()
    history: Sequence[Measure] = ()
    readers: Sequence[Measure] = ()

    def comparison(self, agents: int, latency_ms: int) -> Comparison | None:
        """Return the comparison of this population and latency, or None."""
        of = (one for one in self.comparisons if (one.setting.agents, one.setting.latency_ms) == (agents, latency_ms))
        return next(of, None)

    def at(self, latency_ms: int) -> list[Comparison]:
        """Return the comparisons of one latency, by population."""
        found = (one for one in self.comparisons if one.setting.latency_ms == latency_ms)
        return sorted(found, key=lambda one: one.setting.agents)


def read(path: Path) -> Results:
    """The results that `--json` wrote."""
    return msgspec.json.decode(path.read_bytes(), type=Results)
