"""`--alerts FILE` of commands that poll."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cxone_rollcall.alerts.desk import AlertDesk
    from cxone_rollcall.target import Target

alerts_option = click.option(
    "--alerts", metavar="FILE", type=click.Path(path_type=Path), help="Tell when a condition of this file holds."
)


@asynccontextmanager
async def alerting(
    given: dict[str, Any], target: Target, *, command: str, complain: Callable[[str], None]
) -> AsyncIterator[AlertDesk | None]:
    """The alerts of `--alerts` for a tenant, None without it. SettingError names a mistake before anything is asked.

    Each command goes on from its own last run; that of an emulated tenant begins anew.
    """
    file: Path | None = given["alerts"]
    if file is None:
        yield None
        return
    from cxone_rollcall.alerts.desk import alert_desk, kept_in
    from cxone_rollcall.alerts.reading import read_alerts

    rules = read_alerts(file)
    name = target.profile or target.shown
    with ExitStack() as stack:
        if given["demo"]:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-"))) / "alerts.json"
        else:
            selected = (*given.get("agents", ()), *given.get("teams", ()))
            path = kept_in("\0".join((command, target.shown, name, *selected)), file)
        async with alert_desk(rules, tenant=name, path=path, environ=os.environ, complain=complain) as desk:
            yield desk
