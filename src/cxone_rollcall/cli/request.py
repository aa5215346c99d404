"""`rollcall request`: why does your own program's request get too little?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import account_options, demo_options, timeout_option
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.case import Case

if TYPE_CHECKING:
    from cxone_rollcall.cli.session import Run
    from cxone_rollcall.model.observations.request import RequestAsked
    from cxone_rollcall.request import Question, Trial

EXAMPLE = "rollcall request my-request.txt"


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--entry", metavar="NUMBER", type=click.IntRange(min=1), help="The entry of a HAR file to explain.")
@demo_options
@timeout_option
@account_options("account", "json", "csv", "junit", "html")
def command(**given: Any) -> int:
    """Explain why your own program's request gets [] or too few rows.

    FILE, or - for stdin, holds one GET request for agents or their states: a curl command as shells, browsers and
    Postman have it, PowerShell's Invoke-WebRequest, an HTTP message, a HAR file, or the address alone. Rollcall sends
    it as it stands, then with one thing changed at a time, and prints the corrected request. Secrets in it are never
    shown; a token that it lacks is replaced by rollcall's own.

    Exit codes as for `rollcall check`, for the agents that the request is about; 0: it is right, and its answer true.
    """
    from cxone_rollcall.cli.check import note_rest, render

    question = _read(given["file"], given["entry"])
    with terminal.Output(given["output"]) as output:
        account = signals.run(_explain(given, question))
        for piece in render(
            account, given["format_"], to_file=given["output"] is not None, detailed=given["verbose"] > 0
        ):
            output.write(piece)
    note_rest(account, given["format_"])
    return account.exit_code


def _read(file: Path, entry: int | None) -> Question:
    """Read the file or stdin. SettingError if it has no request; its message quotes no content."""
    from cxone_rollcall.config.read_file import read_file
    from cxone_rollcall.request import LARGEST, question_of, read
    from cxone_rollcall.views.text import printable

    text = str(file)
    if "://" in text.replace(":/", "://") or (text.startswith("curl") and " " in text):
        raise SettingError(
            "give a file, or - for stdin, instead of the request itself: it may hold a token, and other users of this"
            " machine can read the arguments of a process",
            example=EXAMPLE,
        )
    if text == "-" and sys.stdin is None:
        raise SettingError("stdin is closed: give a file", example=EXAMPLE)
    name = "stdin" if text == "-" else printable(text)
    try:
        if text == "-":
            data = _stdin(LARGEST + 1)
        else:
            data, _ = read_file(file, largest=LARGEST, named=name)
    except OSError as error:
        raise SettingError(
            f"{name} cannot be read: {error.strerror or type(error).__name__}", example=EXAMPLE
        ) from None
    except SettingError as refused:  # a device, or too large
        hint = "copy the one request as cURL, and paste it: rollcall request -"
        raise SettingError(f"{refused}. Nothing was requested", example=hint) from None
    try:
        return question_of(read(data, entry=entry))
    except SettingError as refused:
        raise SettingError(f"{name}: {refused}", example=refused.example) from None


def _stdin(most: int) -> bytes:
    if sys.stdin.isatty():
        terminal.note("paste the request, then press Enter and Ctrl-D (on Windows Ctrl-Z and Enter)")
    return sys.stdin.buffer.read(most)


async def _explain(given: dict[str, Any], question: Question) -> Account:
    from cxone_rollcall.cli import session
    from cxone_rollcall.diagnose import Probing, run_probes
    from cxone_rollcall.request import PROBES, Trial, secrets_of
    from cxone_rollcall.roll import Selection, call_roll, reconcile, wait_for_absent

    async with session.opened(given) as run:
        for secret in secrets_of(question.request):
            run.client.secrets.keep(secret)
        if not given["demo"]:
            _need_a_known_host(run, question)
        ledger = run.ledger
        trials: list[Trial] = []

        async def work() -> Case:
            with terminal.progress(run.counts, shown=not given["verbose"]) as step:
                selection = Selection(agents=question.ids, as_sent=True)
                await call_roll(run.client, ledger, selection, progress=step, rng=session.RNG())
                await wait_for_absent(run.client, ledger, given["grace"], progress=step)
                facts = run.facts()
                probing = given["probes"]
                trial = Trial(run.client, ledger, question, demo=given["demo"], probing=probing, progress=step)
                trials.append(trial)
                await trial.run()
            seen = (*facts, *_seen(trials))
            return await run_probes(run.client, reconcile(ledger), seen, probing=Probing(probing), probes=PROBES)

        case, ending = await session.run_limited(work(), seconds=run.seconds)
        if case is None and _seen(trials):
            case = Case(reconcile(ledger), (*run.facts(), *_seen(trials)))
        return run.account(case, ending)


def _seen(trials: list[Trial]) -> tuple[RequestAsked, ...]:
    """What the trial has seen so far, if it has begun."""
    return tuple(seen for trial in trials if (seen := trial.seen()) is not None)


def _need_a_known_host(run: Run, question: Question) -> None:
    """Raise `SettingError` if the request goes to an unknown host. Known are that of the settings and those of NICE."""
    from cxone_rollcall.request import is_known_host

    if not is_known_host(run.client, question.request):
        raise SettingError(
            f"the request goes to {question.request.host}, which is neither the host of the settings"
            f" ({run.target.shown}) nor one of NICE's. Nothing was requested",
            example=f"rollcall request FILE --instance {question.request.host}",
        )
