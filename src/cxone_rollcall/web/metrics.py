"""The board as Prometheus text. No person's name is a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from cxone_rollcall.alerts.events import AlertState
from cxone_rollcall.live.followed import Followed
from cxone_rollcall.version import __version__
from cxone_rollcall.views.prometheus import CONTENT_TYPE as CONTENT_TYPE
from cxone_rollcall.views.prometheus import Sample, metric, number
from cxone_rollcall.web.documents import teams
from cxone_rollcall.web.tenant import Tenant


def render(tenant: Tenant) -> bytes:
    """All metrics of a tenant. What is not known now is left out, never zero."""
    followed, last = tenant.followed, tenant.last
    lines = [
        *metric("build_info", "gauge", "The version that runs.", [({"version": __version__}, 1)]),
        *metric("up", "gauge", "Whether the last poll was whole.", _one(last.ok if last else False)),
        *metric("polls_total", "counter", "Polls by result.", _by("result", tenant.polls)),
        *metric("requests_total", "counter", "Requests by status.", _by("status", tenant.statuses)),
        *metric("throttled_total", "counter", "Requests that were answered by 429.", _one(tenant.statuses["429"])),
        "# HELP rollcall_poll_duration_seconds Time that polls took.",
        "# TYPE rollcall_poll_duration_seconds summary",
        f"rollcall_poll_duration_seconds_sum {number(tenant.seconds_polling)}",
        f"rollcall_poll_duration_seconds_count {tenant.polls_timed}",
        *metric("sse_clients", "gauge", "Readers of the events.", _one(tenant.readers)),
        *metric("last_success_timestamp_seconds", "gauge", "When the last whole poll came.", _one(tenant.ok_at)),
    ]
    if followed is not None:
        codes = [({"code": code}, 1.0) for code in sorted(followed.findings)]
        expiry = followed.token_expires_at
        lines += metric("alerts", "gauge", "Alerts by name and state.", _alerts(tenant))
        lines += metric("finding", "gauge", "Findings that hold now.", codes)
        lines += metric("token_expires_timestamp_seconds", "gauge", "When the token expires.", _one(expiry))
    if followed is not None and last and tenant.has_board:
        lines += _of_the_board(followed, last.counts, last.as_of)
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _of_the_board(followed: Followed, counts: Mapping[str, int], as_of: float | None) -> list[str]:
    """The agents by standing, and by group and team. A team of whom anybody is not known now has no groups."""
    standings = [({"standing": name}, counts[name]) for name in ("present", "logged_out", "absent", "unknown")]
    groups = [
        ({"group": group, "team": team["team"]}, agents)
        for team in teams(followed.seats.values())
        if not team["unknown"] and not team["stale"]
        for group, agents in team["groups"].items()
    ]
    return [
        *metric("as_of_timestamp_seconds", "gauge", "When the state of the board was true.", _one(as_of)),
        *metric("agents", "gauge", "Agents by standing; they sum up to the roster.", standings),
        *metric("group_agents", "gauge", "Present agents by group and team.", groups),
    ]


def _alerts(tenant: Tenant) -> list[Sample]:
    """The number of alerts of each rule in each state, zeros too."""
    if tenant.desk is None:
        return []
    alerts = tenant.desk.alerts
    count = Counter((alert.name, alert.state) for alert in alerts.now)
    return [
        ({"name": rule.name, "state": state.value}, count[rule.name, state])
        for rule in alerts.rules
        for state in AlertState
    ]


def _one(value: float | None) -> list[Sample]:
    return [] if value is None else [({}, value)]


def _by(label: str, counts: Mapping[str, int]) -> list[Sample]:
    return [({label: name}, count) for name, count in sorted(counts.items())]
