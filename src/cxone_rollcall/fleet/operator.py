"""What an operator does: tickets as `fleet.toml` says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from cxone_rollcall.config.fleet import FleetFile, FleetTenant
from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.engine import ApiError, Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.log import MOST_TRIES, new_token
from cxone_rollcall.fleet.reading import record_of
from cxone_rollcall.fleet.streams import NOT_FOUND, unanswered
from cxone_rollcall.fleet.tenancy import STOP
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import parse_timestamp

BEHIND = 0.5
"""Seconds to wait for a replica that is behind."""


class Plan(Value, frozen=True):
    """The tickets to make and to take away. A changed tenant is in both."""

    add: tuple[FleetTenant, ...]
    remove: tuple[str, ...]

    def lines(self) -> list[str]:
        """What will change, for people."""
        added = {tenant.id for tenant in self.add}
        lines = [f"tenant {one}: {'changes' if one in added else 'is removed'}" for one in self.remove]
        return lines + [f"tenant {tenant.id}: is added" for tenant in self.add if tenant.id not in self.remove]


def plan(wanted: Iterable[FleetTenant], found: Mapping[str, bytes]) -> Plan:
    """The difference between a file's tenants and the engine's tickets, by tenant."""
    new = {tenant.id: tenant for tenant in wanted}
    same = {one for one, tenant in new.items() if found.get(one) == tickets.encode(tenant)}
    return Plan(
        tuple(tenant for one, tenant in new.items() if one not in same), tuple(one for one in found if one not in same)
    )


async def read_tickets(engine: Engine, zone: str) -> dict[str, Stored]:
    """The tickets of a zone, by tenant, as a replica has them. EngineError if the engine does not answer."""
    stream, found = streams_of(zone)[0], dict[str, Stored]()
    start = 1
    try:
        while some := await engine.read(stream, f"ticket.{zone}.*", start):
            found.update((one.subject.rpartition(".")[2], one) for one in some)
            start = some[-1].sequence + 1
    except Refused as refused:
        raise unanswered(refused) from None
    return found


async def all_tickets(engine: Engine, zone: str) -> dict[str, Stored]:
    """The tickets of a zone, as many as the stream's leader has. EngineError if only replicas that are behind answer.

    Errors are those of `read_tickets`, too.
    """
    tries = 0
    while True:
        found = await read_tickets(engine, zone)
        try:
            there = (await engine.call(f"STREAM.INFO.{streams_of(zone)[0]}"))["state"]["messages"]
        except (Refused, ApiError) as error:
            raise unanswered(error) from None
        if len(found) == there:
            return found
        tries += 1
        if tries == MOST_TRIES:
            raise EngineError(
                f"{len(found)} of the {there} tickets of zone {zone} were read: a node is behind, or tickets are being"
                " changed; try again"
            )
        await asyncio.sleep(BEHIND)


async def has_ticket(engine: Engine, zone: str, tenant: str) -> bool:
    """Whether a tenant is of a zone. EngineError if the engine does not answer."""
    try:
        return await engine.last(streams_of(zone)[0], f"ticket.{zone}.{tenant}", within=5.0) is not None
    except Refused as refused:
        raise unanswered(refused) from None


async def carry_out(engine: Engine, file: FleetFile, change: Plan, found: Mapping[str, Stored]) -> None:
    """Make the tickets what the plan says. EngineError if the engine does not answer; then apply again."""
    add = {tenant.id: tenant for tenant in change.add}
    try:
        for tenant in dict.fromkeys((*change.remove, *add)):  # a changed one is polled again at once
            if tenant in change.remove:
                await engine.delete(streams_of(file.zone)[0], found[tenant].sequence)
                await _end(engine, file.zone, tenant)
            if tenant in add:
                data = tickets.encode(add[tenant])
                await engine.publish(f"ticket.{file.zone}.{tenant}", data, after=0, within=5.0)
    except (Refused, ApiError) as error:
        raise unanswered(error) from None


async def _end(engine: Engine, zone: str, tenant: str) -> None:
    """Write that nobody holds the tenant, then tell its holder to stop. One who does not hear it cannot write."""
    history, subject = streams_of(zone)[1], f"hist.{zone}.{tenant}"
    while (last := await engine.last(history, subject, within=5.0)) is not None:
        record = records.Record(owner="", token=new_token(), number=record_of(last).number, take=True)
        try:
            await engine.publish(subject, records.encode(record), after=last.sequence, within=5.0)
        except Refused as refused:
            if refused.why is not Refusal.MISMATCH:
                raise
        else:
            break
    with suppress(Refused):
        await engine.ask(f"holder.{zone}.{tenant}", STOP, within=5.0)


async def last_sequence(engine: Engine, zone: str) -> int:
    """The sequence of the last record of a zone. EngineError if the engine does not answer."""
    return int((await _history(engine, zone))["state"]["last_seq"])


async def made_at(engine: Engine, zone: str) -> int:
    """When a zone's history was made, in microseconds since the epoch. EngineError as for `last_sequence`."""
    made = parse_timestamp((await _history(engine, zone))["created"])
    return round((made or 0.0) * 1e6)


async def _history(engine: Engine, zone: str) -> dict[str, Any]:
    try:
        return await engine.call(f"STREAM.INFO.{streams_of(zone)[1]}")
    except (Refused, ApiError) as error:
        if isinstance(error, ApiError) and error.code == NOT_FOUND:
            raise EngineError(f"there is no history of zone {zone}: {error}", exit_code=2) from None
        raise unanswered(error) from None
