"""`sessions`: when each agent logged in and out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from cxone_rollcall.history.reading import NOT_RECORDED, History
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.framing import framed
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import chosen
from cxone_rollcall.reports.pieces import Piece, coverage_of, days, in_teams
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.reports.window import Period

COLUMNS = ("agent_id", "name", "team", "login", "logout", "seconds", "login_slack", "logout_slack", "ended_by")
_OUT = (Standing.LOGGED_OUT, Standing.ABSENT)


class Session(Value, frozen=True):
    """Seconds without a hole in which an agent was logged in.

    The login lies at most `login_slack` before `login`; None: the agent may have been logged in before. The logout lies
    at most `logout_slack` before `logout`; None: the agent may have been logged in afterwards.
    """

    login: int
    logout: int
    login_slack: int | None
    logout_slack: int | None
    ended_by: str


def sessions(history: History, period: Period, options: Options) -> Report:
    """The sessions of each agent in the window, cut to it.

    Each second in which an agent was present lies in exactly one. A gap ends a session: what follows is another, even
    if nothing seems to have changed. `ended_by` is "logout"; "gap"; "left-roster"; "window" if the session goes on
    after it; "still-open" if it does at the last poll. `team` is that of the login, and chooses.
    """
    options.allow("sessions")
    who = chosen(history, period, options)
    last = history.recorded.last // 1000
    rows: list[tuple[Cell, ...]] = []
    parts: list[list[Piece]] = []
    for one, day in days(history, period, options, who):
        parts.append(list(in_teams(who, one, day)))
        for found in sessions_of(day, reaches_last=period.end >= last):
            team = one.team(found.login)
            if who.counts(team):
                times = period.at(found.login), period.at(found.logout), found.logout - found.login
                slacks = found.login_slack, found.logout_slack
                rows.append((one.agent_id, one.name, team, *times, *slacks, found.ended_by))
    coverage = coverage_of(parts)
    return framed("sessions", COLUMNS, rows, history=history, period=period, who=who, coverage=coverage)


def sessions_of(day: Sequence[Piece], *, reaches_last: bool) -> Iterator[Session]:
    """The sessions of one agent's window. `reaches_last`: the window does not end before the last poll."""
    at = 0
    for present, run in groupby(day, _present):
        begin, at = at, at + len(list(run))
        login, logout = day[begin].begin, day[at - 1].end
        if present and login < logout:
            after = day[at] if at < len(day) else None
            ended_by = _ended_by(after, reaches_last=reaches_last)
            slack = after.slack if after is not None and ended_by == "logout" else None
            yield Session(login, logout, _login_slack(day, begin), slack, ended_by)


def _present(piece: Piece) -> bool:
    return piece.status is not None and piece.status.standing is Standing.PRESENT


def _logged_out(piece: Piece) -> bool:
    return piece.status is not None and piece.status.standing in _OUT


def _login_slack(day: Sequence[Piece], place: int) -> int | None:
    """The slack of the login at the begin of this piece.

    If the agent was logged out before a gap, the login lies within the gap.
    """
    before = place - 1
    while before >= 0 and day[before].is_unknown:
        before -= 1
    if before < 0 or not _logged_out(day[before]):
        return None
    return day[place].slack if before == place - 1 else day[place].begin - day[before].end


def _ended_by(after: Piece | None, *, reaches_last: bool) -> str:
    if after is None:
        return "still-open" if reaches_last else "window"
    if after.status is None:
        return "left-roster"
    if not after.is_unknown:
        return "logout"
    return "still-open" if after.status.cause == NOT_RECORDED else "gap"
