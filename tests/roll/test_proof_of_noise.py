"""Lost rows are proven only if logouts do not explain them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.roll.calling import Called, without_a_socket
from tests.roll.servers import Said, tenant
from tests.roll.test_noise import SEEDS, AtMostSix, EveryThird, Half, Lossy, Noisy

from cxone_rollcall.model.roll import Standing


class LogsInAgain(Noisy):
    """Every other answer lacks an agent, who logs out and in again."""

    count = 0

    def states(self, ids: Sequence[str]) -> Said:
        """Leave the agent out by turns, three times at most."""
        one = next(iter(self.present))
        self.count += one in ids
        gone = 1 < self.count < 5 and self.count % 2 == 0
        return self.rows([agent for agent in self.known(ids) if agent != one or not gone])


class LogsOut(Noisy):
    """At most 37 ids are answered. At every third request an agent logs out."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer the first ids."""
        if self.rng.random() < 0.3:
            self.present = {one: self.present[one] for one in list(self.present)[1:]}
        return self.rows(self.known(ids[:37]))


class Doubles(Noisy):
    """Every tenth row comes twice, at most 37 in all."""

    def states(self, ids: Sequence[str]) -> Said:
        """Double some rows."""
        twice = [row for one in self.known(ids) for row in [one] * (1 + (self.rng.random() < 0.1))]
        return self.rows(twice[:37])


async def called(kind: type[Noisy], seed: int, agents: int = 240) -> Called:
    """Call the roll of such a tenant."""
    made = tenant(agents, kind=kind)
    made.rng.seed(seed)  # type: ignore[attr-defined]
    run = await without_a_socket(made, seed=seed)
    assert not run.ids(Standing.ABSENT) & made.present.keys()
    return run


def certain(run: Called) -> set[bool]:
    """Whether what was noted of lost rows is certain. Empty if nothing was."""
    states = run.ledger.states
    return {one.certain for one in (states.lost, states.disagreement) if one is not None}


@pytest.mark.parametrize("kind", [LogsInAgain, LogsOut, Doubles, EveryThird])
async def test_what_may_have_another_cause(kind: type[Noisy]) -> None:
    """Logins, limits and rules of the server are no noise."""
    noted = [certain(await called(kind, seed)) for seed in SEEDS]
    assert {False} in noted
    assert {True} not in noted


@pytest.mark.parametrize("kind", [Lossy, Half, AtMostSix])
async def test_what_is_noise(kind: type[Noisy]) -> None:
    """Rows that come and go in repetitions of one request are noise."""
    for seed in SEEDS:
        run = await called(kind, seed)
        assert certain(run) == {True}
        assert not run.ids(Standing.ABSENT)
