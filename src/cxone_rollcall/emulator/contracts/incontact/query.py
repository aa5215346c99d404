"""The parameters of a list, and the links to its pages.

Parameters are top, skip, orderBy, fields, isActive, searchString and others.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from cxone_rollcall.emulator.wire import Call, compact

_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?", re.ASCII)


_SINCE = ("updatedSince", "updateSince")


class Order(NamedTuple):
    """A field to order rows by."""

    field: str
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The parameters of a request. `top` is None if absent; `fields` None means all fields.

    `since` is `updatedSince`, which clients also spell `updateSince`, in seconds since 1970. An empty parameter counts
    as absent: clients send `fields=`.
    """

    top: int | None = None
    skip: int = 0
    order: tuple[Order, ...] = ()
    fields: frozenset[str] | None = None
    active: bool | None = None
    search: str = ""
    since: float | None = None
    units: frozenset[str] | None = None

    @property
    def plain(self) -> bool:
        """Whether the request is for all rows in their own order."""
        return not self.order and self.active is None and not self.search and self.since is None

    def chosen(self, row: bytes) -> bytes:
        """Return an encoded row with the requested fields only."""
        if self.fields is None:
            return row
        return compact({name: value for name, value in json.loads(row).items() if name.lower() in self.fields})


def read(query: Mapping[str, list[str]]) -> Query:
    """Return the parsed parameters; ValueError names a wrong one."""
    given = {name: values[-1] for name, values in query.items() if values[-1]}
    fields = frozenset(name.strip().lower() for name in given.get("fields", "").split(",") if name.strip())
    units = frozenset(unit.strip() for unit in given.get("reqBUIds", "").split(",") if unit.strip())
    return Query(
        top=_whole("top", given["top"], 1) if "top" in given else None,
        skip=_whole("skip", given.get("skip", "0"), 0),
        order=tuple(_order(part) for part in given.get("orderBy", "").split(",") if part.strip()),
        fields=fields or None,
        active=_truth("isActive", given["isActive"]) if "isActive" in given else None,
        search=given.get("searchString", "").lower(),
        since=next((moment(name, given[name]) for name in _SINCE if name in given), None),
        units=units or None,
    )


def dates(call: Call, *names: str) -> dict[str, float]:
    """The given ones of these parameters, in seconds since 1970. ValueError names a wrong one."""
    given = {name: call.parameter(name) for name in names}
    return {name: moment(name, text) for name, text in given.items() if text}


def links(call: Call, skip: int, top: int, *, step: int, more: bool) -> dict[str, str | None]:
    """The `_links` of a page that starts at row `skip`. The pages beside it are `step` rows away."""
    readings = call.tenant.settings.readings
    base = call.origin if readings.next_link == "absolute" else ""
    given = {name: values[-1] for name, values in call.query.items() if name not in {"top", "skip"}}

    def to(start: int) -> str:
        return f"{base}{call.path}?{urlencode({**given, 'top': top, 'skip': start})}"

    found: dict[str, str | None] = {"self": to(skip)}
    if more or readings.last_link == "null":
        found["next"] = to(skip + step) if more else None
    found["previous"] = to(max(0, skip - step)) if skip else None
    return found


def moment(name: str, text: str) -> float:
    """Return a date in seconds since 1970. A space is an error: it was the + of an offset, not encoded."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{name} must be a date like 2026-11-22T09:30:00.12Z.")
    try:
        whole = datetime.fromisoformat(found[1] + (found[3] or "Z"))
    except ValueError:
        raise ValueError(f"{name} is no date that there is.") from None
    return (whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() + float(found[2] or 0)


def _whole(name: str, text: str, least: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
        raise ValueError(f"{name} must be a whole number, {least} or more.")
    return int(text)


def _truth(name: str, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"{name} must be true or false.")
    return text.lower() == "true"


def _order(part: str) -> Order:
    field, _, direction = part.strip().partition(" ")
    if direction.strip().lower() not in {"", "asc", "desc"}:
        raise ValueError("orderBy must be a field, and asc or desc.")
    return Order(field.lower(), direction.strip().lower() == "desc")
