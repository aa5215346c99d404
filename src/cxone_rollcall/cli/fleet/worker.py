"""`rollcall fleet worker`: polls tenants."""

from __future__ import annotations

import os
import socket
from contextlib import AsyncExitStack
from typing import Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.address import address_of
from cxone_rollcall.cli.fleet.options import engine_of, nats_option, zone_option
from cxone_rollcall.model.wording import counted

MOST = 2000
"""Tenants of a worker. It tells how 3,000 are in one message, which then has the megabyte that the engine takes."""


@click.command()
@nats_option
@zone_option
@click.option(
    "--capacity", metavar="N", type=click.IntRange(1, MOST), default=250, show_default=True, help="Tenants, at most."
)
@click.option(
    "--metrics", metavar="HOST:PORT", help="Serve Prometheus metrics, /healthz and /readyz here. Port 0: any free."
)
def worker(**given: Any) -> int:
    """Poll tenants of a zone until SIGTERM or Ctrl-C.

    It takes tenants that nobody polls, while it has room. When it ends, it hands them over first, so that none is
    missed. The secrets that tickets refer to must be on this machine.
    """
    address = None if given["metrics"] is None else address_of(given["metrics"], example="--metrics 127.0.0.1:9464")
    signals.run(_run(given, address))
    return 0


async def _run(given: dict[str, Any], address: tuple[str, int] | None) -> None:
    from cxone_rollcall.config.load import config_path
    from cxone_rollcall.config.profiles import read_profiles
    from cxone_rollcall.fleet import streams
    from cxone_rollcall.fleet.metrics import serving
    from cxone_rollcall.fleet.worker import Worker, worker_name

    profiles = read_profiles(config_path(os.environ))
    zone, name = given["zone"], worker_name(socket.gethostname())
    with signals.stopping() as stopped:
        async with engine_of(given, "worker") as engine:
            beat = await streams.beat_of(engine, zone)
        async with engine_of(given, name, beat=beat) as engine:
            polling = Worker(
                engine,
                zone=zone,
                beat=beat,
                capacity=given["capacity"],
                name=name,
                profiles=profiles,
                environ=os.environ,
                complain=terminal.note,
            )
            terminal.note(f"worker {name} polls tenants of zone {zone}, at most {given['capacity']} (Ctrl-C ends)")
            async with AsyncExitStack() as stack:
                if address is not None:
                    url = await stack.enter_async_context(serving(polling, *address, beat))
                    terminal.note(f"metrics at {url}")
                await polling.run(stopped)
            terminal.note(f"worker {name} has ended: {counted(polling.taken, 'tenant')} taken in all")
