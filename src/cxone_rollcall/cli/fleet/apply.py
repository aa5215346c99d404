"""`rollcall fleet apply`: the engine as `fleet.toml` says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.fleet.options import engine_of


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
def apply(file: Path, dry_run: bool) -> int:
    """Make streams, consumers and tickets what FILE says.

    Shows the difference first. FILE is a fleet.toml: the engine, the zone, and the tenants with references to their
    secrets.
    """
    from cxone_rollcall.config.fleet import read_fleet
    from cxone_rollcall.config.load import config_path
    from cxone_rollcall.config.profiles import read_profiles

    fleet = read_fleet(file, read_profiles(config_path(os.environ)))
    signals.run(_apply(fleet, dry_run))
    return 0


async def _apply(fleet: Any, dry_run: bool) -> None:
    from cxone_rollcall.fleet import operator, streams
    from cxone_rollcall.fleet.engine import streams_of

    async with engine_of({"nats": ",".join(fleet.nats), "zone": fleet.zone}, "apply") as engine:
        layout = await streams.look(engine, fleet.zone, beat=fleet.beat)
        tickets = streams_of(fleet.zone)[0]
        readable = tickets in layout.found and not any(one.where == tickets for one in layout.differs)
        found = await operator.all_tickets(engine, fleet.zone) if readable else {}
        change = operator.plan(fleet.tenants, {tenant: one.data for tenant, one in found.items()})
        lines = [*map(str, layout.differs), *change.lines()]
        click.echo("\n".join(lines) if lines else "nothing differs")
        if dry_run or not lines:
            return
        if layout.differs:
            await streams.make_so(engine, layout, fleet.beat)
            found = await operator.all_tickets(engine, fleet.zone)
            change = operator.plan(fleet.tenants, {tenant: one.data for tenant, one in found.items()})
        await operator.carry_out(engine, fleet, change, found)
    click.echo(f"{len(fleet.tenants)} tenants in zone {fleet.zone}: rollcall fleet worker --zone {fleet.zone}")
