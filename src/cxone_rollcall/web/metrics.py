"""The board as Prometheus text. No person's name is a label.

Source: Prometheus, *Exposition formats*, text format 0.0.4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from cxone_rollcall.alerts.events import AlertState
from cxone_rollcall.live.poller import Poller
from cxone_rollcall.version import __version__
from cxone_rollcall.web.documents import teams
from cxone_rollcall.web.tenant import Tenant

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]
"""Labels and value."""

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def render(tenant: Tenant) -> bytes:
    """All metrics of a tenant. What is not known now is left out, never zero."""
    poller, last = tenant.poller, tenant.last
    lines = [
        *_metric("build_info", "gauge", "The version that runs.", [({"version": __version__}, 1)]),
        *_metric("up", "gauge", "Whether the last poll was whole.", _one(last.ok if last else False)),
        *_metric("polls_total", "counter", "Polls by result.", _by("result", tenant.polls)),
        *_metric("requests_total", "counter", "Requests by status.", _by("status", tenant.statuses)),
        *_metric("throttled_total", "counter", "Requests that were answered by 429.", _one(tenant.statuses["429"])),
        "# HELP rollcall_poll_duration_seconds Time that polls took.",
        "# TYPE rollcall_poll_duration_seconds summary",
        f"rollcall_poll_duration_seconds_sum {_number(tenant.seconds_polling)}",
        f"rollcall_poll_duration_seconds_count {tenant.polls_timed}",
        *_metric("sse_clients", "gauge", "Readers of the events.", _one(tenant.readers)),
        *_metric("last_success_timestamp_seconds", "gauge", "When the last whole poll came.", _one(tenant.ok_at)),
    ]
    if poller is not None:
        codes = [({"code": code}, 1.0) for code in sorted(poller.troubles.now)]
        expiry = poller.client.token_expires_at
        lines += _metric("alerts", "gauge", "Alerts by name and state.", _alerts(tenant))
        lines += _metric("finding", "gauge", "Findings that hold now.", codes)
        lines += _metric("token_expires_timestamp_seconds", "gauge", "When the token expires.", _one(expiry))
    if poller is not None and last and tenant.has_board:
        lines += _of_the_board(poller, last.counts, last.as_of)
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _of_the_board(poller: Poller, counts: Mapping[str, int], as_of: float | None) -> list[str]:
    """The agents by standing, and by group and team. A team of whom anybody is not known now has no groups."""
    standings = [({"standing": name}, counts[name]) for name in ("present", "logged_out", "absent", "unknown")]
    groups = [
        ({"group": group, "team": team["team"]}, number)
        for team in teams(poller.board.seats.values())
        if not team["unknown"] and not team["stale"]
        for group, number in team["groups"].items()
    ]
    return [
        *_metric("as_of_timestamp_seconds", "gauge", "When the state of the board was true.", _one(as_of)),
        *_metric("agents", "gauge", "Agents by standing; they sum up to the roster.", standings),
        *_metric("group_agents", "gauge", "Present agents by group and team.", groups),
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


def _metric(name: str, kind: str, about: str, samples: Iterable[Sample]) -> list[str]:
    made = [f"rollcall_{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    return [f"# HELP rollcall_{name} {about}", f"# TYPE rollcall_{name} {kind}", *made] if made else []


def _one(value: float | None) -> list[Sample]:
    return [] if value is None else [({}, value)]


def _by(label: str, counts: Mapping[str, int]) -> list[Sample]:
    return [({label: name}, number) for name, number in sorted(counts.items())]


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{text.translate(_ESCAPES)}"' for name, text in labels.items())
    return "{" + inside + "}" if labels else ""


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
