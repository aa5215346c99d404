"""The plan: which settings run, and how often.

The whole plan takes about 25 minutes on two cores. A contender that would wait for minutes runs once or not at all;
`WHY_FEWER` explains that in the report.
"""

from collections.abc import Mapping
from typing import NamedTuple

from quality.bench.contenders import CHECK, FLOOR, SEQUENTIAL, STATES, THREADS
from quality.bench.results import HistorySetting, Limit, LiveSetting, ReadersSetting, Setting

LATENCIES_MS = (0, 20, 50, 200)
DECISIVE_MS = 50
SMALL, MIDDLE, LARGE, LARGEST = 1_000, 10_000, 100_000, 1_000_000
LIMITS = ((20, 10_000), (50, 30_000), (200, 100_000))
"""Requests per second, and agents for about ten seconds at that rate."""
LIMIT_LATENCY_MS = 50
POLLS = 25

WHY_FEWER = """\
*Runs* is how often each contender ran. A run that takes long is repeated less. One request at a time takes minutes for
many agents or a high latency: one minute for 10,000 agents at 200 ms (run once, like 1,000), two and a half for 100,000
at 50 ms (not run), ten at 200 ms (not run). The threads take a sixteenth of that and run once for 100,000 agents at 50
ms. For 100,000 agents, 20 and 200 ms run once. For 1,000,000 agents only the floor, `check` and `states` run, once.
`states` runs only without latency, to measure its memory. Under a rate limit there are three runs."""


class Plan(NamedTuple):
    """Everything that the benchmark measures."""

    settings: tuple[Setting, ...]
    limits: tuple[Limit, ...]
    cold_repeats: int
    capacity_seconds: float
    capacity_agents: int
    live: tuple[LiveSetting, ...] = ()
    history: HistorySetting = HistorySetting()
    readers: ReadersSetting = ReadersSetting()


def whole(repeats: int) -> Plan:
    """Return the plan of the published run."""
    return Plan(
        settings=(
            *(_setting(agents, latency, repeats) for agents in (SMALL, MIDDLE, LARGE) for latency in LATENCIES_MS),
            Setting(
                agents=LARGEST,
                latency_ms=0,
                runs={FLOOR: 1, CHECK: 1, STATES: 1},
                served="static_server",
            ),
        ),
        limits=_limits(LIMITS, min(repeats, 3)),
        cold_repeats=25,
        capacity_seconds=4.0,
        capacity_agents=MIDDLE,
        live=(
            LiveSetting(agents=MIDDLE, looks=3 * repeats, polls=10_000),
            LiveSetting(agents=LARGE, looks=repeats),
            LiveSetting(agents=MIDDLE, latency_ms=DECISIVE_MS, firsts=repeats),
        ),
        history=HistorySetting(agents=MIDDLE, changes=1_000_000, looks=3 * repeats),
        readers=ReadersSetting(agents=SMALL, readers=(1_000, 5_000)),
    )


def quick() -> Plan:
    """A plan of about two minutes, with a small sample of everything."""
    return Plan(
        settings=tuple(_setting(agents, latency, 1) for agents in (SMALL, MIDDLE) for latency in (0, 50)),
        limits=_limits(((200, MIDDLE * 3),), 1),
        cold_repeats=5,
        capacity_seconds=1.0,
        capacity_agents=MIDDLE,
        live=(
            LiveSetting(agents=MIDDLE, looks=3, polls=500),
            LiveSetting(agents=MIDDLE, latency_ms=DECISIVE_MS, firsts=1),
        ),
        history=HistorySetting(agents=SMALL, changes=50_000, looks=3),
        readers=ReadersSetting(agents=SMALL, readers=(1_000,), seconds=5.0),
    )


def tiny(agents: int) -> Plan:
    """A plan of seconds that tests the benchmark itself. It has one small population."""
    runs = dict.fromkeys((SEQUENTIAL, THREADS, FLOOR, CHECK, STATES), 1)
    return Plan(
        settings=(
            Setting(agents=agents, latency_ms=0, runs=runs, polls=2),
            Setting(agents=agents * 2, latency_ms=0, runs={FLOOR: 1, CHECK: 1}, served="static_server"),
        ),
        limits=_limits(((5, agents),), 1),
        cold_repeats=1,
        capacity_seconds=0.2,
        capacity_agents=agents,
        live=(LiveSetting(agents=agents, looks=2, polls=4, firsts=1),),
    )


def _setting(agents: int, latency_ms: int, repeats: int) -> Setting:
    return Setting(
        agents=agents,
        latency_ms=latency_ms,
        runs={name: runs for name, runs in _runs(agents, latency_ms, repeats).items() if runs},
        polls=POLLS if agents == MIDDLE and latency_ms in {0, 50} else 0,
    )


def _runs(agents: int, latency_ms: int, repeats: int) -> Mapping[str, int]:
    three, slowest = min(repeats, 3), latency_ms == max(LATENCIES_MS)
    states = 0 if latency_ms else three
    if agents < LARGE:
        waits = agents == MIDDLE and latency_ms == DECISIVE_MS
        often = repeats if waits or not latency_ms or agents == SMALL else three
        return {
            SEQUENTIAL: 1 if slowest else often,
            THREADS: three if slowest else repeats,
            FLOOR: repeats,
            CHECK: repeats,
            STATES: states,
        }
    often = {0: repeats, DECISIVE_MS: three}.get(latency_ms, 1)
    return {
        SEQUENTIAL: 0 if latency_ms else three,
        THREADS: {0: three, DECISIVE_MS: 1}.get(latency_ms, 0),
        FLOOR: often,
        CHECK: often,
        STATES: states,
    }


def _limits(limits: tuple[tuple[int, int], ...], repeats: int) -> tuple[Limit, ...]:
    return tuple(
        Limit(rate=rate, retry_after=hint, agents=agents, latency_ms=LIMIT_LATENCY_MS, repeats=repeats)
        for rate, agents in limits
        for hint in ("seconds", "none")
    )
