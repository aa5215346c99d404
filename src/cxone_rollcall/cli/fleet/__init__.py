"""`rollcall fleet`: many tenants on many machines."""

from __future__ import annotations

import click

from cxone_rollcall.cli.fleet.apply import apply
from cxone_rollcall.cli.fleet.demo import demo
from cxone_rollcall.cli.fleet.sink import sink
from cxone_rollcall.cli.fleet.status import status
from cxone_rollcall.cli.fleet.tail import tail
from cxone_rollcall.cli.fleet.up import up
from cxone_rollcall.cli.fleet.worker import worker

command = click.Group(
    commands=[up, apply, worker, status, tail, sink, demo],
    help="Poll many tenants on many machines: tickets, workers and history on NATS JetStream.",
)
