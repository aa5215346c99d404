"""`rollcall fleet sink`: history files for `rollcall report`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.fleet.options import engine_of, folder_option, nats_option, zone_option
from cxone_rollcall.errors import OutputError
from cxone_rollcall.model.wording import counted


@click.command()
@nats_option
@zone_option
@folder_option("Where the files are; made if it is not there.")
def sink(**given: Any) -> int:
    """Move the fleet's history into files, DIR/TENANT.db, until Ctrl-C.

    They are history files as those of rollcall record: rollcall report reads them. Each change is stored once, also if
    this command is killed and started again. The engine keeps a week; what it no longer has is a gap.
    """
    signals.run(_run(given))
    return 0


async def _run(given: dict[str, Any]) -> None:
    from cxone_rollcall.fleet import streams
    from cxone_rollcall.fleet.sink import Sink

    folder: Path = given["folder"]
    try:
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror}") from None
    with signals.stopping() as stopped:
        async with engine_of(given, "sink") as engine:
            await streams.beat_of(engine, given["zone"])
            storing = Sink(engine, given["zone"], folder, terminal.note)
            terminal.note(f"storing the history of zone {given['zone']} in {folder} (Ctrl-C ends)")
            await signals.until(stopped, storing.run())
            terminal.note(f"{counted(storing.stored, 'record')} stored")
