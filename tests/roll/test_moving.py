"""No standing is wrong, even if agents come and go meanwhile.

Responses come in any order, damaged or not. An agent on the roster and logged in all the time is never absent or logged
out; an agent never logged in is never present; no agent is on the roll that was on no roster. A roster called complete
has every agent that stayed, unless as many came as went: then no count shows that a page was missed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.roll.calling import CREDENTIALS
from tests.roll.lists import BASE, ListTenant, absolute, people
from tests.roll.lists import CREDENTIALS as KEY
from tests.roll.moving import NO_CONTENT, SPOILT, Moving, People
from tests.roll.servers import Tenant
from tests.roll.test_worlds import SmallBatches
from tests.support.thorough import sampled

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile

BOTH = pytest.mark.parametrize("contract", ["v2", "incontact"])


class ById(Tenant):
    """A `v2` tenant whose agents come and go."""

    def answer_to(self, request: Request) -> Response:
        """Answer with the current states."""
        said = self.answer(request.method, request.target)
        return Response(status=said.status, headers={}, body=said.body)

    def people(self) -> dict[str, bool]:
        """The agents of the roster, and whether each is logged in."""
        return {one: one in self.present for one in self.roster}

    def happens(self, what: str, agent_id: str) -> None:
        """Apply one event to one agent. A joining agent is last on the roster, and logged in."""
        if what == "leave":
            self.roster = [one for one in self.roster if one != agent_id]
        if what == "join":
            self.roster = [*self.roster, agent_id]
        without = {one: state for one, state in self.present.items() if one != agent_id}
        self.present = without if what in ("leave", "logout") else {**without, agent_id: "Busy"}


@dataclass
class ByList(ListTenant):
    """An `incontact` tenant whose agents come and go."""

    def answer_to(self, request: Request) -> Response:
        """Answer with the current states."""
        return self.answer(request)

    def people(self) -> dict[str, bool]:
        """The agents of the roster, and whether each is logged in."""
        return {one: bool(code) for one, code in self.states.items()}

    def happens(self, what: str, agent_id: str) -> None:
        """Apply one event to one agent. A joining agent is last on the roster, and logged in."""
        if what == "leave":
            self.states = {one: code for one, code in self.states.items() if one != agent_id}
        else:
            self.states = {**self.states, agent_id: 0 if what == "logout" else 1}


def world_of(contract: str, agents: int, here: list[bool]) -> People:
    """A tenant with this number of agents, some of them logged in."""
    if contract == "v2":
        ids = [str(101 + number) for number in range(agents)]
        return ById(roster=ids, present={one: "Busy" for one, is_here in zip(ids, here, strict=False) if is_here})
    states = people(agents, codes=tuple(int(is_here) for is_here in here) or (1,))
    return ByList(states, cap=5, links=absolute)


def called(contract: str, moving: Moving) -> Roll:
    """Call the roll while agents come and go."""
    ledger = Ledger()
    if contract == "v2":
        client = Client(SmallBatches(), moving, CREDENTIALS, rng=lambda: 0.0)
    else:
        client = Client(Incontact(BASE), moving, KEY, base_url=BASE, rng=lambda: 0.0)
    asyncio.run(moving.while_answered(call_roll(client, ledger, Selection())))
    return reconcile(ledger)


def must_hold(roll: Roll, moving: Moving) -> None:
    """Check what holds for every account, even if agents came and went."""
    ids = [entry.agent.agent_id for entry in roll.entries]
    assert len(ids) == len(set(ids)) == sum(roll.count().values())
    assert set(ids) <= moving.ever.keys(), "no agent is invented"
    denied = set(roll.ids(Standing.ABSENT, Standing.LOGGED_OUT))
    assert not denied & moving.always, "no agent that was present all the time is denied"
    assert all(moving.ever[one] for one in roll.ids(Standing.PRESENT)), "no agent is present that never was"
    assert moving.asked <= 200 + 12 * len(moving.ever)


AGENTS = st.integers(0, 26)
HERE = st.lists(st.booleans(), min_size=26, max_size=26)
ORDER = st.lists(st.integers(0, 9), max_size=30)
EARLY = st.lists(st.booleans(), max_size=6)


HAPPENS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "logins": ("login", "logout"),
    "joins": ("join", "login", "logout"),
    "leaves": ("leave", "login", "logout"),
    "all": ("join", "leave", "login", "logout"),
}


@BOTH
@given(agents=AGENTS, here=HERE, order=ORDER, early=EARLY)
def test_any_order(contract: str, agents: int, here: list[bool], order: list[int], early: list[bool]) -> None:
    """The roll is the same, and true, in any order of responses."""
    world = world_of(contract, agents, here)
    moving = Moving(world, order, early)
    roll = called(contract, moving)
    must_hold(roll, moving)
    first = called(contract, Moving(world_of(contract, agents, here)))
    # A roster of one agent, with a token that does not say whose it is, may be the caller alone on `incontact`.
    assert roll.roster_complete or (contract == "incontact" and agents == 1)
    assert {entry.agent.agent_id for entry in roll.entries} == moving.stayed
    for standing in Standing:
        assert set(roll.ids(standing)) == set(first.ids(standing))


@BOTH
@pytest.mark.parametrize("kind", sampled(HAPPENS, every=2))
@given(data=st.data(), agents=AGENTS, here=HERE, order=ORDER, early=EARLY)
def test_every_standing_was_true(
    contract: str, kind: str, data: st.DataObject, agents: int, here: list[bool], order: list[int], early: list[bool]
) -> None:
    """Each standing was true at some moment. Agents come and go meanwhile, and responses are damaged."""
    kinds = data.draw(st.lists(st.sampled_from(sorted(SPOILT | NO_CONTENT)), max_size=2))
    names = data.draw(st.lists(st.sampled_from([None, *kinds]), max_size=30))
    spoils = [(SPOILT | NO_CONTENT)[name] if name is not None else None for name in names]
    happening = st.tuples(st.sampled_from(HAPPENS[kind]), st.integers(0, 40)) if HAPPENS[kind] else st.none()
    happenings = data.draw(st.lists(st.none() | happening, max_size=30))
    moving = Moving(world_of(contract, agents, here), order, early, spoils, happenings)
    roll = called(contract, moving)
    must_hold(roll, moving)
    if roll.roster_complete and kind != "all" and not NO_CONTENT.keys() & set(names):
        lost = moving.stayed - {entry.agent.agent_id for entry in roll.entries}
        assert not lost, "a complete roster has every agent that stayed"
