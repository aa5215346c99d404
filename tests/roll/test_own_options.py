"""A refused request of a user's option takes nothing from the account. It is noted with that option."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from tests.roll.calling import without_a_socket
from tests.roll.lists import ListTenant, called, is_whole, people, row_of, said
from tests.roll.servers import Said, Tenant, tenant

from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Selection

SINCE = "2026-11-22T09:30:00Z"


def only_changes(answer: Response) -> ListTenant:
    """A tenant that gives this response to requests for changes only."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return answer if "updatedSince" in lists.asked[-1] else response

    lists = ListTenant(people(40), spoils=spoils)
    return lists


@pytest.mark.parametrize(
    "answer",
    [said({"error": "updatedSince is malformed"}, 400), said({}, 403), said({}, 404), said(b"<html>"), said(b"[")],
    ids=["400", "403", "404", "page", "damaged"],
)
async def test_refused_changes(answer: Response) -> None:
    """A refused request for changes is a failure of the option. Every agent has the standing of the whole list."""
    run = await called(only_changes(answer), Selection(since=SINCE))
    is_whole(run)
    assert {failure.option for failure in run.ledger.failures} == {f"--updated-since {SINCE}"}
    assert run.ledger.failures[0].agents == ()
    assert run.ledger.delta is None


async def test_changes_beside_an_error() -> None:
    """Changes beside an error are not relied on. The error is noted."""
    run = await called(
        only_changes(said({"agentStates": [{"agentId": 1001, "agentStateId": 1}], "error": "partial"})),
        Selection(since=SINCE),
    )
    is_whole(run)
    (failure,) = run.ledger.failures
    assert (failure.option, "partial" in failure.detail) == (f"--updated-since {SINCE}", True)


