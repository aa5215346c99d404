"""The figures decide whether targets are met."""

from dataclasses import replace

import pytest
from quality.bench import growth
from quality.bench.contenders import CHECK, CONTRACTS, FLOOR
from quality.bench.results import Comparison, Results, Sample
from quality.bench.targets import judge, most_requests
from tests.quality.bench.made import limited, results


def changed(what: Results, agents: int, latency_ms: int, name: str, **fields: float) -> Results:
    """Return results with a contender's figures in one setting multiplied."""

    def of(one: Comparison) -> Comparison:
        if (one.setting.agents, one.setting.latency_ms) != (agents, latency_ms):
            return one
        samples = dict(one.samples)
        for contract in CONTRACTS:
            key = f"{contract} {name}"
            samples[key] = [_times(sample, fields) for sample in samples[key]]
        return replace(one, samples=samples)

    return replace(what, comparisons=[of(one) for one in what.comparisons])


def _times(sample: Sample, fields: dict[str, float]) -> Sample:
    return replace(
        sample, **{name: type(getattr(sample, name))(getattr(sample, name) * by) for name, by in fields.items()}
    )


def missed(what: Results) -> set[str]:
    """Return the targets that are not met."""
    return {verdict.target for verdict in judge(what) if not verdict.met}


def test_all_met() -> None:
    """With good figures, all targets are listed for both contracts, and met."""
    verdicts = list(judge(results()))
    assert [verdict for verdict in verdicts if not verdict.met] == []
    of = {contract: {one.target for one in verdicts if one.contract == contract} for contract in CONTRACTS}
    assert of["incontact"] - of["v2"] == {"a delta poll of an idle tenant takes 1 request"}
    assert of["v2"] - of["incontact"] == set()
    assert len(of["v2"]) == 8 + 2 * 6


@pytest.mark.parametrize(
    ("agents", "latency_ms", "name", "fields", "target"),
    [
        (10_000, 50, CHECK, {"wall": 1.3}, "wall at most 1.15 x"),
        (10_000, 50, "sequential", {"wall": 0.3}, "at least 25 x faster"),
        (100_000, 0, FLOOR, {"cpu": 0.5}, "CPU per agent"),
        (1_000, 20, CHECK, {"requests": 1.1}, "at most one request"),
        (1_000_000, 0, CHECK, {"peak": 2.5}, "under 1.2 GB"),
        (1_000_000, 0, CHECK, {"peak": 2.0}, "memory of `check`"),
        (1_000_000, 0, CHECK, {"cpu": 1.8}, "CPU per further agent"),
        (1_000_000, 0, CHECK, {"peak": 1.9}, "memory per further agent"),
    ],
)
def test_a_figure_that_misses_its_target(
    agents: int, latency_ms: int, name: str, fields: dict[str, float], target: str
) -> None:
    """A too large figure, or a too fast baseline, misses its target."""
    found = missed(changed(results(), agents, latency_ms, name, **fields))
    assert any(one.startswith(target) or target in one for one in found), found


@pytest.mark.parametrize(("name", "most"), [("version", 3), ("help", 4)])
def test_cold_start_missed(name: str, most: int) -> None:
    """A start of more bare interpreters than allowed misses its target."""
    target = f"`rollcall --{name}` at most {most} x the bare interpreter"
    assert missed(results(starts={name: 0.010 * most})) == set()
    assert missed(results(starts={name: 0.010 * most + 0.001})) == {target}


def test_limits_missed() -> None:
    """429s after the first second miss one target, a slow pace another."""
    good = results()
    first = good.limited[0]

    def runs(turned_away: tuple[float, ...], slower: float) -> Results:
        run = limited(first.limit, turned_away=turned_away)
        slow = replace(run, let_through=[at * slower for at in run.let_through])
        return replace(good, limited=[replace(first, runs={contract: [slow] for contract in CONTRACTS})])

    assert missed(runs((0.1, 0.9), 1.0)) == set()
    assert {one.partition(": ")[2] for one in missed(runs((2.0,) * 5, 1.0))} == {
        "at most 2% throttled after the first second"
    }
    assert {one.partition(": ")[2] for one in missed(runs((), 1.2))} == {"at least 90% of the allowed requests"}


def test_limits_given_up() -> None:
    """A run without some of its responses misses the rate target."""
    given = results()
    runs = {name: [replace(run, whole=False) for run in of] for name, of in given.limited[0].runs.items()}
    judged = list(judge(replace(given, limited=[replace(given.limited[0], runs=runs)])))
    gave_up = [verdict for verdict in judged if "gave up" in verdict.figure]
    assert len(gave_up) == len(runs)
    assert not any(verdict.met for verdict in gave_up)


def test_unmeasured_not_judged() -> None:
    """A target that was not measured is not listed."""
    nothing = replace(results(), comparisons=results().comparisons[:1], limited=[])
    assert {verdict.target for verdict in judge(nothing)} == {
        "at most one request per 100 agents, one for their states, a token, and 2 more",
        "`rollcall --version` at most 3 x the bare interpreter",
        "`rollcall --help` at most 4 x the bare interpreter",
    }


@pytest.mark.parametrize(("agents", "most"), [(100, 5), (101, 7), (10_000, 203)])
def test_most_requests(agents: int, most: int) -> None:
    """A partial hundred counts as one page and one batch."""
    assert most_requests(agents) == most


def test_ratio_within_rounds() -> None:
    """A contender is compared with the floor of the same round."""
    one = results().comparisons[0]
    quiet = one.samples["v2 floor"][0]
    slow = _times(quiet, {"wall": 10})
    both = replace(
        one, samples={"a": [quiet, slow, quiet], "b": [_times(quiet, {"wall": 2}), _times(slow, {"wall": 2})]}
    )
    assert both.ratio("b", "a", growth.wall) == pytest.approx(2)


def test_growth_per_agent() -> None:
    """Growth is measured per further agent. Unevenness shows a bend, and shrinking is not linear."""
    steps = growth.steps(results(), "v2 check", growth.peak)
    assert [round(one.each) for one in steps] == [500, 500, 500]
    assert growth.unevenness(steps) == pytest.approx(1)
    bent = growth.steps(changed(results(), 1_000_000, 0, CHECK, peak=2), "v2 check", growth.peak)
    assert growth.unevenness(bent) > 1.5
    assert growth.unevenness([growth.Growth(1, 2, -1.0), growth.Growth(2, 3, 1.0)]) == float("inf")
