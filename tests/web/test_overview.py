"""The list of all tenants: what is worst comes first."""

from __future__ import annotations

from tests.fleet.seats import seat
from tests.fleet.test_view import Played, arrived

from cxone_rollcall.fleet.records import Changed, Note
from cxone_rollcall.web import overview
from cxone_rollcall.web.overview import Worst
from cxone_rollcall.web.tenant import Tenant

FILTER = Note("RC406", True, "PROVEN", "a filter hides agents")


def _shown(name: str, *changes: Changed, waits: float = 0.0, **fields: object) -> Tenant:
    """A tenant after one poll, and some time without another."""
    played, tenant = Played(), Tenant(name, name, interval=10.0)
    tenant.show(played.view)
    for event in (*played.poll(*changes, number=len(changes), **fields), *played.wait(waits)):
        tenant.take(event)
    return tenant


def test_the_worst_is_first() -> None:
    """Late tenants come first, then unknown agents, then findings. The rest is by name."""
    lost = Changed("2", None, seat("2", missed=3))
    tenants = [
        _shown("b", arrived("1")),
        _shown("a", arrived("1")),
        _shown("found", arrived("1"), notes=(FILTER,)),
        _shown("blind", arrived("1"), lost, ok=False, complete=False, missed="1 agents unknown"),
        _shown("late", arrived("1"), waits=31.0),
        Tenant("new", "new", interval=10.0),
    ]
    assert [(one.worst, one.name, one.text) for one in sorted(map(overview.of, tenants))] == [
        (Worst.LATE, "late", "late: the board is 31 s old, more than 30 s: no worker has polled it for 31 s"),
        (Worst.LATE, "new", "late: the first poll has not ended"),
        (Worst.UNKNOWN, "blind", "2 agents, 1 present, 1 unknown: 1 agents unknown"),
        (Worst.FINDINGS, "found", "1 agent, 1 present: RC406"),
        (Worst.FINE, "a", "1 agent, 1 present"),
        (Worst.FINE, "b", "1 agent, 1 present"),
    ]
