"""How each tenant is, in a line, worst first."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from cxone_rollcall.findings.finding import counted
from cxone_rollcall.web.tenant import Tenant

LATE = 3
"""Intervals after which a board is too old to be ready."""


class Worst(IntEnum):
    """The worst of a tenant. The lower, the worse."""

    LATE = 0
    UNKNOWN = 1
    FINDINGS = 2
    FINE = 3


class Line(NamedTuple):
    """A tenant of the list. Sorted, the worst is first."""

    worst: Worst
    name: str
    title: str
    text: str


def of(tenant: Tenant) -> Line:
    """How a tenant is now."""
    why, last = why_not_ready(tenant), tenant.last
    codes = ", ".join(sorted(tenant.followed.findings)) if tenant.followed is not None else ""
    if why or last is None:
        return Line(Worst.LATE, tenant.name, tenant.title, f"late: {why}")
    known = f"{counted(last.counts['roster'], 'agent')}, {last.counts['present']} present"
    if last.counts["unknown"] or not last.complete:
        unknown = f", {last.counts['unknown']} unknown" if last.counts["unknown"] else ""
        because = f": {last.missed}" if last.missed else ""
        return Line(Worst.UNKNOWN, tenant.name, tenant.title, f"{known}{unknown}{because}")
    if codes:
        return Line(Worst.FINDINGS, tenant.name, tenant.title, f"{known}: {codes}")
    return Line(Worst.FINE, tenant.name, tenant.title, known)


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
