"""`rollcall report`: what a history says about a window of time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import tab_key, terminal
from cxone_rollcall.cli.options import format_option, history_option, not_blank, output_option, tz_option
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.views.text import printable

if TYPE_CHECKING:
    from cxone_rollcall.history.reading import History
    from cxone_rollcall.reports.adherence.measure import Terms
    from cxone_rollcall.reports.options import Options
    from cxone_rollcall.reports.report import Report
    from cxone_rollcall.reports.window import Period

KINDS = ("time-in-state", "timeline", "sessions", "gaps", "occupancy", "adherence")
DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t"}
OF_ADHERENCE = ("schedule", "activities", "grace", "exceptions")
"""The options that only adherence has."""
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@history_option
@click.option(
    "--from",
    "begin",
    metavar="TIME",
    default="today",
    show_default=True,
    callback=not_blank,
    help='Begin: a date, a time, or words such as yesterday, monday, 09:30 or "last week".',
)
@click.option(
    "--to",
    "end",
    metavar="TIME",
    callback=not_blank,
    help="End; a day is included, a time without a day is the first one after --from. Default: the end of --from.",
)
@tz_option
@click.option(
    "--agent",
    "agents",
    multiple=True,
    metavar="AGENT",
    callback=not_blank,
    help="Only this agent: id, user name, e-mail or name. May be repeated.",
)
@click.option(
    "--team",
    "teams",
    multiple=True,
    metavar="TEAM",
    callback=not_blank,
    shell_complete=tab_key.completed_by(tab_key.recorded_teams),
    help="Only time in this team. May be repeated.",
)
@click.option(
    "--interval",
    type=click.Choice(("15m", "30m", "1h", "1d")),
    help="time-in-state, occupancy: one row for each such interval.",
)
@click.option(
    "--by",
    type=click.Choice(("agent", "team", "state")),
    help="time-in-state: sum over the agents of a team, or over all agents.",
)
@click.option("--schedule", metavar="FILE", type=FILE, help="adherence: who is to do what when; CSV or iCalendar.")
@click.option(
    "--activities",
    metavar="FILE",
    type=FILE,
    help="adherence: which states fit an activity; TOML. Default: usual ones.",
)
@click.option("--grace", metavar="SPAN", help="adherence: forgive this much at the edges, such as 5m.")
@click.option("--exceptions", is_flag=True, help="adherence: list each span that is out, instead of the sums.")
@format_option("table", "csv", "json", "ndjson", "html", "singer")
@output_option
@click.option(
    "--delimiter",
    metavar="CHARACTER",
    type=click.Choice(tuple(DELIMITERS)),
    help="csv: what separates cells: , ; | or tab. Default: comma.",
)
def command(**given: Any) -> int:
    """Report on a history that `rollcall record` wrote.

    \b
    time-in-state  how long each agent was in which state
    timeline       each state of each agent, with begin and end
    sessions       logins and logouts
    gaps           when states were not known, and why
    occupancy      the share of working time on contacts, by team
    adherence      did agents do what their schedule says?

    Unknown time is never counted as anything else: percentages are ranges, and each report has its coverage.
    """
    _check(given)
    with terminal.Output(given["output"]) as output:
        report, pieces = _made(given)
        for piece in pieces:
            output.write(piece)
    if given["format_"] == "csv":
        from cxone_rollcall.views.reports.words import sentences

        for sentence in sentences(report):
            terminal.note(printable(sentence))
    return 0


def _check(given: dict[str, Any]) -> None:
    """Refuse options that do not fit each other."""
    if given["kind"] == "adherence":
        if given["schedule"] is None:
            raise SettingError(
                "adherence compares with a schedule: give its file",
                example=f"rollcall report adherence --history {quoted(str(given['history']))} --schedule shifts.csv",
            )
    elif unfit := [name for name in OF_ADHERENCE if given[name]]:
        raise SettingError(f"--{unfit[0]} is for adherence, not for {given['kind']}")
    if given["delimiter"] and given["format_"] != "csv":
        raise SettingError(
            f"--delimiter is for csv, not for {given['format_']}", example="--format csv --delimiter ';'"
        )


def _made(given: dict[str, Any]) -> tuple[Report, Iterable[bytes]]:
    """The report, and it in the format that was asked for."""
    from cxone_rollcall.history.reading import reading
    from cxone_rollcall.reports.options import Options
    from cxone_rollcall.reports.window import period_of
    from cxone_rollcall.reports.zones import zone_of

    zone = zone_of(given["tz"])
    period = period_of(given["begin"], given["end"], zone, now=time.time())
    options = Options(agents=given["agents"], teams=given["teams"], interval=given["interval"], by=given["by"])
    terms = _terms(given, period) if given["kind"] == "adherence" else None
    with reading(given["history"]) as history:
        report = _report(given, history, period, options, terms)
        if given["format_"] == "html":
            return report, _page(given, report, history, period, options, terms)
    return report, _text(report, given)


def _report(given: dict[str, Any], history: History, period: Period, options: Options, terms: Terms | None) -> Report:
    if terms is None:
        from cxone_rollcall.reports.kinds import KINDS as OTHERS

        return OTHERS[given["kind"]](history, period, options)
    from cxone_rollcall.reports.adherence.report import adherence, exceptions

    return (exceptions if given["exceptions"] else adherence)(history, period, options, terms)


def _terms(given: dict[str, Any], period: Period) -> Terms:
    """What adherence is measured by: the schedule, the activities, the grace."""
    from cxone_rollcall.model.time_span import EXAMPLES, parse_time_span
    from cxone_rollcall.reports.adherence.activities import Activities
    from cxone_rollcall.reports.adherence.activity_file import read_activities
    from cxone_rollcall.reports.adherence.layout import Layout
    from cxone_rollcall.reports.adherence.measure import Terms
    from cxone_rollcall.reports.adherence.reading import read_schedule

    grace = parse_time_span(given["grace"] or "0s")
    if grace is None:
        raise SettingError(f"--grace {given['grace']!r} is no time span such as {EXAMPLES}", example="--grace 5m")
    activities, layout = Activities(), Layout()
    if given["activities"] is not None:
        activities, layout = read_activities(given["activities"])
    schedule = read_schedule(
        given["schedule"], zone=period.zone, begin=period.begin - grace, end=period.end + grace, layout=layout
    )
    return Terms(schedule=schedule, activities=activities, grace=grace)


def _page(
    given: dict[str, Any], report: Report, history: History, period: Period, options: Options, terms: Terms | None
) -> Iterator[bytes]:
    from cxone_rollcall.reports.pictures import pictures
    from cxone_rollcall.views.reports import html

    out = None
    if terms is not None:
        from cxone_rollcall.reports.adherence.report import exceptions

        out = report if given["exceptions"] else exceptions(history, period, options, terms)
    return html.report(report, pictures(history, period, options, exceptions=out))


def _text(report: Report, given: dict[str, Any]) -> Iterator[bytes]:
    to_file = given["output"] is not None
    if given["format_"] == "csv":
        from cxone_rollcall.views.csv import UTF8_MARK
        from cxone_rollcall.views.reports import csv

        delimiter = DELIMITERS[given["delimiter"] or ","]
        if to_file:
            return csv.report(report, delimiter=delimiter, mark=UTF8_MARK)
        return csv.report(report, delimiter=delimiter, show=terminal.shown())
    if given["format_"] == "table":
        from cxone_rollcall.views.reports import table

        return table.report(report, None if to_file else terminal.cells())
    if given["format_"] == "singer":
        from cxone_rollcall.views.reports import singer

        return singer.report(report)
    from cxone_rollcall.views.reports import json

    return json.report(report) if given["format_"] == "json" else json.report_lines(report)
