"""What an operator does: tickets as `fleet.toml` says, and who polls what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from cxone_rollcall.config.fleet import FleetFile, FleetTenant
from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.engine import ApiError, Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.log import new_token
from cxone_rollcall.fleet.streams import unanswered
from cxone_rollcall.fleet.tenancy import MARK, STOP
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

LATE = 3
"""Intervals without a poll after which a tenant is late."""
SCHEMA = "rollcall/fleet/1"
GATHER, QUIET = 2.0, 0.5
"""Seconds in which workers tell how they are, and of silence after. One that is stopped tells none."""


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
    """The tickets of a zone, by tenant. EngineError if the engine does not answer."""
    stream, found = streams_of(zone)[0], dict[str, Stored]()
    start = 1
    try:
        while True:
            some = await engine.read(stream, f"ticket.{zone}.*", start)
            if not some:
                return found
            found.update((one.subject.rpartition(".")[2], one) for one in some)
            start = some[-1].sequence + 1
    except Refused as refused:
        raise unanswered(refused) from None


async def carry_out(engine: Engine, file: FleetFile, change: Plan, found: Mapping[str, Stored]) -> None:
    """Make the tickets what the plan says. EngineError if the engine does not answer; then apply again."""
    stream, history, _ = streams_of(file.zone)
    try:
        for tenant in change.remove:
            with suppress(ApiError):  # it is gone already
                await engine.call(f"STREAM.MSG.DELETE.{stream}", {"seq": found[tenant].sequence})
            await _end(engine, history, file.zone, tenant)
        for added in change.add:
            await engine.publish(f"ticket.{file.zone}.{added.id}", tickets.encode(added), after=0, within=5.0)
    except Refused as refused:
        raise unanswered(refused) from None


async def _end(engine: Engine, history: str, zone: str, tenant: str) -> None:
    """Write that nobody holds the tenant, then tell its holder to stop. One who does not hear it cannot write."""
    subject = f"hist.{zone}.{tenant}"
    last = await engine.last(history, subject, within=5.0)
    if last is not None:
        number = records.decode_record(last.data).number
        record = records.Record(owner="", token=new_token(), number=number, take=True)
        try:
            await engine.publish(subject, records.encode(record), after=last.sequence, within=5.0)
        except Refused as refused:
            if refused.why.name == "MISMATCH":
                await _end(engine, history, zone, tenant)
                return
            raise
    with suppress(Refused):
        await engine.ask(f"holder.{zone}.{tenant}", STOP, within=5.0)


async def survey(engine: Engine, zone: str, *, now: float) -> dict[str, Any]:
    """How the fleet is: tenants, workers, engine. `now` is the time in seconds since the epoch."""
    found = await read_tickets(engine, zone)
    answers = [json.loads(one) for one in await engine.gather(f"fleet.{zone}.status", within=GATHER, quiet=QUIET)]
    told = {one["tenant"]: (worker, one) for worker in answers for one in worker["tenants"]}
    history = streams_of(zone)[1]
    rows = []
    for name, stored in sorted(found.items()):
        tenant = tickets.decode(stored.data)
        if name in told:
            rows.append(_held(*told[name], now=now))
        else:
            reasons = [worker["refused"][name] for worker in answers if name in worker["refused"]]
            rows.append(await _unheld(engine, history, zone, tenant, reasons, now=now))
    workers = [
        {"worker": one["worker"], "tenants": len(one["tenants"]), "capacity": one["capacity"]} for one in answers
    ]
    return {
        "schema": SCHEMA,
        "tenants": rows,
        "workers": sorted(workers, key=lambda one: str(one["worker"])),
        "engine": await health(engine, zone),
    }


def _held(worker: Mapping[str, Any], one: Mapping[str, Any], *, now: float) -> dict[str, Any]:
    age = one["age"]
    return {
        "tenant": one["tenant"],
        "worker": worker["worker"],
        "interval": one["interval"],
        "last_poll_at": None if age is None else format_timestamp(now - age),
        "age": age,
        "late": age is not None and age > LATE * one["interval"],
        "counts": one["counts"],
        "number": one["number"],
        "findings": one["findings"],
        "missed": one["missed"],
    }


async def _unheld(
    engine: Engine, stream: str, zone: str, tenant: FleetTenant, reasons: list[str], *, now: float
) -> dict[str, Any]:
    """A tenant of which no worker tells. Its last record says how long ago it was polled at least once.

    `late` is None if that may be later: a worker that does not answer may poll it, and nothing changed.
    """
    try:
        last = await engine.last(stream, f"hist.{zone}.{tenant.id}", within=2.0)
    except Refused as refused:
        raise unanswered(refused) from None
    record = records.decode_record(last.data) if last else None
    seen = record.received_at if record else None
    age = None if seen is None else max(0.0, now - seen)
    late = age is None or age > MARK + LATE * tenant.interval
    return {
        "tenant": tenant.id,
        "worker": None,
        "interval": tenant.interval,
        "last_poll_at": None if seen is None else format_timestamp(seen),
        "age": age,
        "late": late or bool(reasons) or None,
        "counts": dict(record.counts) if record else {},
        "number": record.number if record else 0,
        "findings": [],
        "missed": "; ".join(reasons) or "no worker holds it",
    }


async def health(engine: Engine, zone: str) -> dict[str, Any]:
    """The nodes of the engine, and which of them leads each stream."""
    nodes: dict[str, bool] = {}
    leaders: dict[str, str | None] = {}
    for stream in streams_of(zone):
        try:
            info = await engine.call(f"STREAM.INFO.{stream}", within=2.0)
        except (Refused, ApiError):
            leaders[stream] = None
            continue
        cluster = info.get("cluster") or {}
        leaders[stream] = leader = cluster.get("leader")  # also of a node that is alone
        if leader:
            nodes[leader] = True
        for replica in cluster.get("replicas") or ():
            nodes[replica["name"]] = bool(replica.get("current")) and not replica.get("offline")
    return {
        "nodes": [{"node": name, "current": current} for name, current in sorted(nodes.items())],
        "leaders": leaders,
    }


def exit_code(found: Mapping[str, Any]) -> int:
    """1 if a tenant is late, 3 if unclear, else 0."""
    late = [one["late"] for one in found["tenants"]]
    return 1 if True in late else 3 if None in late else 0


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
    except ApiError as error:
        raise EngineError(f"there is no history of zone {zone}: {error}", exit_code=2) from None
    except Refused as refused:
        raise unanswered(refused) from None
