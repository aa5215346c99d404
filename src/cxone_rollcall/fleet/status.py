"""How a fleet is: who polls what, and what is late."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.engine import ApiError, Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.operator import all_tickets
from cxone_rollcall.fleet.record_maker import MARK
from cxone_rollcall.fleet.records import NewerSchema
from cxone_rollcall.fleet.streams import NO_LEADER, unanswered
from cxone_rollcall.model.timestamp import format_timestamp

LATE = 3
"""Intervals after which a tenant is late. Without a *whole* poll in them it is blind."""
SCHEMA = "rollcall/fleet/1"
GATHER, QUIET = 2.0, 0.5
"""Seconds in which workers tell how they are, and of silence after. One that is stopped tells none."""


async def survey(engine: Engine, zone: str) -> dict[str, Any]:
    """How the fleet is: tenants, workers, engine. Times are the engine's: ours may be wrong."""
    found = await all_tickets(engine, zone)
    history = streams_of(zone)[1]
    rows = []
    try:
        given = await engine.gather(f"fleet.{zone}.status", within=GATHER, quiet=QUIET)
        answers = [json.loads(one) for one in given]
        told = _freshest(answers)
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
    except NewerSchema:
        missed = "a newer version wrote its ticket or its history: update this rollcall"
    except ValueError:
        missed = "its ticket or its last record is damaged"
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

    A blind tenant is unclear, and so is a stream without a known leader. Without tenants nothing is clear, nor while
    most nodes are behind: their leader may be one that the others have replaced.
    """
    tenants, engine = found["tenants"], found["engine"]
    if any(one["late"] for one in tenants):
        return 1
    seen = all(one["late"] is False and one["blind"] is False for one in tenants)
    led = not engine["unasked"] and None not in engine["leaders"].values()
    behind = sum(not one["current"] for one in engine["nodes"])
    return 0 if tenants and seen and led and 2 * behind <= len(engine["nodes"]) else 3
