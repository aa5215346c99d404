"""The options of a report: agents, teams, interval, and grouping."""

from __future__ import annotations

from typing import Literal, get_args

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.report import Kind
from cxone_rollcall.reports.zones import Length

By = Literal["agent", "team", "state"]
BYS: tuple[By, ...] = get_args(By)


class Options(Value, frozen=True, kw_only=True):
    """The agents of a report, and how their time is divided.

    `agents` are ids, user names, e-mails or names, and `teams` names of teams; empty means all. Without `interval` the
    window is one bucket. `by` None is what the kind is usually by.
    """

    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    interval: Length | None = None
    by: By | None = None

    def allow(self, kind: Kind, *, interval: bool = False, by: tuple[By, ...] = ()) -> None:
        """Raise `SettingError` if a kind of report cannot be divided as asked."""
        if self.interval is not None and not interval:
            raise SettingError(f"--interval divides time-in-state and occupancy, not {kind}")
        if self.by is not None and self.by not in by:
            usable = f"only {' or '.join(by)}" if by else "neither agent, team nor state"
            raise SettingError(f"--by {self.by} does not fit {kind}: it takes {usable}")
