"""Irregular rows neither lose nor invent an agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from tests.roll.calling import is_known, is_whole, must_hold, over_a_socket
from tests.roll.servers import Said, Tenant, tenant

from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Selection


class NoContent(Tenant):
    """Answers 204 if there are no rows."""

    def answer(self, method: str, target: str) -> Said:
        """Answer without a body instead of an empty list."""
        said = super().answer(method, target)
        return Said(204) if isinstance(said.value, dict) and said.value.get("entities") == [] else said


class Nameless(Tenant):
    """Has rows without an id, in the roster and in the states."""

    def answer(self, method: str, target: str) -> Said:
        """Add a row without an id."""
        said = super().answer(method, target)
        if isinstance(said.value, dict) and said.value.get("entities"):
            rows = [{"id": None, "name": "Nobody"}, *said.value["entities"], {"agentId": "", "id": " "}]
            return Said(200, {**said.value, "entities": rows})
        return said


class Nameless1(Tenant):
    """Has one state row without an id."""

    def rows(self, ids: Sequence[str]) -> Said:
        """Remove one agent's id from its row."""
        rows: list[dict[str, object]] = [{"agentId": one, "state": self.present[one]} for one in ids]
        return Said(200, {"entities": [{**row, "agentId": None} if row["agentId"] == ids[0] else row for row in rows]})


class Strangers(Tenant):
    """Adds an unknown agent's row to every states response that has rows."""

    def rows(self, ids: Sequence[str]) -> Said:
        """Add an unknown agent."""
        said = super().rows(ids)
        assert isinstance(said.value, dict)
        more = [{"agentId": "7", "state": "Busy"}] if ids else []
        return Said(200, {"entities": said.value["entities"] + more})


class IgnoresIds(Tenant):
    """Ignores the ids: answers with all present agents, or the first ones."""

    def states(self, ids: Sequence[str]) -> Said:
        """Give the same rows to every request."""
        return self.rows(list(self.present)[: self.first_rows])


class LoggedOut(Tenant):
    """Has logged-out rows for agents that are not present."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer with a row for every agent."""
        return Said(200, {"entities": [{"agentId": one, "state": self.present.get(one, "LoggedOut")} for one in ids]})


class Elsewhere(Tenant):
    """Puts the rows under another key, in an envelope, or nowhere."""

    wrap: Callable[[list[object]], object] = staticmethod(lambda rows: rows)

    def answer(self, method: str, target: str) -> Said:
        """Put the rows in another shape."""
        said = super().answer(method, target)
        if isinstance(said.value, dict) and "entities" in said.value:
            return Said(200, self.wrap(said.value["entities"]))
        return said


class InData(Elsewhere):
    """Has the rows under `data`."""

    wrap = staticmethod(lambda rows: {"data": rows, "count": len(rows), "_links": []})


class InEnvelope(Elsewhere):
    """Has the rows two levels down."""

    wrap = staticmethod(lambda rows: {"resultSet": {"agents": rows}})


@pytest.mark.parametrize("kind", [NoContent, Elsewhere, InData, InEnvelope])
@pytest.mark.parametrize("agents", [0, 42, 214])
async def test_other_shapes(agents: int, kind: type[Tenant]) -> None:
    """Rows in another place, and responses without a body, are read."""
    called = await over_a_socket(tenant(agents, kind=kind, present=lambda index: index < 150))
    if agents or kind is not NoContent:  # an empty answer is not called complete
        is_known(called)


@pytest.mark.parametrize("write", [int, str, lambda one: f"  {one} "])
async def test_ids_as_they_are_written(write: Callable[[str], object]) -> None:
    """An id is the same as number or text. Surrounding blanks make no difference."""
    is_known(await over_a_socket(tenant(214, write=write)))


async def test_numbers_here_and_texts_there() -> None:
    """Text ids in the roster and number ids in the states match."""

    class Mixed(Tenant):
        def rows(self, ids: Sequence[str]) -> Said:
            return Said(200, {"entities": [{"agentId": int(one), "state": self.present[one]} for one in ids]})

    is_known(await over_a_socket(tenant(214, kind=Mixed)))


async def test_rows_without_an_id() -> None:
    """Rows without an id are counted and invent no agent. The roster is incomplete."""
    called = await over_a_socket(tenant(42, kind=Nameless))
    must_hold(called)
    assert {entry.agent.agent_id for entry in called.roll.entries} == set(called.tenant.roster)
    assert called.roster.unnamed_rows > 0
    assert not called.roll.roster_complete


