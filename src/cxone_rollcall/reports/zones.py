"""Time zones: finding one, and when its days and buckets begin."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.closest_match import closest_match

Length = Literal["15m", "30m", "1h", "1d"]
LENGTHS: tuple[Length, ...] = get_args(Length)
_MINUTES = {"15m": 15, "30m": 30, "1h": 60}
EXAMPLE = "--tz Europe/Berlin"
_LOCALTIME = Path("/etc/localtime")


def zone_of(name: str | None) -> ZoneInfo:
    """The zone of this IANA name, by default this machine's. Raises `SettingError` with a suggestion."""
    if name is None:
        return _own()
    zone = _found(name)
    if zone is None:
        near = closest_match(name.casefold(), names := {one.casefold(): one for one in available_timezones()})
        hint = f"; did you mean {names[near]}?" if near else ": zones have names such as Europe/Berlin"
        raise SettingError(f"there is no time zone {name!r}{hint}", example=f"--tz {names[near]}" if near else EXAMPLE)
    return zone


def _found(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: "Europe" is a folder
        return None


def _own() -> ZoneInfo:
    """This machine's zone: `TZ`, else `/etc/localtime`, else UTC. Windows names its zones otherwise."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named and sys.platform != "win32":
        named = _LOCALTIME.resolve().as_posix().partition("/zoneinfo/")[2] if _LOCALTIME.exists() else "UTC"
    zone = _found(named.removeprefix("posix/"))
    if zone is None:
        raise SettingError("the name of this machine's time zone is not known: give one", example=EXAMPLE)
    return zone


def instant(wall: datetime, zone: ZoneInfo, option: str) -> int:
    """When a wall clock shows this time, in seconds since the epoch.

    `wall` is the value of an option, and has no zone. Raises `SettingError` if the clock skips it or shows it twice.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return _seconds(first)
    shown = wall.isoformat(timespec="minutes")
    if (after := _wall(_seconds(first), zone)) != wall.replace(microsecond=0):
        raise SettingError(
            f"{shown} does not exist in {zone}: the clock skips it",
            example=f"{option} {after.isoformat(timespec='minutes')}",
        )
    times = [one.isoformat(timespec="minutes") for one in (first, second)]
    raise SettingError(
        f"{shown} occurs twice in {zone}, when the clock is set back: give its offset, {' or '.join(times)}",
        example=f"{option} {times[0]}",
    )


def midnight(day: date, zone: ZoneInfo) -> int:
    """When a day begins, in seconds since the epoch. If the clock skips midnight, when it does so."""
    wall = datetime.combine(day, time())
    at = _seconds(wall.replace(tzinfo=zone))
    return at if _wall(at, zone) == wall else change(_seconds(wall.replace(tzinfo=zone, fold=1)), at, zone)


def buckets(begin: int, end: int, zone: ZoneInfo, length: Length) -> list[tuple[int, int]]:
    """The buckets of a span, by the wall clock.

    One ends where the clock passes a multiple of the length, or where the clock is changed. So an hour that occurs
    twice has two buckets, and each second lies in exactly one. A day is not cut: it has 23, 24 or 25 hours.
    """
    if length == "1d":
        return list(pairwise((begin, *_days(begin, end, zone), end)))
    edges = [begin]
    while edges[-1] < end:
        edges.append(min(end, _next(edges[-1], zone, _MINUTES[length] * 60)))
    return list(pairwise(edges))


def _days(begin: int, end: int, zone: ZoneInfo) -> Iterator[int]:
    """The midnights within a span, in order."""
    day, last = _wall(begin, zone).date(), _wall(end, zone).date()
    before = begin
    while day <= last:
        at = midnight(day, zone)
        if before < at < end:
            yield at
            before = at
        day += timedelta(days=1)


def _next(at: int, zone: ZoneInfo, step: int) -> int:
    wall = _wall(at, zone)
    of_day = wall.hour * 3600 + wall.minute * 60 + wall.second
    then = at + step - of_day % step
    return then if _offset(at, zone) == _offset(then, zone) else change(at, then, zone)


def change(before: int, after: int, zone: tzinfo) -> int:
    """The first second of a new offset. It is different at `before` and at `after`."""
    old = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp() // 1)


def _wall(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0)


def _offset(at: int, zone: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(at, zone).utcoffset()
