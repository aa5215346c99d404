"""The grace period ends, and makes no standing worse. Agents that appear in it are present."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.contracts.test_token import jwt
from tests.roll.calling import Called, must_hold, without_a_socket
from tests.roll.lists import ListTenant, is_true, people, row_of, said
from tests.roll.lists import called as called_by_list
from tests.roll.servers import Said, tenant
from tests.roll.test_odd_servers import Ignoring

from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll import wait_for_absent
from cxone_rollcall.roll.grace import FEW, LONGEST_PAUSE

LATE = "30000000008"
"""The first agent of these tenants that is not present."""


@dataclass
class Time:
    """A clock that advances only during sleeps. `at` maps a second to what happens then."""

    now: float = 0.0
    at: dict[float, Callable[[], None]] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)
    rounds: int = 0

    async def sleep(self, seconds: float) -> None:
        """Let these seconds pass."""
        self.slept.append(seconds)
        self.now += seconds
        for when in [when for when in self.at if when <= self.now]:
            self.at.pop(when)()

    async def wait(self, run: Any, seconds: float) -> None:
        """Run the grace period of a roll by this clock."""
        await wait_for_absent(
            run.client, run.ledger, seconds, clock=lambda: self.now, sleep=self.sleep, progress=self.count
        )

    def count(self) -> None:
        """Count a round of requests."""
        self.rounds += 1


def logs_in(run: Called, *agent_ids: str) -> Callable[[], None]:
    """An event that logs agents in."""
    states: Any = run.tenant.present
    return lambda: states.update(dict.fromkeys(agent_ids, "Busy"))


def states_asked(run: Called) -> StatesAsked:
    """The observation of the states."""
    (seen,) = (one for one in run.ledger.observe(run.client) if isinstance(one, StatesAsked))
    return seen


async def test_an_agent_that_appears_is_present() -> None:
    """An agent that appears in the grace period is present and late. The others stay absent."""
    run = await without_a_socket(tenant(90))
    absent = run.ids(Standing.ABSENT)
    assert LATE in absent
    await Time(at={5.0: logs_in(run, LATE)}).wait(run, 20)
    must_hold(run)
    assert run.ids(Standing.ABSENT) == absent - {LATE}
    assert set(states_asked(run).late) == {LATE}


async def test_pauses_grow_and_end() -> None:
    """Pauses grow, and their sum is the grace period. Each request goes past caches, and is a step of progress."""
    run, time = await without_a_socket(tenant(30)), Time()
    before = run.requests
    await time.wait(run, 100)
    assert time.slept[:6] == [1, 2, 4, 8, 16, LONGEST_PAUSE]
    assert time.now == 100
    assert run.requests - before == time.rounds == len(time.slept)
    assert all(request.apart for request in run.tenant.answered[-len(time.slept) :])


@pytest.mark.parametrize("seconds", [0.0, -1.0])
async def test_no_time_asks_nothing(seconds: float) -> None:
    """Without a grace period no agent is requested again."""
    run, time = await without_a_socket(tenant(30)), Time()
    before = run.requests
    await time.wait(run, seconds)
    assert (run.requests, time.slept) == (before, [])


async def test_it_ends_when_every_agent_has_a_row() -> None:
    """The grace period ends when no agent is absent."""
    run = await without_a_socket(tenant(12))
    time = Time(at={3.0: logs_in(run, *run.ids(Standing.ABSENT))})
    await time.wait(run, 600)
    assert time.now == 3
    assert not run.ids(Standing.ABSENT)


@pytest.mark.parametrize(
    ("odd", "most"), [({"first_rows": 20}, 20), ({"longest_target": 400}, 23), ({"first_rows": 1}, 1)]
)
async def test_batches_are_as_large_as_the_server_takes(odd: dict[str, Any], most: int) -> None:
    """No request has more ids than the server answers. The canary counts as one, and needs a second place."""
    run, time = await without_a_socket(tenant(90, **odd)), Time()
    before = len(run.tenant.asked)
    await time.wait(run, 1)
    asked = [target.partition("agentIds=")[2].split(",") for target in run.tenant.asked[before:]]
    assert max(map(len, asked)) == most
    assert all((ids[0] in run.tenant.present) is (most > 1) for ids in asked)


async def test_the_canary_can_confirm() -> None:
    """The last agent seen logged in is the canary. The token's own agent is none."""
    odd = tenant(30, token=jwt({"icAgentId": 30000000204}))
    *_, out, owner = odd.present
    odd.present[out] = "Logged Out"  # type: ignore[index]
    run = await without_a_socket(odd)
    assert run.ledger.owner == owner
    await Time().wait(run, 1)
    canary = run.tenant.asked[-1].partition("agentIds=")[2].split(",")[0]
    assert canary == next(one for one in reversed(run.ledger.rows) if one not in (out, owner))


@pytest.mark.parametrize("strays", [0, 2])
async def test_an_answer_to_another_question_confirms_nothing(strays: int) -> None:
    """A response with unrequested rows leaves an absence its older evidence. The canary has its row."""
    run = await without_a_socket(tenant(90))
    before, states = dict(run.ledger.absent), run.tenant.states
    others = list(run.tenant.present)[:strays]
    run.tenant.states = lambda ids: states([*ids, *others])  # type: ignore[method-assign]
    await Time().wait(run, 1)
    must_hold(run)
    assert (run.ledger.absent == before) is (strays > 0)


