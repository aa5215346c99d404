"""Noise on the way makes no agent absent. Noise is lost rows, mixed-up caches and backends that differ."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from tests.roll.calling import Called, is_known, is_whole, without_a_socket
from tests.roll.servers import Said, Tenant, tenant

from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.roll import Standing

SEEDS = range(6)


class Noisy(Tenant):
    """Answers states as `noise` says; its first argument is a seeded generator."""

    rng = Random(0)

    def known(self, ids: Sequence[str]) -> list[str]:
        """Those of these agents that are present."""
        return [one for one in dict.fromkeys(ids) if one in self.present]


class Lossy(Noisy):
    """Loses each row with a probability."""

    rate = 0.1

    def states(self, ids: Sequence[str]) -> Said:
        """Lose rows."""
        return self.rows([one for one in self.known(ids) if self.rng.random() >= self.rate])


class LosesThree(Lossy):
    """Loses three rows of a hundred."""

    rate = 0.03


class LosesMost(Lossy):
    """Loses six rows of ten."""

    rate = 0.6


class Tail(Noisy):
    """Loses the end of an answer now and then."""

    def states(self, ids: Sequence[str]) -> Said:
        """Lose the last fifth of the rows of every third answer."""
        rows = self.known(ids)
        return self.rows(rows[: len(rows) * 4 // 5] if self.rng.random() < 0.3 else rows)


class Half(Noisy):
    """Returns half of the rows, in random order."""

    def states(self, ids: Sequence[str]) -> Said:
        """Draw half of the rows."""
        rows = self.known(ids)
        return self.rows(self.rng.sample(rows, max(1, len(rows) // 2)) if rows else [])


class EveryThird(Noisy):
    """Loses every third id of an address with more than four."""

    def states(self, ids: Sequence[str]) -> Said:
        """Lose every third id."""
        return self.rows(self.known([one for at, one in enumerate(ids) if at % 3 or len(ids) < 5]))


class Cold(Noisy):
    """Every other answer comes from a backend without states."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, or not."""
        return self.rows(self.known(ids) if self.rng.random() < 0.5 else [])


