"""Invented results of a known shape, for tests of the pure parts."""

from collections.abc import Mapping

from quality.bench.contenders import CHECK, COLD_STARTS, CONTENDERS, CONTRACTS, FLOOR, SEQUENTIAL, STATES, THREADS
from quality.bench.plan import Plan, whole
from quality.bench.results import Comparison, Limit, Limited, LimitedRuns, Poll, Results, Sample, Setting

CPU_EACH = {SEQUENTIAL: 26e-6, THREADS: 32e-6, FLOOR: 10e-6, CHECK: 14e-6, STATES: 14e-6}
BYTES_EACH = {SEQUENTIAL: 1140, THREADS: 1300, FLOOR: 0, CHECK: 500, STATES: 10}
AT_ONCE = {SEQUENTIAL: 1, THREADS: 16}
START = 0.1


def sample(name: str, setting: Setting) -> Sample:
    """Return a run that grows linearly with its setting."""
    requests = 2 * -(-setting.agents // 100) + 3
    wall = START + CPU_EACH[name] * setting.agents + requests / AT_ONCE.get(name, 64) * setting.latency_ms / 1000
    return Sample(
        wall=wall,
        cpu=START + CPU_EACH[name] * setting.agents,
        peak=40_000_000 + BYTES_EACH[name] * setting.agents,
        requests=requests,
        throttled=0,
        most_at_once=AT_ONCE.get(name, 64),
        server_cpu=wall / 10,
    )


def comparison(setting: Setting) -> Comparison:
    """Return all runs of a setting."""
    return Comparison(
        setting=setting,
        samples={
            one.key: [sample(one.name, setting)] * setting.runs[one.name]
            for one in CONTENDERS
            if one.name in setting.runs
        },
        polls={name: [Poll(seconds=0.001, requests=1)] * setting.polls for name in ("script", "rollcall")}
        if setting.polls
        else {},
    )


def limited(limit: Limit, *, turned_away: tuple[float, ...] = ()) -> Limited:
    """Return a run of 10 seconds that used its whole limit."""
    burst = [0.0] * limit.rate
    steady = [count / limit.rate for count in range(1, limit.rate * 10 + 1)]
    setting = Setting(agents=limit.agents, latency_ms=limit.latency_ms, runs={CHECK: 1})
    return Limited(sample=sample(CHECK, setting), let_through=burst + steady, turned_away=turned_away)


def results(plan: Plan | None = None, *, starts: Mapping[str, float] | None = None) -> Results:
    """Results that meet all targets, by default for the whole plan."""
    plan = plan or whole(2)
    seconds = {"python": 0.010, **(starts or {})}
    return Results(
        machine={"machine": "none"},
        comparisons=[comparison(setting) for setting in plan.settings],
        limited=[
            LimitedRuns(limit=limit, runs={contract: [limited(limit)] * limit.repeats for contract in CONTRACTS})
            for limit in plan.limits
        ],
        capacities=[],
        cold_starts={command.name: [seconds.get(command.name, 0.012)] for command in COLD_STARTS},
        seconds=60.0,
    )