async def test_answered_changes() -> None:
    """Changes that were answered are no failure."""
    run = await called(ListTenant(people(40)), Selection(since=SINCE))
    assert not run.ledger.failures
    assert run.ledger.delta is not None


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_a_refused_filter(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused state filter is a failure of the option. The request without it decides."""
    world = tenant(150)
    answers = world.answer

    def answer(method: str, target: str) -> Said:
        return Said(status, {"message": "no such state"}) if "state=Foo" in target else answers(method, target)

    monkeypatch.setattr(world, "answer", answer)
    run = await without_a_socket(world, Selection(state="Foo"))
    assert not run.roll.ids(Standing.UNKNOWN)
    assert {failure.option for failure in run.ledger.failures} == {"--state Foo"}


@pytest.mark.parametrize("agents", [1, 2, 150])
async def test_refused_with_and_without_the_filter(agents: int) -> None:
    """A filter is not blamed if the server refuses other requests, too."""

    class Refusing(Tenant):
        def states(self, ids: Sequence[str]) -> Said:
            return Said(400, {"message": "no such ids"})

    run = await without_a_socket(tenant(agents, kind=Refusing), Selection(state="Foo"))
    assert len(run.roll.ids(Standing.UNKNOWN)) == agents
    assert {failure.option for failure in run.ledger.failures} == {""}


class Filters(Tenant):
    """Filters by state.

    One filtered request may be answered without the filter, one other without rows. Some may be refused.
    """

    ignores_filter = loses_rows = refuses_filtered = refuses_plain = 0

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.filtered = self.plain = 0

    def answer(self, method: str, target: str) -> Said:
        """Answer; a filtered request gets the rows in that state."""
        wanted = target.partition("state=")[2].partition("&")[0] if "state=" in target else ""
        said = super().answer(method, target)
        if "agentIds=" not in target:
            return said
        body: Any = said.value
        rows = body["entities"]
        if wanted:
            self.filtered += 1
            if self.filtered == self.refuses_filtered:
                return Said(400, {"message": "not now"})
            ignored = self.filtered == self.ignores_filter
            return Said(200, {"entities": [row for row in rows if ignored or row["state"] == wanted]})
        self.plain += 1
        if self.plain == self.refuses_plain:
            return Said(400, {"message": "not now"})
        return Said(200, {"entities": []}) if self.plain == self.loses_rows else said


class IgnoresTheFilterAtLast(Filters):
    """Answers the second filtered request without the filter."""

    ignores_filter = 2


class LosesRowsAtLast(Filters):
    """Answers the repeated request without the filter without rows."""

    loses_rows = 7


class TwoBackends(Tenant):
    """Two backends that answer states alternately. Only the first one filters."""

    backend = 0

    def answer(self, method: str, target: str) -> Said:
        """Answer with the next backend."""
        said = super().answer(method, target)
        if "agentIds=" not in target:
            return said
        self.backend += 1
        wanted = target.partition("state=")[2].partition("&")[0] if "state=" in target and self.backend % 2 else ""
        body: Any = said.value
        return Said(200, {"entities": [row for row in body["entities"] if wanted in ("", row["state"])]})


@pytest.mark.parametrize(
    ("kind", "repeated"), [(Filters, True), (IgnoresTheFilterAtLast, False), (LosesRowsAtLast, False)]
)
async def test_agents_hidden_by_the_filter_are_requested_twice(kind: type[Filters], repeated: bool) -> None:
    """Agents hidden by the filter are requested in both ways again. Answers that differ are kept as evidence."""
    run = await without_a_socket(tenant(60, kind=kind), Selection(state="Available"))
    assert not run.roll.ids(Standing.UNKNOWN)
    seen = run.ledger.filtered
    assert seen is not None
    assert seen.repeated is repeated
    assert (seen.disagreement is None) is repeated


@pytest.mark.parametrize("refused", [{"refuses_filtered": 2}, {"refuses_filtered": 3}, {"refuses_plain": 7}])
async def test_a_repetition_that_fails_proves_no_filter(refused: dict[str, int]) -> None:
    """If a repeated request fails, the filter is neither proven nor contradicted."""
    world = tenant(60, kind=Filters)
    for name, number in refused.items():
        setattr(world, name, number)
    run = await without_a_socket(world, Selection(state="Available"))
    assert run.ledger.filtered is not None
    assert (run.ledger.filtered.repeated, run.ledger.filtered.disagreement) == (False, None)


@pytest.mark.parametrize("backend", [0, 1])
async def test_two_backends_prove_no_filter(backend: int) -> None:
    """Two backends that answer alternately prove no filter. One of them ignores it."""
    world = tenant(260, kind=TwoBackends)
    assert isinstance(world, TwoBackends)
    world.backend = backend
    run = await without_a_socket(world, Selection(state="Available"))
    assert run.ledger.filtered is not None
    assert not run.ledger.filtered.repeated


async def test_a_filter_that_hides_no_agent_costs_nothing() -> None:
    """If every agent is in the filter's state, nothing is repeated."""
    alike = tenant(60, kind=Filters)
    alike.present = dict.fromkeys(alike.present, "Available")
    await without_a_socket(alike, Selection(state="Available"))
    assert sum("state=" in target for target in alike.asked) == 1


@pytest.mark.parametrize("second", [[], [row_of("1001", 1)]], ids=["the same", "another"])
async def test_agents_omitted_by_changes_are_requested_twice(second: list[object]) -> None:
    """Changes that omit agents are requested again, as are all states. Answers that differ are kept."""
    answers = iter([said({"agentStates": []}), *[said({"agentStates": second})] * 3])

    def spoils(path: str, at: int, response: Response) -> Response:
        return next(answers) if "updatedSince" in lists.asked[-1] else response

    lists = ListTenant(people(40), spoils=spoils)
    run = await called(lists, Selection(since=SINCE))
    is_whole(run)
    assert run.ledger.delta is not None
    assert run.ledger.delta.repeated is not bool(second)
    assert (run.ledger.delta.disagreement is None) is not bool(second)


async def test_two_backends_prove_no_omission() -> None:
    """Two backends that answer alternately prove no omission. One of them has the rows."""
    asked = 0

    def spoils(path: str, at: int, response: Response) -> Response:
        nonlocal asked
        asked += path == "agents/states"
        return said({"agentStates": []}) if "updatedSince" in lists.asked[-1] and asked % 2 else response

    lists = ListTenant(people(40), spoils=spoils)
    for first in (0, 1):
        asked = first
        run = await called(lists, Selection(since=SINCE))
        assert run.ledger.delta is not None
        assert not run.ledger.delta.repeated
