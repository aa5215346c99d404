"""`rollcall fleet apply`: the engine as `fleet.toml` says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.fleet.options import engine_of
from cxone_rollcall.model.wording import counted

if TYPE_CHECKING:
    from cxone_rollcall.config.fleet import FleetFile
    from cxone_rollcall.fleet.engine import Engine
    from cxone_rollcall.fleet.login_setup import LoginSetup
    from cxone_rollcall.model.login import LoginKey


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
def apply(file: Path, dry_run: bool) -> int:
    """Make streams, consumers and tickets what FILE says.

    Shows the difference first. FILE is a fleet.toml: the engine, the zone, and the tenants with references to their
    secrets. Users' logins of this machine move into the engine, sealed with the key in ROLLCALL_FLEET_KEY.
    """
    from cxone_rollcall.config.fleet import read_fleet
    from cxone_rollcall.config.load import config_path
    from cxone_rollcall.config.profiles import read_profiles
    from cxone_rollcall.fleet.login_setup import logins_of

    profiles = read_profiles(config_path(os.environ))
    fleet = read_fleet(file, profiles)
    signals.run(_apply(fleet, logins_of(fleet.tenants, profiles), dry_run))
    return 0


async def _apply(fleet: FleetFile, wanted: dict[str, LoginKey], dry_run: bool) -> None:
    from cxone_rollcall.fleet import operator, streams
    from cxone_rollcall.fleet.engine import streams_of, tokens_of

    async with engine_of({"nats": ",".join(fleet.nats), "zone": fleet.zone}, "apply") as engine:
        layout = await streams.look(engine, fleet.zone, beat=fleet.beat)
        tickets = streams_of(fleet.zone)[0]
        readable = tickets in layout.found and not any(one.where == tickets for one in layout.differs)
        found = await operator.all_tickets(engine, fleet.zone) if readable else {}
        change = operator.plan(fleet.tenants, {tenant: one.data for tenant, one in found.items()})
        logins = _login_setup(engine, fleet.zone, wanted)
        steps, gone = await logins.look(exists=tokens_of(fleet.zone) in layout.found)
        lines = [*map(str, layout.differs), *change.lines()]
        lines += [logins.line(tenant, step) for tenant, step in steps.items() if step.value and not step.fails]
        lines += [f"tenant {tenant}: its login is deleted" for tenant in gone]
        click.echo("\n".join(lines) if lines else "nothing differs")
        failure = logins.failure(steps)
        if lines and not dry_run:
            if layout.differs:
                await streams.make_so(engine, layout, fleet.beat)
                found = await operator.all_tickets(engine, fleet.zone)
                change = operator.plan(fleet.tenants, {tenant: one.data for tenant, one in found.items()})
            await logins.carry_out(steps, gone)  # before the tickets, so that workers find them
            await operator.carry_out(engine, fleet, change, found)
            tenants = counted(len(fleet.tenants), "tenant")
            click.echo(f"{tenants} in zone {fleet.zone}: rollcall fleet worker --zone {fleet.zone}")
        if failure is not None:
            raise failure


def _login_setup(engine: Engine, zone: str, wanted: dict[str, LoginKey]) -> LoginSetup:
    from cxone_rollcall.config.logins import logins_path, store_for
    from cxone_rollcall.fleet.login_setup import LoginSetup
    from cxone_rollcall.fleet.logins import Logins
    from cxone_rollcall.fleet.sealing import keys_of

    path = logins_path(os.environ)
    keys = Logins(engine, zone, lambda: keys_of(os.environ, Path.cwd()))
    return LoginSetup(engine, keys, wanted, lambda key: store_for(key, path))
