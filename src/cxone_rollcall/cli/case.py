"""`rollcall case`: show a saved run, and judge it again offline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cxone_rollcall.casefile.document import CaseFile
from cxone_rollcall.cli import case_files, terminal
from cxone_rollcall.cli.check import FORMATS, note_rest, render
from cxone_rollcall.cli.options import format_option, output_option
from cxone_rollcall.errors import SettingError, kind_and_place
from cxone_rollcall.findings.account import Account
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.text import brief, contents, printable

if TYPE_CHECKING:
    from cxone_rollcall.casefile.diff import Difference

FILE = click.Path(path_type=Path)
TARGET_CELLS = 90
"""Cells of a text in the list of exchanges. `case show FILE NUMBER` shows all of it."""

MOST_OF_A_PART = 30
"""Differences of a part that `case diff` lists as text."""


@click.group()
def command() -> None:
    """Show a run that --save kept, judge it again, or compare two. Sends no requests."""


@command.command(short_help="List the requests of a saved run.")
@click.argument("file", type=FILE)
@click.argument("numbers", metavar="[NUMBER]...", type=int, nargs=-1)
@format_option("text", "json", to_file=False)
def show(file: Path, numbers: tuple[int, ...], format_: str) -> int:
    """List the requests of a saved run. With NUMBER, print those requests in full, secrets replaced."""
    read = case_files.load(file)
    exchanges = _chosen(read.kept.exchanges, numbers, file)
    if format_ == "json":
        from cxone_rollcall.views import json

        terminal.say("[\n" + ",\n".join(json.encode(one).decode() for one in exchanges) + "\n]")
        return 0
    for remark in read.remarks:
        terminal.note(printable(remark))
    if not numbers:
        terminal.say(head(read.kept))
    for exchange in exchanges:
        terminal.say(in_full(exchange) if numbers else in_one_line(exchange))
    return 0


@command.command(short_help="Judge a saved run again.")
@click.argument("file", type=FILE)
@format_option(*FORMATS)
@output_option
@click.option("-v", "--verbose", is_flag=True, help="Show also which checks were skipped, and why.")
def judge(file: Path, format_: str, output: Path | None, *, verbose: bool) -> int:
    """Run this version's checks on a saved run. Account and exit codes are those of `rollcall check`."""
    _check_is_another(output, file)
    with terminal.Output(output) as written:
        read = case_files.load(file)
        for remark in read.remarks:
            terminal.note(printable(remark))
        account = _judged(read.kept, printable(str(file)))
        for piece in render(account, format_, to_file=output is not None, detailed=verbose):
            written.write(piece)
    note_rest(account, format_)
    return account.exit_code


@command.command(short_help="Compare two saved runs.")
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@format_option("text", "json", to_file=False)
def diff(before: Path, after: Path, format_: str) -> int:
    """Show what differs between two saved runs.

    Settings, token, roster, states, findings, and the shapes of the responses of each endpoint.
    """
    from cxone_rollcall.casefile.diff import differences
    from cxone_rollcall.views import json

    runs = [case_files.load(file) for file in (before, after)]
    accounts = [_judged(run.kept, printable(str(file))) for run, file in zip(runs, (before, after), strict=True)]
    found = differences(*accounts, names=not any(run.kept.anonymized for run in runs))
    if format_ == "json":
        document = {"schema": "rollcall/diff/1", "before": str(before), "after": str(after), "differences": found}
        terminal.say(json.indented(document).decode().rstrip())
        return 0
    for run in runs:
        terminal.say(head(run.kept))
    terminal.say("\n".join(_in_parts(found)) or "They do not differ, except in their times.")
    return 0


