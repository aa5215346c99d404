"""The response's date tells how old the server's last poll is."""

from __future__ import annotations

import json
from email.utils import formatdate

import pytest
from tests.roll.lists import BASE, CREDENTIALS, ListTenant, people

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.roll import Ledger, Selection, call_roll

NOW = 1_780_000_000.0


async def polled(*, age: float, step: float, ahead: float = 0.0, dated: bool = True) -> Ledger:
    """A roll call of a tenant whose server polled `age` seconds ago.

    The server's clock is `ahead` of ours; after the token ours is set by `step`.
    """
    ours = NOW

    def spoils(path: str, at: int, response: Response) -> Response:
        nonlocal ours
        ours = NOW + step
        body = {**json.loads(response.body), "lastPollTime": format_timestamp(NOW + ahead - age)}
        return replace(response, body=json.dumps(body).encode())

    class Dated(ListTenant):
        async def send(self, request: Request) -> Response:
            headers = {"date": formatdate(NOW + ahead, usegmt=True)} if dated or "/auth/" in request.target else {}
            return replace(await super().send(request), headers=headers)

    ledger = Ledger()
    client = Client(
        Incontact(BASE), Dated(people(40), spoils=spoils), CREDENTIALS, base_url=BASE, wall_clock=lambda: ours
    )
    await call_roll(client, ledger, Selection())
    return ledger


@pytest.mark.parametrize("step", [0.0, 300.0, -300.0])
async def test_a_clock_that_is_set(step: float) -> None:
    """Setting the clock during the run makes no fresh poll old."""
    assert (await polled(age=2.0, step=step)).oldest_poll[0] <= 2.0


async def test_an_old_poll() -> None:
    """A poll is old if it is old by its response's date."""
    ledger = await polled(age=300.0, step=0.0)
    assert ledger.poll_is_dated
    assert ledger.oldest_poll[0] == pytest.approx(300.0)


async def test_a_server_that_is_ahead() -> None:
    """A server's clock ahead of ours makes no poll older. Its age is at most what both clocks say."""
    assert (await polled(age=2.0, step=0.0, ahead=3600.0)).oldest_poll[0] == 0.0


async def test_no_date() -> None:
    """Without a date our clock measures the poll, and that is noted."""
    ledger = await polled(age=2.0, step=300.0, dated=False)
    assert not ledger.poll_is_dated
    assert ledger.oldest_poll[0] == pytest.approx(302.0)