async def test_an_answer_without_the_canary_confirms_nothing() -> None:
    """If only others have rows, an absence keeps its older evidence."""
    run = await without_a_socket(tenant(90))
    before, states = dict(run.ledger.absent), run.tenant.states
    logs_in(run, LATE)()
    run.tenant.states = lambda ids: states(ids[1:])  # type: ignore[method-assign]
    await Time().wait(run, 1)
    assert LATE in run.ids(Standing.PRESENT)
    del before[LATE]
    assert run.ledger.absent == before


async def test_a_failing_server_changes_nothing() -> None:
    """Unusable responses change no standing. The grace period goes on."""
    run = await without_a_socket(tenant(30))
    before, time, answers = run.roll.entries, Time(), run.tenant.answer
    run.tenant.answer = lambda method, target: Said(500)  # type: ignore[method-assign]

    def heals() -> None:
        run.tenant.answer = answers  # type: ignore[method-assign]
        logs_in(run, LATE)()

    await time.wait(run, 10)
    assert (run.roll.entries, time.now) == (before, 10)
    assert not run.ledger.failures
    time.at[12.0] = heals
    await time.wait(run, 10)
    assert LATE in run.ids(Standing.PRESENT)


async def test_agents_that_appear_after_no_row_at_all() -> None:
    """If no agent had a row, all are requested again. Those that appear are present, the others stay unknown."""
    run = await without_a_socket(tenant(9, present=lambda index: False))
    assert len(run.ids(Standing.UNKNOWN)) == 9
    await Time(at={2.0: logs_in(run, LATE)}).wait(run, 4)
    assert (run.ids(Standing.PRESENT), len(run.ids(Standing.UNKNOWN))) == ({LATE}, 8)


@pytest.mark.parametrize("absent", [FEW - 2, FEW + 7])
async def test_the_grace_period_on_incontact(absent: int) -> None:
    """On `incontact` a few agents are requested alone. For more, the list is read again."""
    run = await called_by_list(ListTenant(people(60)))
    missing = list(run.tenant.states)[:absent]
    for one in missing:
        run.ledger.retract(one)
        run.ledger.mark_absent([one], 1)
        run.tenant.states[one] = None
    before = len(run.tenant.asked)
    time = Time(at={1.0: lambda: run.tenant.states.update({missing[0]: 1, missing[1]: 0})})
    await time.wait(run, 2.5)
    is_true(run)
    asked = run.tenant.asked[before:]
    assert all(("/states?" in target) is (absent > FEW) for target in asked[:1])
    assert missing[0] in run.ids(Standing.PRESENT)
    assert missing[1] in run.ids(Standing.LOGGED_OUT)
    assert set(run.ledger.late) == {missing[0]}
    assert run.ids(Standing.ABSENT) == set(missing[2:])


async def test_rows_that_disagree_show_nothing() -> None:
    """Two different rows of an agent change nothing."""
    run = await called_by_list(ListTenant(people(60, codes=(1, None))))
    before, doubled = run.ids(Standing.ABSENT), "1002"

    def twice(path: str, skip: int, response: Response) -> Response:
        rows = json.loads(response.body)["agentStates"]
        return said({"agentStates": [*rows, row_of(doubled, 1), row_of(doubled, 2), row_of("1004", 1)]})

    run.tenant.spoils = twice
    await Time().wait(run, 1)
    assert run.ids(Standing.ABSENT) == before - {"1004"}


async def test_the_first_row_of_a_list_counts() -> None:
    """Of rows on two pages, the first makes an agent late. The second is of another time."""
    run = await called_by_list(ListTenant(people(400, codes=(1, None))))
    assert "1002" in run.ids(Standing.ABSENT)

    def on_both(path: str, skip: int, response: Response) -> Response:
        body = json.loads(response.body)
        return said({**body, "agentStates": [*body["agentStates"], row_of("1002", 0 if skip else 1)]})

    run.tenant.spoils = on_both
    before = len(run.client.log.exchanges)
    await Time().wait(run, 1)
    assert "1002" in run.ids(Standing.PRESENT)
    assert run.ledger.late == {"1002": before + 1}


async def test_a_server_that_ignores_ids_is_not_asked_again() -> None:
    """If the server ignores ids, no row comes by waiting."""
    run, time = await without_a_socket(tenant(250, kind=Ignoring)), Time()
    assert run.ids(Standing.ABSENT, Standing.UNKNOWN)
    await time.wait(run, 60)
    assert time.slept == []


async def test_the_inactive_are_not_waited_for() -> None:
    """Inactive agents cannot log in, so they are not waited for."""
    run, time = await without_a_socket(tenant(30)), Time()
    for one, agent in tuple(run.ledger.agents.items()):
        run.ledger.withdraw(one)
        run.ledger.call(replace(agent, active=False))
    await time.wait(run, 60)
    assert time.slept == []
