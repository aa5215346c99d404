"""`rollcall fleet up`: an embedded engine."""

from __future__ import annotations

from pathlib import Path

import click

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.fleet.options import folder_option, need_nats


@click.command()
@folder_option("What the engine stores, its configuration and its log.")
@click.option("--nodes", type=click.Choice(["1", "3"]), default="1", show_default=True, help="Three survive one.")
def up(folder: Path, nodes: str) -> int:
    """Run an engine on this machine until Ctrl-C.

    It is a nats-server on loopback, with its configuration in DIR. Three nodes on one machine show how three machines
    behave, but they have one disk and one power supply. Prints the address of each node.
    """
    need_nats()
    signals.run(_run(folder, int(nodes)))
    return 0


async def _run(folder: Path, nodes: int) -> None:
    from cxone_rollcall.fleet.embedded import running

    with signals.stopping() as stopped:
        async with running(folder, nodes) as made:
            for node in made:
                click.echo(node.url)
            await stopped.wait()
