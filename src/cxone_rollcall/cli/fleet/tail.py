"""`rollcall fleet tail`: the changes as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.fleet.options import engine_of, name_of, nats_option, zone_option
from cxone_rollcall.cli.options import format_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.fleet.engine import Engine
    from cxone_rollcall.fleet.records import Record


@click.command()
@nats_option
@zone_option
@click.option("--tenant", metavar="T", callback=name_of, help="Only this tenant.")
@click.option("--from-start", is_flag=True, help="Begin with the oldest change that the engine has: it keeps a week.")
@format_option("ndjson", to_file=False)
def tail(**given: Any) -> int:
    """Print the changes as they come, each once, until Ctrl-C.

    Each is an object as of rollcall watch, with its tenant, number, owner and as_of. The numbers of a tenant have no
    gap: who misses one has lost a change.
    """
    signals.run(_run(given))
    return 0


async def _run(given: dict[str, Any]) -> None:
    from cxone_rollcall.fleet import operator, streams

    with signals.stopping() as stopped:
        async with engine_of(given, "tail") as engine:
            await streams.beat_of(engine, given["zone"])
            if given["tenant"] and not await operator.has_ticket(engine, given["zone"], given["tenant"]):
                terminal.note(f"zone {given['zone']} has no tenant {given['tenant']} now: nobody polls it")
            start = 1 if given["from_start"] else await operator.last_sequence(engine, given["zone"]) + 1
            await signals.until(stopped, _print(engine, given["zone"], given["tenant"], start))


async def _print(engine: Engine, zone: str, tenant: str | None, start: int) -> None:
    from cxone_rollcall.fleet.reading import follow, record_of

    with terminal.Output(None) as output:
        async for found in follow(engine, zone, tenant, start):
            for one in found:
                for line in lines(one.subject.rpartition(".")[2], record_of(one)):
                    output.write(line)
            output.flush()


def lines(tenant: str, record: Record) -> Iterator[bytes]:
    """The changes of a record as lines of JSON."""
    from cxone_rollcall.live.events import Change
    from cxone_rollcall.model.timestamp import format_timestamp
    from cxone_rollcall.views import live
    from cxone_rollcall.views.json import encode

    first, polled = record.number - len(record.changes) + 1, record.polled
    if polled is None:
        return
    as_of = None if polled.as_of is None else format_timestamp(polled.as_of)
    for number, one in enumerate(record.changes, first):
        change = Change(poll=polled.poll, agent_id=one.agent_id, before=one.before, after=one.after)
        extra = {"tenant": tenant, "number": number, "owner": record.owner, "as_of": as_of}
        yield encode({**live.document(change, {one.agent_id: one.codes}), **extra}) + b"\n"
