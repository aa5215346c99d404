"""The streams and the consumer of a zone, and what differs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet.engine import API, GROUP, ApiError, Engine, Refused, inbox_of, streams_of, tokens_of
from cxone_rollcall.fleet.lease import LENGTH, Refusal
from cxone_rollcall.model.struct import Value

WEEK = 7 * 86400
CONSUMER = "workers"
SECOND = 10**9
"""The engine counts time in nanoseconds."""
NOT_FOUND, NO_LEADER = 404, 503
"""The code of an answer of an engine without a leader."""
NO_PEERS = 10005
"""The error of too few nodes for three replicas."""
JOINING, AGAIN = 15.0, 0.25
"""Seconds in which starting nodes find each other, and between tries."""
MOST_WORKERS = 4096
"""Workers that may wait for a ticket at once."""

Settings = Mapping[str, Any]


class Difference(Value, frozen=True):
    """A setting that is not as it must be. `found` is None if the whole stream or consumer is missing."""

    where: str
    setting: str
    found: object
    wanted: object

    def __str__(self) -> str:
        if not self.setting:
            return f"{self.where}: is missing, will be made"
        return f"{self.where}: {self.setting} is {self.found!r}, must be {self.wanted!r}"


def wanted_streams(zone: str, replicas: int) -> dict[str, Settings]:
    """The settings of a zone's streams, by name.

    No compression: with the engine's, a replica that was restarted under several faults once could not read its own
    file any more.
    """
    tickets, history, snapshots = streams_of(zone)
    common = {"storage": "file", "num_replicas": replicas, "compression": "none"}
    return {
        tickets: {
            **common,
            "subjects": [f"ticket.{zone}.*"],
            "retention": "workqueue",
            "discard": "new",
            "max_msgs_per_subject": 1,
            "discard_new_per_subject": True,
            "allow_direct": True,
        },
        history: {
            **common,
            "subjects": [f"hist.{zone}.*"],
            "retention": "limits",
            "discard": "old",
            "max_age": WEEK * SECOND,
            "allow_direct": True,
            "republish": {"src": f"hist.{zone}.>", "dest": f"live.{zone}.>"},
        },
        snapshots: {
            **common,
            "subjects": [f"snap.{zone}.*.*", f"seen.{zone}.*"],
            "retention": "limits",
            "discard": "old",
            "max_msgs_per_subject": 1,
            "allow_direct": True,
            "allow_msg_ttl": True,
        },
        tokens_of(zone): {
            **common,
            "subjects": [f"token.{zone}.*"],
            "retention": "limits",
            "discard": "old",
            "max_msgs_per_subject": 1,
        },
    }


def permissions(zone: str) -> dict[str, list[str]]:
    """What a worker's user of a zone may publish and subscribe to. No subject is of another zone.

    Each zone has streams of its own, so that also reading by number stays in it, and inboxes of its own, so that nobody
    hears the answers of another. Tickets are an operator's: whoever writes them decides where a secret is sent. Logins
    are sealed: who reads them needs the key as well.
    """
    tickets, history, snapshots = streams_of(zone)
    asks = [f"STREAM.INFO.{name}" for name in (tickets, history, snapshots)]
    asks += [f"{verb}.{name}" for verb in ("STREAM.MSG.GET", "DIRECT.GET") for name in (tickets, history, snapshots)]
    asks += [f"STREAM.MSG.GET.{tokens_of(zone)}"]
    asks += [f"CONSUMER.{verb}.{tickets}.{CONSUMER}" for verb in ("INFO", "MSG.NEXT")]
    shared = [f"holder.{zone}.*", f"fleet.{zone}.*", f"pace.{zone}.*", f"{inbox_of(zone)}.>"]
    writes = [f"hist.{zone}.*", f"snap.{zone}.*.*", f"seen.{zone}.*", f"token.{zone}.*", f"$JS.ACK.{tickets}.>"]
    return {
        "publish": [f"{API}.INFO", *(f"{API}.{ask}" for ask in asks), *writes, *shared],
        "subscribe": [f"live.{zone}.*", *shared],
    }


def wanted_consumer(beat: float) -> Settings:
    """The settings of the consumer of tickets. `beat` is the shortest interval of the zone's tenants in seconds."""
    return {
        "durable_name": CONSUMER,
        "ack_policy": "explicit",
        "ack_wait": round(LENGTH * beat * SECOND),
        "max_deliver": -1,
        "max_ack_pending": -1,
        "max_waiting": MOST_WORKERS,
        "priority_policy": "prioritized",
        "priority_groups": [GROUP],
    }


