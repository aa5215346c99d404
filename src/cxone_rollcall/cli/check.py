"""`rollcall check`: the main job."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import account_options, demo_options, not_blank, selection_options, timestamp
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.shell import quoted

if TYPE_CHECKING:
    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.attendance import Expected

FORMATS = ("account", "json", "csv", "junit", "html")


@click.command()
@demo_options
@selection_options
@click.option(
    "--state",
    metavar="STATE",
    callback=not_blank,
    help="Only agents in this state, as the API filters them, and show whom that hides.",
)
@click.option(
    "--updated-since",
    "since",
    metavar="TIME",
    callback=timestamp,
    help="First request only changes since TIME (UTC, or now), and show which agents that hides. API incontact only.",
)
@click.option(
    "--roster",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Who is expected: a CSV with ids, user names, e-mails or names. Shows who of them is not logged in.",
)
@account_options(*FORMATS)
def command(**given: Any) -> int:
    """Account for every agent: list the roster, request states, find causes.

    Exit codes: 0 every agent accounted for; 1 something needs fixing; 2 usage or settings; 3 cannot tell; 4 access
    refused; 5 API not reached; 130 interrupted.
    """
    from cxone_rollcall.cli import session
    from cxone_rollcall.roll import Selection

    selection = Selection(agents=given["agents"], teams=given["teams"], state=given["state"], since=given["since"])
    people = _expected(given)
    with terminal.Output(given["output"]) as output:
        account = signals.run(session.call(given, selection))
        if people:
            account = _with_attendance(account, people, str(given["roster"]))
        for piece in render(
            account, given["format_"], to_file=given["output"] is not None, detailed=given["verbose"] > 0
        ):
            output.write(piece)
    if given["since"] and account.tenant.contract == "v2":
        terminal.note("--updated-since was not sent: the v2 API does not support it")
    note_rest(account, given["format_"])
    return account.exit_code


def _expected(given: dict[str, Any]) -> tuple[Expected, ...]:
    """The people of `--roster`, none without it. SettingError if it cannot be answered with the other options."""
    if given["roster"] is None:
        return ()
    from cxone_rollcall.tables.expected import read_expected

    narrowing = {"--agent": "agents", "--team": "teams", "--state": "state", "--updated-since": "since"}
    for option, name in narrowing.items():
        if given[name]:
            raise SettingError(
                f"--roster compares with the whole roster: leave out {option}",
                example=f"rollcall check --roster {quoted(str(given['roster']))}",
            )
    return read_expected(given["roster"])


def _with_attendance(account: Account, people: tuple[Expected, ...], file: str) -> Account:
    """The account with the people who are expected. A note says who is in the file twice."""
    from cxone_rollcall.views.attendance import remarks
    from cxone_rollcall.views.text import printable

    account = account.with_attendance(people, file)
    for remark in remarks(account.attendance) if account.attendance else ():
        terminal.note(printable(remark))
    return account


def note_rest(account: Account, format_: str) -> None:
    """Print on stderr what csv leaves out. That is the headline and the findings."""
    if account.exit_code and format_ == "csv":
        from cxone_rollcall.views import account as view

        terminal.note(view.summary(account))


def render(account: Account, format_: str, *, to_file: bool, detailed: bool) -> Iterable[bytes]:
    """The account in one of the formats, in pieces.

    Each format but csv has the answers of `rollcall why`, or what `rollcall request` explains. A `detailed` text says
    why checks were skipped.
    """
    from cxone_rollcall.model.observations.request import RequestAsked
    from cxone_rollcall.why import answers

    said = answers(account)
    if format_ == "json":
        from cxone_rollcall.views import json

        return json.account(account, said)
    if format_ == "csv":
        from cxone_rollcall.views import csv
        from cxone_rollcall.views.columns import COLUMNS

        if to_file:
            return csv.account(account, COLUMNS, mark=csv.UTF8_MARK)
        return csv.account(account, COLUMNS, show=terminal.shown())
    if format_ == "junit":
        from cxone_rollcall.views import junit

        return junit.account(account, said)
    if format_ == "html":
        from cxone_rollcall.views import html

        return html.account(account, said)
    looks: dict[str, Any] = {} if to_file else {"cells": terminal.cells(), "strong": terminal.strong}
    if said:
        from cxone_rollcall.views import why

        text = why.answers(account, said, detailed=detailed, **looks)
    elif RequestAsked in account.case:
        from cxone_rollcall.views import request

        text = request.request(account, **looks)
    else:
        from cxone_rollcall.views import account as view

        text = view.account(account, detailed=detailed, **looks)
    return (text.encode("utf-8", "backslashreplace"),)
