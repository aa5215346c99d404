"""Any tenant's account balances, and is true. No agent is lost or invented, and no present one is called absent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from tests.roll.calling import Called, must_hold, without_a_socket
from tests.roll.servers import Said, Tenant, as_text, none_at_all, of_this_page, right, too_low
from tests.support.thorough import examples

from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.roll import Standing


class SmallBatches(V2):
    """The API with small pages and batches, many of both per tenant."""

    largest_page = 5
    largest_batch = 6


class Moody(Tenant):
    """Fails some requests, as drawn, and answers them when they are repeated."""

    moods: Sequence[int] = ()

    def answer(self, method: str, target: str) -> Said:
        """Answer, or fail."""
        said = super().answer(method, target)
        mood = self.moods[len(self.asked) % len(self.moods)] if self.moods else 200
        return said if mood == 200 or "/oauth/" in target else Said(mood, b"" if mood < 500 else b"<html>")


@st.composite
def worlds(draw: st.DrawFn, kind: type[Tenant] = Tenant) -> Tenant:
    """Draw a small tenant: its agents, the present ones, and its deviations."""
    agents = draw(st.integers(0, 40))
    ids = [str(100 + index * 3) for index in range(agents)]
    here = draw(st.lists(st.booleans(), min_size=agents, max_size=agents))
    cut = draw(st.sampled_from(["no", "no", "first_ids", "first_rows"]))
    limit = draw(st.integers(1, 7))
    poison = draw(st.lists(st.sampled_from(ids), max_size=2, unique=True)) if ids else []
    return kind(
        roster=ids,
        present={one: "Available" for one, present in zip(ids, here, strict=True) if present},
        base=draw(st.integers(0, 1)),
        cap=draw(st.none() | st.integers(1, 6)),
        offset=draw(st.sampled_from(["given", "asked"])),
        total=draw(st.sampled_from([right, right, none_at_all, as_text, too_low, of_this_page])),
        first_ids=limit if cut == "first_ids" else None,
        first_rows=limit if cut == "first_rows" else None,
        poison={one: draw(st.sampled_from([200, 400, 404])) for one in poison},
        longest_target=draw(st.sampled_from([100_000, 100_000, 50])),
        write=draw(st.sampled_from([str, int])),
    )


def called(tenant: Tenant) -> Called:
    """Call the roll of this tenant, in small pages and batches."""
    return asyncio.run(without_a_socket(tenant, contract=SmallBatches()))


@examples(300)
@given(worlds())
def test_any_world(tenant: Tenant) -> None:
    """However a server pages, counts, truncates and refuses, the roll is true."""
    result = called(tenant)
    must_hold(result)
    assert {entry.agent.agent_id for entry in result.roll.entries} == set(tenant.roster)
    assert result.requests <= 60 + 12 * len(tenant.roster)


def test_a_server_that_answers_two_ids_of_a_request() -> None:
    """Without a whole answer, nobody is absent and nothing crashes."""
    ids = ["100", "103", "106"]
    must_hold(called(Tenant(roster=ids, present=dict.fromkeys(ids, "Available"), base=0, first_ids=2)))


@examples(100)
@given(worlds(), st.integers(0, 40))
def test_a_plain_world_is_known(world: Tenant, index: int) -> None:
    """With regular states and a present agent, all standings are known."""
    plain = Tenant(roster=world.roster, present=world.present, base=world.base, cap=world.cap, total=right)
    result = called(plain)
    must_hold(result)
    unknown = result.ids(Standing.UNKNOWN)
    assert not unknown or (unknown == set(plain.roster) and not plain.present) or len(plain.present) <= 2
    assert result.roll.roster_complete


@examples(150)
@given(worlds(kind=Moody), st.lists(st.sampled_from([200, 200, 200, 500, 429, 401, 403]), min_size=1, max_size=12))
def test_a_world_that_fails(tenant: Tenant, moods: list[int]) -> None:
    """If requests fail, unanswered agents are unknown. An incomplete roster is called incomplete."""
    assert isinstance(tenant, Moody)
    tenant.moods = moods
    tenant.first_ids = tenant.first_rows = None  # a cut may go unnoticed where the look for it fails too: RC902
    result = called(tenant)
    must_hold(result)
    named = {entry.agent.agent_id for entry in result.roll.entries}
    assert named == set(tenant.roster) or not result.roll.roster_complete or result.ledger.failures
