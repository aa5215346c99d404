"""No fault begins or ends an alert of people who change nothing."""

from __future__ import annotations

import pytest
from tests.live.clockwork import sped_up, watched
from tests.support.thorough import sampled

from cxone_rollcall.alerts.events import AlertEvent
from cxone_rollcall.alerts.reading import parse_alerts
from cxone_rollcall.alerts.sight import sight_of
from cxone_rollcall.alerts.state import Alerts
from cxone_rollcall.emulator.faults import FAULTS

FILE = """
[[alert]]
name = "idle"
each = { group = "available" }
[[alert]]
name = "few"
count = { group = "unavailable", below = 1000 }
"""
RUNS = [(fault.contracts[place % len(fault.contracts)], fault.name) for place, fault in enumerate(FAULTS)]
"""Each fault once. The contracts take turns."""


@pytest.mark.parametrize(("contract", "fault"), sampled(RUNS, every=20))
async def test_a_fault_is_no_evidence(contract: str, fault: str) -> None:
    """A fault may make alerts blind, and ends or begins none.

    An agent who is taken off the roster ends an alert, which says so.
    """
    async with watched(40, contract, request_timeout=0.3) as watching:
        alerts = Alerts(parse_alerts(FILE, named="alerts.toml").rules)

        async def polled() -> list[AlertEvent]:
            await watching.poll()
            poller = watching.poller
            return alerts.judge(sight_of(poller, watching.polls[-1]), poller.now())

        began = await polled()
        assert {one.kind for one in began} == {"firing"}
        watching.break_by(sped_up(fault, contract))
        told = [event for _ in range(5) for event in await polled()]
        watching.break_by()
        told += [event for _ in range(4) for event in await polled()]
    kinds = [one.kind for one in told if one.why != "no longer on the roster"]
    if all(one.why == "" for one in told):
        assert set(kinds) <= {"blind", "seen"}
    else:  # who comes back to the roster is new to it
        assert set(kinds) <= {"blind", "seen", "firing", "joined"}