def differences(where: str, found: Settings | None, wanted: Settings) -> list[Difference]:
    """What is not as it must be. A setting that the engine leaves out has no value."""
    if found is None:
        return [Difference(where, "", None, wanted)]
    return [
        Difference(where, name, found.get(name), value) for name, value in wanted.items() if found.get(name) != value
    ]


class Layout(Value, frozen=True):
    """A zone's streams and consumer as they are, and what differs."""

    zone: str
    replicas: int
    found: Mapping[str, Settings]
    differs: tuple[Difference, ...]


async def look(engine: Engine, zone: str, *, beat: float | None) -> Layout:
    """Compare the engine with what a zone needs. Changes nothing.

    Without `beat`, it looks at what all readers of a zone need: the consumer may have any lease, and there may be no
    logins.
    """
    names = streams_of(zone) if beat is None else (*streams_of(zone), tokens_of(zone))
    try:
        found = {name: await _settings(engine, f"STREAM.INFO.{name}") for name in names}
        tickets = streams_of(zone)[0]
        consumer = await _settings(engine, f"CONSUMER.INFO.{tickets}.{CONSUMER}") if found[tickets] else None
    except (Refused, ApiError) as error:
        raise unanswered(error) from None
    differs = []
    replicas = 3 if engine.is_cluster else 1
    wanted = wanted_streams(zone, replicas)
    for name in names:
        differs += differences(name, found[name], wanted[name])
    needed = dict(wanted_consumer(beat or 1.0))
    if beat is None:
        del needed["ack_wait"]
    differs += differences(f"{tickets}, consumer {CONSUMER}", consumer, needed)
    present = {name: settings for name, settings in found.items() if settings is not None}
    return Layout(zone, replicas, present | ({CONSUMER: consumer} if consumer else {}), tuple(differs))


async def make_so(engine: Engine, layout: Layout, beat: float) -> None:
    """Make and change streams and the consumer. EngineError if the engine cannot change a setting."""
    tickets = streams_of(layout.zone)[0]
    for name, wanted in wanted_streams(layout.zone, layout.replicas).items():
        verb = "UPDATE" if name in layout.found else "CREATE"
        await _change(engine, f"STREAM.{verb}.{name}", {**layout.found.get(name, {}), **wanted, "name": name})
    body = {"stream_name": tickets, "config": {**wanted_consumer(beat), "name": CONSUMER}}
    await _change(engine, f"CONSUMER.CREATE.{tickets}.{CONSUMER}", body)


async def beat_of(engine: Engine, zone: str) -> float:
    """The shortest interval of a zone's tenants, as the consumer has it. EngineError if the zone was never applied."""
    layout = await look(engine, zone, beat=None)
    if layout.differs:
        told = "\n".join(map(str, layout.differs))
        raise EngineError(
            f"the engine is not set up for zone {zone}:\n{told}", example="rollcall fleet apply fleet.toml", exit_code=2
        )
    return float(layout.found[CONSUMER]["ack_wait"]) / SECOND / LENGTH


async def _change(engine: Engine, name: str, body: object) -> None:
    end = engine.clock() + JOINING
    while True:
        try:
            await engine.call(name, body, within=10.0)
        except ApiError as error:
            if error.number == NO_PEERS and engine.clock() < end:
                await asyncio.sleep(AGAIN)
                continue
            if error.code == NO_LEADER:
                raise unanswered(error) from None
            raise EngineError(f"the engine refuses {name}: {error}", exit_code=2) from None
        except Refused as refused:
            raise unanswered(refused) from None
        return


async def _settings(engine: Engine, name: str) -> Settings | None:
    try:
        settings: Settings = (await engine.call(name))["config"]
    except ApiError as error:
        if error.code == NOT_FOUND:
            return None
        raise
    return settings


def unanswered(error: Exception) -> EngineError:
    """The error of a request that the engine did not carry out."""
    if isinstance(error, ApiError) and error.code != NO_LEADER:
        return EngineError(f"the engine refuses: {error}", exit_code=4 if error.code in (401, 403) else 3)
    if isinstance(error, Refused) and error.why is Refusal.MISMATCH:
        return EngineError("somebody else changes the same tickets; try again")
    if isinstance(error, Refused) and error.text:
        return EngineError(f"the engine stores nothing now: {error.text}")
    return EngineError(
        "the engine does not answer: most of its nodes may be down, or it is choosing a leader; try again"
    )