class Lagging(Noisy):
    """Every other answer comes from a replica that lacks each seventh agent."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer in full, or late."""
        lags = self.rng.random() < 0.5
        return self.rows([one for one in self.known(ids) if not lags or int(one) // 7 % 7])


class CatchesUp(Noisy):
    """A replica that at first lacks every seventh agent. By the controls it has caught up."""

    count = 0

    def states(self, ids: Sequence[str]) -> Said:
        """Answer late at first."""
        self.count += 1
        late = self.count <= 10
        return self.rows([one for one in self.known(ids) if not late or int(one) // 7 % 7])


class LastLook(Noisy):
    """A replica that lacks each seventh agent. Another one answers only the request for states numbered `whole`."""

    count = 0
    whole = 0

    def states(self, ids: Sequence[str]) -> Said:
        """Answer late but once."""
        self.count += 1
        late = self.count != self.whole
        return self.rows([one for one in self.known(ids) if not late or int(one) // 7 % 7])


class CachesByLength(Noisy):
    """A cache that takes addresses of one length for the same address."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.kept: dict[int, Said] = {}

    def states(self, ids: Sequence[str]) -> Said:
        """Answer as before."""
        return self.kept.setdefault(sum(map(len, ids)), super().states(ids))


class ObeyingCache(CachesByLength):
    """The same cache, which passes on requests for no cache."""

    passes = False

    async def send(self, request: Request) -> Response:
        """Note whether the request wants no cache."""
        self.passes = ("Cache-Control", "no-cache") in request.headers
        return await super().send(request)

    def states(self, ids: Sequence[str]) -> Said:
        """Answer as before, or anew."""
        return Noisy.states(self, ids) if self.passes else super().states(ids)


class MixesUpControls(Noisy):
    """Answers each agent's first request. Any other one gets the rows of two other agents."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.seen: set[str] = set()

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, or mix up."""
        again = not self.seen.isdisjoint(ids)
        self.seen.update(ids)
        others = [one for one in self.present if one not in ids][:2]
        return self.rows([*self.known(ids), *others] if again else self.known(ids))


class CachesTheLast(Noisy):
    """A cache that answers every other request with the answer before it."""

    count = 0
    last = Said(200)

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, or repeat the answer before."""
        self.count += 1
        if self.count % 2:
            self.last = super().states(ids)
        return self.last


async def called(kind: type[Noisy], seed: int, agents: int = 600) -> Called:
    """Call the roll of such a tenant."""
    made = tenant(agents, kind=kind)
    made.rng = Random(seed)  # type: ignore[attr-defined]
    return await without_a_socket(made)


@pytest.mark.parametrize("kind", [Lossy, LosesThree, LosesMost, Half, EveryThird, Lagging])
async def test_noise_makes_no_agent_absent(kind: type[Noisy]) -> None:
    """If a repeated request gets other rows, agents without one are unknown. The reason is noted."""
    for seed in SEEDS:
        run = await called(kind, seed)
        is_whole(run)
        states = run.ledger.states
        assert not run.ids(Standing.ABSENT), (kind, seed)
        assert states.lost is not None or states.disagreement is not None
        assert states.cut is None
        assert run.ledger.poisoned == []
        assert len(run.ids(Standing.PRESENT)) >= 0.8 * len(run.tenant.present)


@pytest.mark.parametrize("agents", [40, 120, 600])
@pytest.mark.parametrize("kind", [Lossy, LosesMost, Half, Cold, Tail])
async def test_noise_in_few_answers(kind: type[Noisy], agents: int) -> None:
    """Noise that goes unseen has hidden no agent. No id is blamed for it."""
    for seed in SEEDS:
        run = await called(kind, seed, agents)
        is_whole(run)
        assert run.ledger.poisoned == []


@pytest.mark.parametrize("whole", range(2, 7))
@pytest.mark.parametrize("agents", [20, 60])
async def test_one_look_at_the_other_replica(agents: int, whole: int) -> None:
    """One look at the other replica is enough to doubt. A small tenant has five."""
    made = tenant(agents, kind=LastLook)
    made.whole = whole  # type: ignore[attr-defined]
    run = await without_a_socket(made)
    is_whole(run)
    assert not run.ids(Standing.ABSENT)
    assert run.ledger.states.disagreement is not None


@pytest.mark.parametrize("kind", [CachesByLength, CachesTheLast])
async def test_rows_of_another_request(kind: type[Noisy]) -> None:
    """A response with unrequested rows confirms no absence."""
    for seed in SEEDS:
        run = await called(kind, seed)
        is_whole(run)
        assert run.ledger.states.mixed_up is not None
        assert run.ledger.states.unasked_agent in run.tenant.roster


class OtherIds(Noisy):
    """Has ids of another kind in its states than in its roster."""

    def rows(self, ids: Sequence[str]) -> Said:
        """Name each agent by its user name."""
        return Said(200, {"entities": [{"agentId": f"{one}@example.com", "state": self.present[one]} for one in ids]})


async def test_rows_with_ids_of_another_kind() -> None:
    """Rows whose ids the roster does not have are no other request's."""
    run = await called(OtherIds, 1, 240)
    is_whole(run)
    assert run.ids(Standing.UNKNOWN) == set(run.tenant.roster)
    assert run.ledger.states.mixed_up is not None
    assert run.ledger.states.unasked_agent not in run.tenant.roster


@pytest.mark.parametrize("agents", [40, 120, 420])
async def test_a_control_is_sent_again(agents: int) -> None:
    """A control with another request's rows is sent again. It goes past the cache, and settles the roll."""
    for seed in SEEDS:
        is_known(await called(ObeyingCache, seed, agents))


async def test_a_control_is_sent_again_a_few_times() -> None:
    """If every control has another request's rows, no agent is absent. Few requests are wasted."""
    run = await called(MixesUpControls, 1, 240)
    is_whole(run)
    assert not run.ids(Standing.ABSENT)
    assert run.ids(Standing.UNKNOWN) == set(run.tenant.roster) - run.tenant.present.keys()
    assert run.requests <= 25


async def test_a_replica_that_catches_up() -> None:
    """A control with an absent agent's row repeats all absent agents' requests. They were late."""
    run = await called(CatchesUp, 1, 1000)
    is_known(run)
    assert len(run.ledger.late) > 50
    assert (run.ledger.states.lost, run.ledger.states.disagreement) == (None, None)


class First(Noisy):
    """Answers the first id of each request."""

    def states(self, ids: Sequence[str]) -> Said:
        """Read one id."""
        return self.rows(self.known([self.choose(ids)]))

    def choose(self, ids: Sequence[str]) -> str:
        """Return the id that is read."""
        return ids[0]


class Last(First):
    """Answers the last id of each request."""

    def choose(self, ids: Sequence[str]) -> str:
        """Return the last id."""
        return ids[-1]


class AnyOne(First):
    """Answers any id of each request."""

    def choose(self, ids: Sequence[str]) -> str:
        """Return any id."""
        return self.rng.choice(list(ids))


@pytest.mark.parametrize("kind", [First, Last, AnyOne])
async def test_one_id_for_each_request(kind: type[Noisy]) -> None:
    """One id answered per request shows which agents are logged in. No other absence is confirmed."""
    made = tenant(40, kind=kind, present=lambda index: index not in {7, 29})
    run = await without_a_socket(made)
    is_whole(run)
    assert run.ids(Standing.PRESENT) == set(made.present)
    assert run.ids(Standing.UNKNOWN) == {made.roster[7], made.roster[29]}
    assert run.ledger.states.cut is not None
    assert run.ledger.states.cut.most_rows == 1


class Spoilt(Tenant):
    """Answers `times` requests for the eighth agent and others without rows."""

    times = 1000
    count = 0

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, or answer nothing."""
        spoilt = self.roster[7] in ids and len(ids) > 1 and self.count < self.times
        self.count += spoilt
        return self.rows([]) if spoilt else super().states(ids)


async def test_an_innocent_id_is_not_blamed() -> None:
    """An id is blamed only if each batch with it fails. One answer with rows, even the last, clears it."""
    always = tenant(214, kind=Spoilt)
    assert isinstance(always, Spoilt)
    assert [one.repeated for one in (await without_a_socket(always)).ledger.poisoned] == [True]
    for times in range(always.count):
        run = await without_a_socket(tenant(214, kind=type("SpoiltAtFirst", (Spoilt,), {"times": times})))
        is_whole(run)
        assert run.ledger.poisoned == [], times


class AtMostSix(Noisy):
    """Reads any six ids of each request. It often ignores an id that is requested alone."""

    def states(self, ids: Sequence[str]) -> Said:
        """Draw six agents."""
        rows = self.known(ids)
        if len(ids) == 1:
            return self.rows(rows if self.rng.random() < 0.2 else [])
        return self.rows(self.rng.sample(rows, min(6, len(rows))))


async def test_a_limit_that_is_not_found_is_noise() -> None:
    """Answers with equally many rows are noise if no limit is found. No smaller batch is whole. Nobody is absent."""
    for seed in SEEDS:
        run = await called(AtMostSix, seed, 40)
        is_whole(run)
        assert not run.ids(Standing.ABSENT)
        states = run.ledger.states
        assert states.lost is not None or states.disagreement is not None, seed
        assert states.cut is None


class FailsAlone(Tenant):
    """Reads 37 ids of each request, and fails for a single one."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer in part, or fail."""
        return Said(500) if len(ids) == 1 else super().states(ids)


async def test_a_limit_that_cannot_be_measured() -> None:
    """A failed request leaves it open why rows are missing. They are not called lost."""
    run = await without_a_socket(tenant(214, kind=FailsAlone, first_ids=37))
    is_whole(run)
    assert not run.ids(Standing.ABSENT)
    assert (run.ledger.states.lost, run.ledger.states.cut) == (None, None)
    assert [failure.status for failure in run.ledger.failures] == [500]


class FailsBetween(Tenant):
    """Reads 37 ids of each request. It fails for 30 to 55 ids."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer in part, or fail."""
        return Said(500) if 29 < len(ids) < 56 else super().states(ids)


async def test_a_failure_counts_as_too_many_ids() -> None:
    """A limit is measured past failed requests. Smaller batches settle every agent."""
    for seed in SEEDS:
        run = await without_a_socket(tenant(400, kind=FailsBetween, first_ids=37), seed=seed)
        is_known(run)
        assert run.ledger.states.cut is not None
        assert run.ledger.states.cut.most_rows == 29


class AnswersAnother(Noisy):
    """Leaves out one present agent. Every answer that lacks it has its row, except its own."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer with a row too much, or too few."""
        left_out = next(iter(self.present))
        return self.rows(
            [*(one for one in self.known(ids) if one != left_out), *([] if left_out in ids else [left_out])]
        )


async def test_a_row_that_only_another_answer_has() -> None:
    """An unrequested row still says what its agent does. The agent is present."""
    run = await called(AnswersAnother, 1, 240)
    is_whole(run)
    left_out = next(iter(run.tenant.present))
    assert left_out in run.ids(Standing.PRESENT)
    assert run.ledger.states.unasked_agent == left_out