def _in_parts(found: Sequence[Difference]) -> Iterator[str]:
    """The differences as lines, by part. A long part is cut, and says so."""
    for part, group in groupby(found, key=lambda one: one.part):
        ones = list(group)
        yield f"\n{part}"
        for one in ones[:MOST_OF_A_PART]:
            what, old, new = (printable(text) for text in (one.what, one.before, one.after))
            yield f"  {what}: {old or '(none)'} -> {new or '(none)'}"
        if len(ones) > MOST_OF_A_PART:
            yield f"  and {len(ones) - MOST_OF_A_PART} more; --format json lists all"


@command.command(short_help="Write the requests of a saved run as a HAR file.")
@click.argument("file", type=FILE)
@output_option
def har(file: Path, output: Path | None) -> int:
    """Write the requests of a saved run as HAR 1.2, secrets replaced.

    The developer tools of browsers open it: Network, Import HAR file.
    """
    from cxone_rollcall.casefile.har import har as har_of

    _check_is_another(output, file)
    with terminal.Output(output) as written:
        written.write(har_of(case_files.load(file).kept))
    return 0


def _check_is_another(output: Path | None, file: Path) -> None:
    """Raise `SettingError` if the output would overwrite the saved run."""
    if output is not None and output.resolve() == file.resolve():
        raise SettingError(f"--output is the saved run itself, {file}: name another file", example="-o other-file")


def _judged(kept: CaseFile, name: str) -> Account:
    """Judge a case. SettingError if a check crashes: only a changed file has facts that do not fit together."""
    from cxone_rollcall.findings.judge import account_of

    try:
        account = account_of(kept.case, kept)
        crashed = next((one for one in account.outcomes if one.ended == "crashed"), None)
    except Exception as error:  # noqa: BLE001  the file may hold anything
        raise _unfit(name, kind_and_place(error)) from None
    if crashed is not None:
        raise _unfit(name, f"the check {crashed.check} failed: {crashed.why}")
    return account


def _unfit(name: str, why: str) -> SettingError:
    return SettingError(
        f"{name} does not fit together ({why}). It was changed, or rollcall has a fault: save the case anew, or report"
        " this if nobody changed it",
        example="rollcall check --save case.json",
    )


def _chosen(exchanges: Sequence[Exchange], numbers: tuple[int, ...], file: Path) -> Sequence[Exchange]:
    """The exchanges with these numbers, or all. Raises `SettingError` for an unknown number."""
    if not numbers:
        return exchanges
    known = {exchange.number: exchange for exchange in exchanges}
    for number in numbers:
        if number not in known:
            there = f"its requests are 1 to {max(known)}" if known else "it has none"
            example = f"rollcall case show {quoted(str(file))}"
            raise SettingError(f"this case has no request {number}: {there}", example=example)
    return [known[number] for number in numbers]


def head(kept: CaseFile) -> str:
    """The first line of a case: tenant, contract, start, requests, version."""
    who = "   anonymized" if kept.anonymized else ""
    began = f"{kept.started_at:%Y-%m-%d %H:%M:%S} UTC"
    sent = counted(len(kept.exchanges), "request")
    return printable(f"{kept.tenant.instance}  {kept.tenant.contract}  {began}  {sent}  rollcall {kept.rollcall}{who}")


def in_one_line(exchange: Exchange, *, cells: int | None = TARGET_CELLS) -> str:
    """An exchange in one line: number, start, request, status, duration, purpose."""
    outcome = str(exchange.status) if exchange.status is not None else f"- {exchange.fault}"
    method, target, outcome, purpose = (
        printable(text) if cells is None else brief(text, cells)
        for text in (exchange.method, exchange.target, outcome, exchange.purpose)
    )
    took = f"{exchange.milliseconds:.0f} ms"
    return f"#{exchange.number:<4} {exchange.began:8.3f} s  {method} {target}  {outcome}  {took}  {purpose}"


def in_full(exchange: Exchange) -> str:
    """An exchange as `-vv` shows it."""
    lines = [in_one_line(exchange, cells=None), *contents(exchange)]
    if exchange.left_out:
        lines.append(f"  < ({printable(exchange.left_out)})")
    return "\n".join(lines)
