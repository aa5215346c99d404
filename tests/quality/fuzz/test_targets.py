"""Each reader accepts any bytes or refuses them with its errors. Its results keep their promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quality.fuzz.running import SAMPLES, fuzz, why_not
from quality.fuzz.target import Target
from quality.fuzz.targets import TARGETS
from tests.quality.fuzz import planted
from tests.support.thorough import examples

SECONDS, RUNS = 30, 1000
"""Seconds per target in a run of all tests; `python3 dev.py fuzz` takes longer."""
EXAMPLES = {"case-files": 25, "settings": 50}
DEFECTS = sorted(SAMPLES.glob("*/*"))

needs_atheris = pytest.mark.skipif(bool(why_not()), reason=why_not())
each_target = pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])


@each_target
def test_the_seeds_are_accepted(target: Target) -> None:
    """A target accepts its seeds."""
    seeds = set(target.seeds())
    assert len(seeds) > 2
    for seed in seeds:
        target.feed(seed)


@pytest.mark.parametrize("path", DEFECTS, ids=[f"{path.parent.name}-{path.name[:14]}" for path in DEFECTS])
def test_a_defect_stays_fixed(path: Path) -> None:
    """Each target accepts the inputs that once broke a reader."""
    for target in TARGETS:
        target.feed(path.read_bytes())


@each_target
def test_any_damage(target: Target) -> None:
    """A target accepts its seeds cut, spliced and filled with its words."""
    seeds = list(target.seeds())
    pieces = st.binary(max_size=8) | st.sampled_from(target.words) | st.sampled_from(seeds)

    @settings(examples(EXAMPLES.get(target.name, 100)), suppress_health_check=list(HealthCheck))
    @given(st.data())
    def takes(data: st.DataObject) -> None:
        whole = bytearray(data.draw(st.sampled_from(seeds)))
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(whole)))
            whole[place : place + data.draw(st.integers(0, 12))] = data.draw(pieces)
        target.feed(bytes(whole))

    takes()


@needs_atheris
def test_a_planted_defect_is_found(tmp_path: Path) -> None:
    """The fuzzer finds a planted defect and shows where it is. It stores the input as a sample."""
    target = planted.TARGETS[0]
    for seed in target.seeds():
        target.feed(seed)
    came_to = fuzz(target, 30, samples=tmp_path)
    (path,) = came_to.found
    assert path.parent == tmp_path / "planted"
    assert "IndexError" in came_to.story
    assert "planted.py" in came_to.story
    with pytest.raises(IndexError):
        target.feed(path.read_bytes())


@pytest.mark.thorough
@needs_atheris
@each_target
def test_nothing_is_found(target: Target, tmp_path: Path) -> None:
    """A fixed number of inputs finds no defect. It reaches more code than the seeds."""
    came_to = fuzz(target, SECONDS, runs=RUNS, samples=tmp_path)
    assert not came_to.found, came_to.story
    assert came_to.runs > len(list(target.seeds()))
    assert came_to.reached > 20
