"""`rollcall alerts`: check a file of alerts, and send a trial."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cxone_rollcall.cli import signals, terminal

if TYPE_CHECKING:
    from cxone_rollcall.alerts.rules import AlertFile
    from cxone_rollcall.alerts.senders import Send


@click.group()
def command() -> None:
    """Check a file of alerts, and send a trial."""


@command.command(short_help="Check a file of alerts, and send a trial to each place.")
@click.argument("file", type=click.Path(path_type=Path))
def test(file: Path) -> int:
    """Check FILE, and send a trial to each place that it names. Asks no tenant."""
    from cxone_rollcall.alerts.reading import read_alerts
    from cxone_rollcall.alerts.secrets import address_of
    from cxone_rollcall.alerts.senders import sender_of
    from cxone_rollcall.findings.account import EXIT_CODES, Verdict

    read = read_alerts(file)
    senders = {place.name: sender_of(address_of(place, os.environ), time.time) for place in read.places}
    terminal.say(_rules(file, read))
    failures = signals.run(_try_all(senders))
    for place, failure in failures.items():
        terminal.say(f"{place}: {'not sent: ' + failure if failure else 'a trial was sent'}")
    return EXIT_CODES[Verdict.NOT_REACHED] if any(failures.values()) else 0


def _rules(file: Path, read: AlertFile) -> str:
    lines = [f"  {rule.name}: {', '.join(rule.send) or 'shown, not sent'}" for rule in read.rules]
    return "\n".join((f"{file} is right. It has these alerts:", *lines))


async def _try_all(senders: dict[str, Send]) -> dict[str, str]:
    """Send a trial to each place at once. Returns why it was not sent, "" if it was."""
    tried = await asyncio.gather(*(_try(place, send) for place, send in senders.items()))
    return dict(zip(senders, tried, strict=True))


async def _try(place: str, send: Send) -> str:
    from cxone_rollcall.alerts.message import trial_body
    from cxone_rollcall.alerts.senders import NotSent

    try:
        await send(f"msg_trial_{secrets.token_hex(8)}", trial_body(place, time.time()))
    except NotSent as error:
        return str(error)
    return ""
