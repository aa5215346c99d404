"""Faults and readings of the emulator, as typed."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.emulator import FAULTS, FaultArgumentError, list_readings, parse_fault, parse_readings
from cxone_rollcall.emulator.faults import spec
from quality.fuzz.target import Target, must


def feed(data: bytes) -> None:
    """Parse a text as a fault, and its lines as readings."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        fault = parse_fault(text)
    except FaultArgumentError as refused:
        must(bool(str(refused)), "a refusal has a message")
    else:
        must(parse_fault(spec(fault)) == fault, "a fault parses to itself", spec(fault))
    try:
        parse_readings(text.splitlines())
    except ValueError as refused:  # documented as such
        must(str(refused).startswith("the"), "a refusal is ours", str(refused))


def _seeds() -> Iterator[bytes]:
    yield from (fault.name.encode() for fault in FAULTS)
    yield from (b"batch-cut=37", b"rate-limit=limit=5", b"server-error=503", b"state-stuck=agents=1,hours=13")
    yield "\n".join(f"{reading.name}={reading.shown}" for reading in list_readings()).encode()
    yield b"shape=v23\nresult-set=yes\nhidden_teams=101+102\npoll_lag=0"


ARGUMENTS = Target(
    name="arguments",
    about="faults and readings of the emulator, as typed",
    feed=feed,
    seeds=_seeds,
    words=(*(fault.name.encode() + b"=" for fault in FAULTS), *(one.name.encode() + b"=" for one in list_readings())),
)
TARGETS = (ARGUMENTS,)
