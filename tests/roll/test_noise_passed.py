"""Noise that further requests pass: everybody is found."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from tests.roll.calling import is_known, is_whole, without_a_socket
from tests.roll.servers import Said, tenant
from tests.roll.test_noise import SEEDS, Noisy

from cxone_rollcall.model.roll import Standing


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("few", [1, 3, 7])
async def test_a_few_ids_of_each_request(few: int, seed: int) -> None:
    """Any few ids answered per request show who is logged in. A third is not."""

    class AnyFew(Noisy):
        """Answers any few ids of each request."""

        rng = Random(seed)

        def states(self, ids: Sequence[str]) -> Said:
            """Read a sample."""
            return self.rows(self.known(self.rng.sample(list(ids), min(few, len(ids)))))

    made = tenant(60, kind=AnyFew, present=lambda index: index % 3 > 0)
    run = await without_a_socket(made)
    is_whole(run)
    assert run.ids(Standing.PRESENT) == set(made.present)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("status", [403, 404])
async def test_a_backend_that_refuses(status: int, seed: int) -> None:
    """Two backends of which one refuses lose nobody, and blame no id."""

    class TwoHeads(Noisy):
        """Every second request is refused."""

        rng = Random(seed)
        times = seed

        def states(self, ids: Sequence[str]) -> Said:
            """Refuse, or answer."""
            self.times += 1
            return self.rows(self.known(ids)) if self.times % 2 else Said(status, {"error": "no"})

    made = tenant(300, kind=TwoHeads, present=lambda index: index % 3 > 0)
    run = await without_a_socket(made)
    is_whole(run)
    assert run.ledger.poisoned == []
    if status == 403:
        is_known(run)
