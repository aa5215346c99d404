"""A reason that is only a code gets its name. Other reasons cost no request."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.roll.lists import BASE, CREDENTIALS, Called, ListTenant, called, is_whole, people, said

from cxone_rollcall.client import Client, IncontactApi
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.live.look import look_at_changes
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.observations.access import Throttling
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll import Selection

CODES = said({"unavailableCodes": [{"outStateId": 12, "outStateName": "Lunch"}]})
FAILURES = {
    "not found": said({}, 404),
    "refused": said({}, 403),
    "token refused": said({}, 401),
    "conflict": said({"error_description": "Invalid permissions"}, 409),
    "too many": said({}, 429),
    "trouble": said({}, 503),
    "a page": said(b"<html>"),
    "damaged": said(b'{"unavailableCodes": [{"out'),
    "nothing": said(b""),
}


@dataclass
class CodedTenant(ListTenant):
    """A list whose rows have a reason code but no description.

    `reason` is their `outStateId`; `codes` is the response of unavailable-codes.
    """

    codes: Response = CODES
    reason: int = 12

    def page(self, name: str, skip: int, top: int) -> Response:
        """The rows of a list, with codes."""
        response = super().page(name, skip, top)
        return replace(response, body=response.body.replace(b'"agentStateId": 2,', self._coded()))

    def state_of_one(self, name: str) -> Response:
        """The codes, or the state of one agent."""
        return self.codes if name == "unavailable-codes" else super().state_of_one(name)

    def _coded(self) -> bytes:
        return f'"agentStateId": 2, "outStateId": {self.reason}, "outStateDescription": null,'.encode()

    @property
    def asked_for_codes(self) -> int:
        """How often the codes were requested."""
        return sum(target.endswith("/unavailable-codes") for target in self.asked)


def sub_states(run: Called) -> set[str | None]:
    """The sub-states of agents who are unavailable."""
    return {row.sub_state for row in run.ledger.rows.values() if row.state == "Unavailable"}


async def test_codes_get_their_names() -> None:
    """Rows with only a code get its name as sub-state. One request is enough for all of them."""
    run = await called(tenant := CodedTenant(people(250)))
    is_whole(run)
    assert (sub_states(run), tenant.asked_for_codes) == ({"Lunch"}, 1)


async def test_nothing_is_requested_without_need() -> None:
    """Codes are requested only if a row needs one.

    Such a row is of a selected, logged-in agent and has no description.
    """
    for tenant, selection in (
        (ListTenant(people(250)), Selection()),
        (CodedTenant(people(250), reason=0), Selection()),
        (CodedTenant(people(250, codes=(0, 1, 3))), Selection()),
        (CodedTenant(people(250)), Selection(agents=("1001",))),
    ):
        run = await called(tenant, selection)
        assert run.roll.entries
        assert not any("unavailable-codes" in target for target in tenant.asked)


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_costs_only_the_name(failure: str) -> None:
    """Without a usable response the sub-state is the code. It is no failure of the run, and is not repeated."""
    run = await called(tenant := CodedTenant(people(250), codes=FAILURES[failure]))
    is_whole(run)
    assert (sub_states(run), tenant.asked_for_codes, run.ledger.failures) == ({"12"}, 1, [])
    (throttling,) = [one for one in run.ledger.observe(run.client) if isinstance(one, Throttling)]
    assert throttling.pending == 0


async def test_changes_have_the_same_names() -> None:
    """A poll for changes names sub-states as a complete look does. The codes are requested once for both."""
    tenant = CodedTenant(people(8))
    client = Client(Incontact(BASE), tenant, CREDENTIALS, base_url=BASE, rng=lambda: 0.0)
    await client.token()
    api = client.api
    assert isinstance(api, IncontactApi)
    for _ in range(2):
        look = await look_at_changes(client, api, since="2026-03-01T08:00:00Z")
        assert {row.sub_state for row in look.rows.values() if row.state == "Unavailable"} == {"Lunch"}
    assert tenant.asked_for_codes == 1
