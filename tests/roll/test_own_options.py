"""A refused request of a user's option takes nothing from the account. It is noted with that option."""

from __future__ import annotations

import pytest
from tests.roll.calling import without_a_socket
from tests.roll.lists import ListTenant, called, is_whole, people, said
from tests.roll.servers import Said, tenant

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
