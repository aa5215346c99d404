"""The kinds of reports that need a history alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cxone_rollcall.history.reading import History
from cxone_rollcall.reports.gaps import gaps
from cxone_rollcall.reports.occupancy import occupancy
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.report import Kind, Report
from cxone_rollcall.reports.sessions import sessions
from cxone_rollcall.reports.time_in_state import time_in_state
from cxone_rollcall.reports.timeline import timeline
from cxone_rollcall.reports.window import Period

KINDS: Mapping[Kind, Callable[[History, Period, Options], Report]] = {
    "time-in-state": time_in_state,
    "timeline": timeline,
    "sessions": sessions,
    "gaps": gaps,
    "occupancy": occupancy,
}
"""By name. Adherence needs a schedule, too."""
