"""How each tenant is, in a line, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import IntEnum, auto
from typing import NamedTuple

from cxone_rollcall.alerts.events import AlertState
from cxone_rollcall.model.wording import counted
from cxone_rollcall.web.tenant import Tenant

LATE = 3
"""Intervals after which a board is too old to be ready."""


class Worst(IntEnum):
    """The worst of a tenant. The lower, the worse."""

    LATE = auto()
    UNKNOWN = auto()
    FINDINGS = auto()
    ALERTS = auto()
    FINE = auto()


_WORDS = {
    Worst.LATE: "late",
    Worst.UNKNOWN: "with unknown agents",
    Worst.FINDINGS: "with findings",
    Worst.ALERTS: "with alerts",
}


class Line(NamedTuple):
    """A tenant of the list. Sorted, the worst is first."""

    worst: Worst
    name: str
    title: str
    text: str


def of(tenant: Tenant) -> Line:
    """How a tenant is now."""
    why, last = why_not_ready(tenant), tenant.last
    if why or last is None or tenant.followed is None:
        return Line(Worst.LATE, tenant.name, tenant.title, f"late: {why}")
    known = f"{counted(last.counts['roster'], 'agent')}, {last.counts['present']} present"
    alerts = sum(one["state"] != AlertState.PENDING for one in tenant.alerts)
    told = f"; {counted(alerts, 'alert')}" if alerts else ""
    if last.counts["unknown"] or not last.complete:
        unknown = f", {last.counts['unknown']} unknown" if last.counts["unknown"] else ""
        because = f": {last.missed}" if last.missed else ""
        return Line(Worst.UNKNOWN, tenant.name, tenant.title, f"{known}{unknown}{because}{told}")
    if codes := ", ".join(sorted(tenant.followed.findings)):
        return Line(Worst.FINDINGS, tenant.name, tenant.title, f"{known}: {codes}{told}")
    return Line(Worst.ALERTS if alerts else Worst.FINE, tenant.name, tenant.title, f"{known}{told}")


def in_short(lines: Sequence[Line]) -> str:
    """How many tenants there are, and how many are as bad. Each is counted once, as its worst."""
    count = Counter(line.worst for line in lines)
    bad = ", ".join(f"{count[worst]} {words}" for worst, words in _WORDS.items() if count[worst])
    return f"{counted(len(lines), 'tenant')}{': ' if bad else ''}{bad}"


def why_not_ready(tenant: Tenant) -> str:
    """Why the board is older than three intervals; "" if it is not."""
    last = tenant.last
    if tenant.crashed:
        return tenant.crashed
    if last is None:
        return "the first poll has not ended"
    if last.as_of is None:
        return last.missed or "there is no board yet"
    age, limit = (tenant.server_time or 0.0) - last.as_of, LATE * last.interval
    return f"the board is {age:.0f} s old, more than {limit:g} s: {last.missed}" if age > limit else ""
