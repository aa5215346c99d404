"""`--alerts FILE` of commands that poll."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cxone_rollcall.alerts.desk import AlertDesk
    from cxone_rollcall.target import Target

alerts_option = click.option(
    "--alerts", metavar="FILE", type=click.Path(path_type=Path), help="Tell when a condition of this file holds."
)

DeskOf = Callable[[str, str], AbstractAsyncContextManager["AlertDesk | None"]]
"""Opens the alerts of a tenant.

The arguments are its name in messages, and what tells its last run from those of others."""


def desks(file: Path | None, complain: Callable[[str], None], *, folder: Path | None = None) -> DeskOf:
    """The alerts of `--alerts` for any tenant, None without it. SettingError names a mistake in the file.

    What a tenant's alerts remember is in `folder`, by default in the user's data folder.
    """
    if file is None:
        return lambda name, kept: nullcontext()
    from cxone_rollcall.alerts.desk import alert_desk, kept_in, senders_of
    from cxone_rollcall.alerts.reading import read_alerts

    read = read_alerts(file)
    senders = senders_of(read, os.environ)

    def desk_of(name: str, kept: str) -> AbstractAsyncContextManager[AlertDesk]:
        path = kept_in(kept, file, folder)
        return alert_desk(read.rules, senders, tenant=name, path=path, complain=complain)

    return desk_of


@asynccontextmanager
async def alerting(
    given: dict[str, Any], target: Target, *, command: str, complain: Callable[[str], None]
) -> AsyncIterator[AlertDesk | None]:
    """The alerts of `--alerts` for a tenant, None without it. SettingError names a mistake before anything is asked.

    Each command goes on from its own last run; that of an emulated tenant begins anew.
    """
    name = target.shown if given["demo"] else target.title
    selected = (*given.get("agents", ()), *given.get("teams", ()))
    with ExitStack() as stack:
        folder = None
        if given["demo"]:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-")))
        desk_of = desks(given["alerts"], complain, folder=folder)
        async with desk_of(name, "\0".join((command, target.shown, name, *selected))) as desk:
            yield desk
