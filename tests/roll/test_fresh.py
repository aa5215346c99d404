"""A request for states that is repeated goes past caches. A cache would confirm itself."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from tests.roll import test_noise as noise
from tests.roll.calling import without_a_socket
from tests.roll.servers import Tenant, tenant
from tests.roll.test_interruption import WORLDS
from tests.roll.test_odd_servers import Ignoring
from tests.roll.test_own_options import Filters

from cxone_rollcall.roll import Selection

NOISY = (noise.Lossy, noise.EveryThird, noise.Lagging, noise.CachesByLength, noise.MixesUpControls, noise.CachesTheLast)


def noisy(kind: type[noise.Noisy]) -> Callable[[], Tenant]:
    """Return what makes a tenant with this noise, always the same."""

    def make() -> Tenant:
        made = tenant(600, kind=kind)
        made.rng = Random(1)  # type: ignore[attr-defined]
        return made

    return make


ASKED: dict[str, tuple[Callable[[], Tenant], str | None]] = {
    **{name: (world, None) for name, world in WORLDS.items()},
    **{kind.__name__: (noisy(kind), None) for kind in NOISY},
    "ids ignored": (lambda: tenant(250, kind=Ignoring), None),
    "a filter": (lambda: tenant(60, kind=Filters), "Available"),
}


@pytest.mark.parametrize("name", ASKED)
async def test_a_repeated_request_goes_past_caches(name: str) -> None:
    """An address that was answered is requested again only past caches."""
    make, state = ASKED[name]
    world = make()
    await without_a_socket(world, Selection(state=state))
    asked: set[str] = set()
    for request in world.answered:
        if "/states" in request.target:
            assert request.apart or request.target not in asked, request.purpose
            asked.add(request.target)


ASKS_AGAIN = ("cut", "poisoned", "EveryThird")
"""Worlds in which batches are requested again, smaller or in parts."""


@pytest.mark.parametrize("name", [name for name in ASKED if name not in ASKS_AGAIN])
async def test_all_that_follows_the_batches_goes_past_caches(name: str) -> None:
    """Every control and every repetition goes past caches. They follow the batches."""
    make, state = ASKED[name]
    world = make()
    await without_a_socket(world, Selection(state=state))
    apart = [request.apart for request in world.answered if "/states" in request.target]
    assert apart == sorted(apart)
    assert apart[-1]