async def test_a_state_without_an_id() -> None:
    """A state row without an id confirms no absence. Agents without a row in that response are unknown."""
    called = await over_a_socket(tenant(42, kind=Nameless1))
    is_whole(called)
    assert called.ids(Standing.ABSENT) == set()
    assert called.ids(Standing.UNKNOWN)


async def test_rows_of_unknown_agents() -> None:
    """A row of an unknown agent is noted. It is not on the roll."""
    called = await over_a_socket(tenant(214, kind=Strangers))
    is_whole(called)
    assert called.ledger.states.unasked_rows > 0
    assert called.ledger.states.unasked_agent == "7"


@pytest.mark.parametrize("first_rows", [None, 10, 100])
@pytest.mark.parametrize("agents", [42, 350])
async def test_ids_that_are_ignored(agents: int, first_rows: int | None) -> None:
    """A server that ignores ids makes no agent absent."""
    called = await over_a_socket(tenant(agents, kind=IgnoresIds, first_rows=first_rows))
    is_whole(called)
    if first_rows is None:
        assert called.ids(Standing.PRESENT) == set(called.tenant.present)


async def test_rows_that_say_logged_out() -> None:
    """A row that says logged out logs its agent out. Spelling makes no difference."""
    called = await over_a_socket(tenant(42, kind=LoggedOut))
    assert called.ids(Standing.PRESENT) == set(called.tenant.present)
    assert called.ids(Standing.LOGGED_OUT) == set(called.tenant.roster) - set(called.tenant.present)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503])
async def test_states_that_are_refused(status: int) -> None:
    """If no states request is answered, all agents are unknown. Few more requests are sent."""

    class Refusing(Tenant):
        def states(self, ids: Sequence[str]) -> Said:
            return Said(status, {"message": "no"})

    called = await over_a_socket(tenant(2000, kind=Refusing))
    is_whole(called)
    assert called.ids(Standing.UNKNOWN) == set(called.tenant.roster)
    assert called.requests <= 22 + 30 * 8
    assert called.ledger.failures


async def test_a_typed_agent_that_is_on_no_roster() -> None:
    """A typed id that fits no agent is called as typed. Other typed agents are called once, by internal id."""
    made = tenant(42)
    chosen = made.roster[0]
    called = await over_a_socket(made, Selection(agents=(chosen, f" {chosen} ", "424242")))
    assert [entry.agent.agent_id for entry in called.roll.entries] == [chosen, "424242"]
    assert called.roll.entries[0].standing is Standing.PRESENT


@pytest.mark.parametrize("agents", [42, 350])
@pytest.mark.parametrize("status", [400, 404])
async def test_a_refusal_that_means_no_rows(status: int, agents: int) -> None:
    """If batches without present agents are refused, no id is blamed. A canary shows it."""

    class NotFound(Tenant):
        def rows(self, ids: Sequence[str]) -> Said:
            return super().rows(ids) if ids else Said(status, {"message": "no states"})

    called = await over_a_socket(tenant(agents, kind=NotFound, present=lambda index: index % 100 > 60 or index < 5))
    is_known(called)
    assert called.ledger.poisoned == []


async def test_a_uuid_in_capitals_is_the_same_agent() -> None:
    """An id in another letter case is still the same agent."""

    class Capitals(Tenant):
        def rows(self, ids: Sequence[str]) -> Said:
            return Said(200, {"entities": [{"agentId": one.upper(), "state": self.present[one]} for one in ids]})

    ids = [f"0000000{index:x}-00aa-4000-8000-00000000abcd" for index in range(10)]
    called = await over_a_socket(Capitals(roster=ids, present=dict.fromkeys(ids[:6], "Busy")))
    is_known(called)
    assert called.ledger.states.unasked_rows == 0


async def test_a_logged_out_row_confirms_absence_too() -> None:
    """A row that says logged out confirms absences too."""

    class Half(Tenant):
        def states(self, ids: Sequence[str]) -> Said:
            return Said(200, {"entities": [{"agentId": one, "state": "LoggedOut"} for one in ids if int(one) % 2]})

    called = await over_a_socket(tenant(42, kind=Half, present=lambda index: False))
    is_whole(called)
    assert called.ids(Standing.UNKNOWN) == set()
    assert called.ids(Standing.LOGGED_OUT) == {one for one in called.tenant.roster if int(one) % 2}
