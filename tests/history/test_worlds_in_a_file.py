"""Random worlds in a real file, which must be sound."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.history.test_random_worlds import File, World, run

from cxone_rollcall.history.checking import check
from cxone_rollcall.history.recorder import Batch
from cxone_rollcall.history.store import writing


class Written(File):
    """What the batches add up to, and a file of them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def play(self, seed: int) -> None:
        """Record a world in a few runs. After each the file says what the batches add up to."""
        world = World(seed)
        for number in range(world.rng.randrange(1, 4)):
            with writing(self._path, tenant="world") as self._store:
                run(world, self, f"run-{number}", world.rng.randrange(3, 25))
                self._compare()
            world.live(world.rng.choice((2.0, 15.0, 40.0, 300.0)))

    def store(self, batch: Batch) -> None:
        """Store a batch in both."""
        super().store(batch)
        self._store.write(batch)

    def _compare(self) -> None:
        stopped = self._store.stopped()
        assert (stopped.until, stopped.polled_at) == (self.until, self.polled_at)
        assert {one: agent.name for one, agent in stopped.people.items()} == {
            one: agent.name for one, agent in self.people.items()
        }
        assert stopped.opened.keys() == self.opened.keys()
        for agent_id, now in self.opened.items():
            read = stopped.opened[agent_id]
            assert (read.begin, read.status, read.slack, read.held) == (now.begin, now.status, now.slack, now.held)
            assert (read.known_until, read.row_since) == (now.known_until, now.row_since)


def play(seed: int, folder: Path) -> None:
    """Record a world and check its file."""
    path = folder / f"{seed}.db"
    Written(path).play(seed)
    assert check(path).breach == ""
    path.unlink()


def test_random_worlds_are_sound_files(tmp_path: Path) -> None:
    """What is read back is what was written. `history check` finds no breach."""
    for seed in range(20):
        play(seed, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("part", range(2))
def test_many_random_worlds_are_sound_files(part: int, tmp_path: Path) -> None:
    """The same holds in five hundred worlds."""
    for seed in range(20 + part * 250, 20 + (part + 1) * 250):
        play(seed, tmp_path)
