"""The page of the simulation is what the code computes."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from quality.fleet import costs
from quality.fleet.plan import Fleet, most_tenants, resources, sums
from quality.fleet.report import LARGE, PICTURE, bends, needs, picture, row
from quality.fleet.scenario import Fault, run
from tests.fleet.seats import polled, seat

from cxone_rollcall.fleet import lease, records
from cxone_rollcall.fleet.records import Changed, Floor, Record
from cxone_rollcall.live.seat import Seat

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "fleet-scale.md").read_text(encoding="utf-8")
STATES = ("Available", "Unavailable", "InboundContact", "OutboundContact", "ACW")


def test_the_page_has_the_sums() -> None:
    """Each sum of the page is computed, and so is its picture."""
    for line in (*needs(), *bends()):
        assert line in PAGE
    assert (DOCS / PICTURE).read_text() == picture()


def test_the_sums_are_right() -> None:
    """The sums of a plain fleet, done by hand."""
    found = sums(Fleet(tenants=1_000, agents=600, interval=10.0, logged_in=0.5, changes=2.0, workers=4))
    assert (found.polls, found.changes, found.changes_a_record) == (100.0, 10_000.0, 100.0)
    assert found.requests_whole == 600.0
    assert found.requests_deltas == pytest.approx(100 + 2 * 1_000 / 300 * 6)
    assert found.worker_whole == pytest.approx(100 * 600 * costs.WHOLE_AGENT / 4)


def test_the_scarcest_resource_comes_first() -> None:
    """Resources are in the order of their share. One is exhausted where it is used as a whole."""
    found = resources(LARGE)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    for one in found:
        assert most_tenants(LARGE, one) * one.share / LARGE.tenants == pytest.approx(1.0, rel=0.01)


def _seat(random: Random, number: int) -> Seat:
    return seat(str(10_000_000 + number), random.choice(STATES), as_of=1.7e9 + random.random() * 1000)


def test_sizes_are_those_of_the_real_encoder() -> None:
    """Records and snapshots have the assumed sizes, give or take a tenth."""
    random = Random(1)
    changes = tuple(
        Changed(str(10_000_000 + one), _seat(random, one), _seat(random, one))
        for one in random.sample(range(5_000), 125)
    )
    record = Record(
        owner="host-123-abcdef",
        token="0123456789ab",
        number=125,
        polled=polled(
            1.7e9, counts={"roster": 5_000, "present": 1_500, "logged_out": 3_500, "absent": 0, "unknown": 0}
        ),
        changes=changes,
    )
    assert len(records.encode(record)) == pytest.approx(costs.RECORD + 125 * costs.CHANGE, rel=0.1)
    floor = Floor(seats={str(one): _seat(random, one) for one in range(5_000)})
    size = sum(len(records.encode(one)) for one in records.snapshots(floor, "host-123-abcdef"))
    assert size == pytest.approx(5_000 * costs.SNAPSHOT_SEAT, rel=0.1)


@pytest.mark.parametrize("fault", Fault)
def test_a_small_fleet_keeps_the_rules(fault: Fault) -> None:
    """A tenant is polled again within three intervals, by one worker. The page has the outcome."""
    found = run(fault, tenants=100, workers=5)
    assert found.gap < 3
    assert (found.unpolled, found.doubled) == (0, 0)
    assert row(found) in PAGE


def test_shares_even_out() -> None:
    """After a start, no worker has twice as many tickets as another."""
    found = run(Fault.JOIN, tenants=100, workers=5)
    assert found.most < 2 * found.fewest


def test_the_same_seed_gives_the_same_run() -> None:
    """Two runs of a seed are equal. Another seed differs."""
    first, same, other = (run(Fault.WORKER, tenants=60, workers=3, seed=seed) for seed in (1, 1, 2))
    assert first == same != other


def test_full_workers_leave_tenants_unpolled() -> None:
    """Without room for a dead worker's tenants, these are shown as unpolled."""
    found = run(Fault.WORKER, tenants=60, workers=3, capacity=20)
    assert found.unpolled == 20


def test_a_restart_of_full_workers_makes_no_poll_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not with the limit of first looks, and does without."""
    full = {"tenants": 240, "workers": 3, "capacity": 80}
    assert run(Fault.ROLLING, **full).gap < 1.1
    monkeypatch.setattr(lease, "MOST_STARTING", 1_000)
    assert run(Fault.ROLLING, **full).gap > 1.5


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("tenants", "workers", "fault"),
    [(1_000, 5, Fault.ROLLING)] + [(1_000, 10, one) for one in Fault] + [(10_000, 44, Fault.WORKER)],
)
def test_the_page_has_the_outcomes(tenants: int, workers: int, fault: Fault) -> None:
    """A run of a larger fleet gives the row of the page."""
    assert row(run(fault, tenants=tenants, workers=workers)) in PAGE
