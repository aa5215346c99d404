"""On `incontact`, absence needs a complete list and a spot check. The list must have rows of other agents."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from tests.roll.lists import ListTenant, called, is_true, people, said

from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.observations.states import Alone
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll.by_list.spot_check import MOST_ALONE, MOST_SUSPICIOUS


async def test_an_agent_missing_from_a_complete_list() -> None:
    """An agent missing from a complete list that has others is absent."""
    run = await called(ListTenant(people(9, codes=(1, 0, None))))
    assert run.ids(Standing.ABSENT) == {one for one, code in run.tenant.states.items() if code is None}
    assert not run.ids(Standing.UNKNOWN)


async def test_an_empty_list() -> None:
    """A list without rows makes no agent absent: all are unknown."""
    run = await called(ListTenant(people(9, codes=(None,))))
    assert run.ids(Standing.UNKNOWN) == set(run.tenant.states)


async def test_a_list_of_unknown_agents() -> None:
    """Rows of agents that are not on the roster prove no absence."""
    strangers = said({"agentStates": [{"agentId": 77, "agentStateId": 1, "agentStateName": "Available"}]})

    def spoils(path: str, at: int, response: Response) -> Response:
        return strangers if path == "agents/states" else response

    run = await called(ListTenant(people(4, codes=(None,)), spoils=spoils))
    assert run.ids(Standing.UNKNOWN) == set(run.tenant.states)


async def test_rows_that_the_list_lost() -> None:
    """A list that omits a logged-in agent proves no absence."""
    states = people(300, codes=(1, 0))
    hidden = dict.fromkeys(list(states)[::40])
    tenant = ListTenant({one: None if one in hidden else code for one, code in states.items()}, alone=states)
    run = await called(tenant)
    run.tenant.states = states
    is_true(run)
    assert run.ids(Standing.PRESENT) == {one for one, code in states.items() if code}
    assert not run.ids(Standing.ABSENT)
    assert {asked.agent_id for asked in run.ledger.asked_alone} == set(hidden)


async def test_many_rows_that_the_list_lost() -> None:
    """If the list loses many rows, only some agents are requested alone. The others are unknown."""
    states = people(600, codes=(1, 0))
    lost = list(states)[::2]
    run = await called(ListTenant({one: None if one in lost else code for one, code in states.items()}, alone=states))
    assert len(run.ledger.asked_alone) == MOST_SUSPICIOUS + MOST_ALONE
    assert len(run.ids(Standing.UNKNOWN)) == len(lost) - len(run.ledger.asked_alone)
    assert not run.ids(Standing.ABSENT)


async def test_no_agent_is_requested_alone_twice() -> None:
    """An agent already requested alone is not requested alone again. The list loses rows."""
    states = people(300, codes=(1, 0))
    hidden = list(states)[::10]
    tenant = ListTenant({one: None if one in hidden else code for one, code in states.items()}, alone=states)
    run = await called(tenant)
    alone = [target for target in tenant.asked if re.search(r"/agents/\d+/states", target)]
    assert len(alone) == len(set(alone)) == len(run.ledger.asked_alone) == len(hidden)


class LateAlone(ListTenant):
    """Returns no row of an agent at its first single request."""

    def state_of_one(self, name: str) -> Response:
        """Nothing at first."""
        count = sum(target.lower().split("?")[0].endswith(name) for target in self.asked)
        return said({"agentStates": []}) if count == 1 and name == "agents/1002/states" else super().state_of_one(name)


async def test_a_row_that_a_single_request_lost_too() -> None:
    """If single requests lose rows too, no agent is absent."""
    states = people(40, codes=(1,))
    listed = {one: None if one in ("1001", "1002", "1003") else code for one, code in states.items()}
    run = await called(LateAlone(listed, alone={**states, "1003": None}))
    assert run.ids(Standing.PRESENT) == {*states} - {"1003"}
    assert run.ids(Standing.UNKNOWN) == {"1003"}
    heard = [(one.agent_id, one.said) for one in run.ledger.asked_alone]
    assert sorted(heard) == [("1001", Alone.ROW), ("1002", Alone.ROW), ("1003", Alone.NO_ROW)]


async def test_two_single_requests_without_a_row() -> None:
    """Two single requests without a row prove an absence. The list loses rows."""
    states = people(40, codes=(1,))
    listed = {one: None if one in ("1001", "1003") else code for one, code in states.items()}
    run = await called(ListTenant(listed, alone={**states, "1003": None}))
    assert run.ids(Standing.PRESENT) == {*states} - {"1003"}
    assert run.ids(Standing.ABSENT) == {"1003"}


class DownAgain(LateAlone):
    """Fails whenever the agent who had no row is requested again."""

    def state_of_one(self, name: str) -> Response:
        """An error in place of the second answer."""
        response = super().state_of_one(name)
        asked = sum(target.lower().split("?")[0].endswith(name) for target in self.asked)
        return response if asked == 1 or name != "agents/1002/states" else said({}, status=500)


async def test_a_second_question_without_an_answer() -> None:
    """If the second request fails, nobody is absent. First answers of the others are kept."""
    states = people(40, codes=(1,))
    hidden = [str(number) for number in range(1001, 1031)]
    listed = {one: None if one in hidden else code for one, code in states.items()}
    alone = {**states, **dict.fromkeys(hidden[1:])}
    run = await called(DownAgain(listed, alone=alone))
    assert run.ids(Standing.ABSENT) == set()
    assert {one.agent_id for one in run.ledger.asked_alone} == set(hidden)


async def test_a_list_of_logged_in_agents_only() -> None:
    """If the list omits logged-out agents, two of many are spot-checked. The others are absent."""
    states = people(60, codes=(1, 0))
    tenant = ListTenant({one: code or None for one, code in states.items()}, alone=states)
    run = await called(tenant)
    assert [asked.said for asked in run.ledger.asked_alone] == [Alone.ROW, Alone.ROW]
    assert len(run.ids(Standing.LOGGED_OUT)) == 2
    assert len(run.ids(Standing.ABSENT)) == 28
    assert not run.ledger.states.lists_logged_out


@pytest.mark.parametrize(("missing", "requested"), [(1, 1), (2, 2), (3, 3), (20, 20), (21, 2)])
async def test_a_few_logged_out_agents_have_the_same_standing(missing: int, requested: int) -> None:
    """If single requests say "logged out", a few missing agents are requested. Many are not."""
    states: dict[str, int | None] = {str(1001 + number): 0 if number < missing else 1 for number in range(40)}
    tenant = ListTenant({one: code or None for one, code in states.items()}, alone=states)
    run = await called(tenant)
    assert len(run.ids(Standing.LOGGED_OUT)) == len(run.ledger.asked_alone) == requested
    assert len(run.ids(Standing.ABSENT)) == missing - requested


async def test_a_login_among_logged_out_agents() -> None:
    """An agent who is logged in shows that the list loses rows. The other agents that the list lacks are logged out."""
    states: dict[str, int | None] = {str(1001 + number): 0 if number < 5 else 1 for number in range(40)}
    listed = {one: code or None for one, code in states.items()}
    run = await called(ListTenant(listed, alone={**states, "1002": 1}))
    assert "1002" in run.ids(Standing.PRESENT)
    assert len(run.ids(Standing.LOGGED_OUT)) == 4


async def test_a_forbidden_spot_check() -> None:
    """If a spot check is forbidden, missing agents are unknown. They may be withheld."""
    tenant = ListTenant(people(12, codes=(1, 0, None)))
    healthy = tenant.state_of_one

    def refused(name: str) -> Response:
        answer = healthy(name)
        return answer if json.loads(answer.body)["agentStates"] else said({}, 403)

    tenant.state_of_one = refused  # type: ignore[method-assign]
    run = await called(tenant)
    assert not run.ids(Standing.ABSENT)
    assert len(run.ids(Standing.UNKNOWN)) == 4
    assert {asked.said for asked in run.ledger.asked_alone} == {Alone.FORBIDDEN}


async def test_a_refusal_is_repeated_in_turns() -> None:
    """An answered and a refused agent are requested again, in turns. Without both nothing is."""
    states = people(40, codes=(1, 0))
    for refused, again in (({"1002"}, [Alone.NO_ROW, Alone.FORBIDDEN, Alone.FORBIDDEN]), (set[str](), [])):
        tenant = ListTenant({one: code or None for one, code in states.items()}, alone={})
        healthy = tenant.state_of_one

        def answer(name: str, refused: set[str] = refused, healthy: Callable[[str], Response] = healthy) -> Response:
            return said({}, 403) if name.split("/")[1] in refused else healthy(name)

        tenant.state_of_one = answer  # type: ignore[method-assign]
        run = await called(tenant)
        assert [one.said for one in run.ledger.asked_alone_again] == again
        assert len(run.ledger.asked_alone) == 2
        alone = [re.findall(r"/agents/(\d+)/states", target) for target in tenant.asked]
        assert [one for (one,) in filter(None, alone)][2:] == [one.agent_id for one in run.ledger.asked_alone_again]


async def test_rows_that_contradict() -> None:
    """An agent with one logged-out row and another row is unknown."""
    rows = [
        {"agentId": 1001, "agentStateId": 1, "agentStateName": "Available"},
        {"agentId": 1001, "agentStateId": 0, "agentStateName": "LoggedOut"},
        {"agentId": 1002, "agentStateId": 2, "agentStateName": "Unavailable"},
    ]

    def spoils(path: str, at: int, response: Response) -> Response:
        return said({"agentStates": rows, "_links": {"next": None}}) if path == "agents/states" else response

    run = await called(ListTenant(people(2, codes=(1, 2)), spoils=spoils))
    assert run.ids(Standing.UNKNOWN) == {"1001"}
    assert run.ids(Standing.PRESENT) == {"1002"}


async def test_a_row_without_a_state() -> None:
    """A row with neither state name nor code leaves its agent unknown."""
    rows = [{"agentId": 1001}, {"agentId": 1002, "agentStateId": 2, "agentStateName": "Unavailable"}]

    def spoils(path: str, at: int, response: Response) -> Response:
        return said({"agentStates": rows, "_links": {"next": None}}) if path == "agents/states" else response

    run = await called(ListTenant(people(2, codes=(1, 2)), alone={}, spoils=spoils))
    assert run.ids(Standing.UNKNOWN) == {"1001"}
