"""What an operator does: tickets as `fleet.toml` says, and who polls what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from cxone_rollcall.config.fleet import FleetFile, FleetTenant
from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.engine import ApiError, Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.log import MOST_TRIES, new_token
from cxone_rollcall.fleet.reading import record_of
from cxone_rollcall.fleet.record_maker import MARK
from cxone_rollcall.fleet.records import NewerSchema
from cxone_rollcall.fleet.streams import NO_LEADER, unanswered
from cxone_rollcall.fleet.tenancy import STOP
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

LATE = 3
"""Intervals after which a tenant is late. Without a *whole* poll in them it is blind."""
SCHEMA = "rollcall/fleet/1"
BEHIND = 0.5
"""Seconds to wait for a replica that is behind."""
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
        number = record_of(last).number
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


async def survey(engine: Engine, zone: str) -> dict[str, Any]:
    """How the fleet is: tenants, workers, engine. Times are the engine's: ours may be wrong."""
    found = await all_tickets(engine, zone)
    answers = [json.loads(one) for one in await engine.gather(f"fleet.{zone}.status", within=GATHER, quiet=QUIET)]
    told = _freshest(answers)
    history = streams_of(zone)[1]
    rows = []
    try:
        now = await engine.time_of(history)
        for name, ticket in sorted(found.items()):
            if name in told:
                rows.append(_held(*told[name], now=now))
            else:
                reasons = [worker["refused"][name] for worker in answers if name in worker["refused"]]
                last = await engine.last(history, f"hist.{zone}.{name}", within=2.0)
                rows.append(unheld(name, ticket, last, reasons, now=now))
    except Refused as refused:
        raise unanswered(refused) from None
    workers = [
        {"worker": one["worker"], "tenants": len(one["tenants"]), "capacity": one["capacity"]} for one in answers
    ]
    return {
        "schema": SCHEMA,
        "tenants": rows,
        "workers": sorted(workers, key=lambda one: str(one["worker"])),
        "engine": await health(engine, zone),
    }


def _freshest(answers: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The worker of each tenant, and what it tells of it. While a tenant is handed over, two may tell of it."""
    told: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    for worker in answers:
        for one in worker["tenants"]:
            known = told.get(one["tenant"])
            if known is None or _age(one) < _age(known[1]):
                told[one["tenant"]] = worker, one
    return told


def _age(one: Mapping[str, Any]) -> float:
    return float("inf") if one["age"] is None else float(one["age"])


def _held(worker: Mapping[str, Any], one: Mapping[str, Any], *, now: float) -> dict[str, Any]:
    """A tenant of which a worker tells. Before its first whole poll nobody knows whether it is blind."""
    age, whole_age = one["age"], one["whole_age"]
    return {
        "tenant": one["tenant"],
        "worker": worker["worker"],
        "interval": one["interval"],
        "last_poll_at": None if age is None else format_timestamp(now - age),
        "age": age,
        "late": _is_overdue(age, one),
        "whole_age": whole_age,
        "blind": _is_overdue(whole_age, one),
        "counts": one["counts"],
        "number": one["number"],
        "findings": one["findings"],
        "missed": one["missed"],
    }


def _is_overdue(age: float | None, one: Mapping[str, Any]) -> bool | None:
    """Whether what is so old should have come again. None if it never came, and may still come in time."""
    if age is None:
        return one["held"] > LATE * one["interval"] or None
    return age > float(LATE * one["interval"])


def unheld(name: str, ticket: Stored, last: Stored | None, reasons: Sequence[str], *, now: float) -> dict[str, Any]:
    """A tenant of which no worker tells. `last` is its last record, `reasons` why workers cannot poll it.

    It is late if it was never polled, or if even a tenant without changes would have a younger record. Else `late` is
    None: the answer of its worker may be lost.
    """
    interval, record = None, None
    missed = "; ".join(reasons) or "no worker tells of it"
    try:
        interval = tickets.decode(ticket.data).interval
        record = records.decode_record(last.data) if last else None
    except (NewerSchema, ValueError):
        missed = "a newer version wrote its ticket or its history: update this rollcall"
    polled = record.polled if record else None
    polled_at = last.at if last and record and not record.take else polled.as_of if polled else None
    silent = None if last is None or interval is None else now - last.at > MARK + LATE * interval
    return {
        "tenant": name,
        "worker": None,
        "interval": interval,
        "last_poll_at": None if polled_at is None else format_timestamp(polled_at),
        "age": None if polled_at is None else max(0.0, now - polled_at),
        "late": last is None or silent or None,
        "whole_age": None,
        "blind": None,
        "counts": dict(polled.counts) if polled else {},
        "number": record.number if record else 0,
        "findings": [],
        "missed": missed,
    }


async def health(engine: Engine, zone: str) -> dict[str, Any]:
    """The nodes of the engine, and the leader of each stream.

    None is no leader. `unasked` are the streams of which nothing is known, as the engine did not answer.
    """
    nodes: dict[str, bool] = {}
    leaders: dict[str, str | None] = {}
    unasked: list[str] = []
    for stream in streams_of(zone):
        try:
            cluster = (await engine.call(f"STREAM.INFO.{stream}", within=2.0)).get("cluster") or {}
        except Refused:
            unasked.append(stream)
            continue
        except ApiError as error:
            if error.code == NO_LEADER:
                leaders[stream] = None
            else:
                unasked.append(stream)
            continue
        leaders[stream] = leader = cluster.get("leader")  # also of a node that is alone
        if leader:
            nodes[leader] = True
        for replica in cluster.get("replicas") or ():
            nodes[replica["name"]] = bool(replica.get("current")) and not replica.get("offline")
    return {
        "nodes": [{"node": name, "current": current} for name, current in sorted(nodes.items())],
        "leaders": leaders,
        "unasked": unasked,
    }


def exit_code(found: Mapping[str, Any]) -> int:
    """1 if a tenant is late, 3 if unclear, else 0.

    A blind tenant is unclear, and so is a stream without a known leader. Without tenants nothing is clear.
    """
    tenants, engine = found["tenants"], found["engine"]
    if any(one["late"] for one in tenants):
        return 1
    seen = all(one["late"] is False and one["blind"] is False for one in tenants)
    return 0 if tenants and seen and not engine["unasked"] and None not in engine["leaders"].values() else 3


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
