"""The whole plan contains what the page shows."""

import itertools
from collections import Counter

from quality.bench.contenders import CHECK, FLOOR, SEQUENTIAL
from quality.bench.plan import quick, tiny, whole


def test_each_population_has_each_latency() -> None:
    """Each population has each latency once. The largest has only 0 ms and the static server."""
    found = Counter((one.agents, one.latency_ms) for one in whole(5).settings)
    expected = {(agents, latency) for agents in (1_000, 10_000, 100_000) for latency in (0, 20, 50, 200)}
    assert found == Counter(expected | {(1_000_000, 0)})
    assert [one.agents for one in whole(5).settings if one.served == "static_server"] == [1_000_000]


def test_decisive_runs() -> None:
    """The settings of the targets run five times. They are 10,000 agents at 50 ms and 100,000 at 0 ms."""
    runs = {(one.agents, one.latency_ms): one.runs for one in whole(5).settings}
    assert {name: runs[10_000, 50][name] for name in (SEQUENTIAL, FLOOR, CHECK)} == {SEQUENTIAL: 5, FLOOR: 5, CHECK: 5}
    assert (runs[100_000, 0][FLOOR], runs[100_000, 0][CHECK]) == (5, 5)


def test_each_rate_runs_with_and_without_retry_after() -> None:
    """Each rate runs with and without Retry-After."""
    assert {(one.rate, one.retry_after) for one in whole(5).limits} == {
        (rate, hint) for rate in (20, 50, 200) for hint in ("seconds", "none")
    }


def test_fewer_repeats() -> None:
    """No contender runs more often than the options say."""
    assert max(runs for one in whole(1).settings for runs in one.runs.values()) == 1


def test_settings_of_a_server_are_neighbours() -> None:
    """Settings that can share a server are neighbours in each plan. So it starts once."""
    for plan in (whole(5), quick(), tiny(300)):
        servers = [(one.agents, one.served) for one in plan.settings]
        assert len(set(servers)) == 1 + sum(one != other for one, other in itertools.pairwise(servers))
