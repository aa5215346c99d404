"""Agents as Singer messages: SCHEMA, RECORD and STATE.

Each message is a JSON object on a line of its own. Source: the Singer specification, https://github.com/singer-io/getting-started/blob/master/docs/SPEC.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp
from cxone_rollcall.views.columns import Column, RowWriter
from cxone_rollcall.views.json import encode

Property = Mapping[str, Any]
"""The JSON Schema of one property."""

TEXT: Property = {"type": ["null", "string"]}
WHOLE_NUMBER: Property = {"type": ["null", "integer"]}
NUMBER: Property = {"type": ["null", "number"]}
BOOLEAN: Property = {"type": ["null", "boolean"]}
TIME: Property = {"type": ["null", "string"], "format": "date-time"}

AS_OF = "as_of"
"""When the roll call began. All records of a run have the same."""
_KEY = ("agent_id",)
_TYPES = {"active": BOOLEAN, "logged_in": BOOLEAN, "since": TIME, AS_OF: TIME}
"""Properties that are no texts."""


def rows(stream: str, columns: Sequence[Column], *, now: Callable[[], datetime]) -> RowWriter:
    """Agents as the records of a stream.

    `now` is the clock. Only a complete list ends with a STATE, so that a target does not take a part for the whole.
    """
    as_of = utc(now())
    properties = {name: _TYPES.get(name, TEXT) for name in (AS_OF, *(column.name for column in columns))}

    def row(entry: RollEntry) -> bytes:
        record: dict[str, Any] = {column.name: column.value(entry) for column in columns}
        if "since" in record:
            record["since"] = _time(record["since"])
        return record_line(stream, {AS_OF: as_of, **record}, seen_at=utc(now()))

    return RowWriter(
        schema_line(stream, properties, key=_KEY, bookmark=AS_OF),
        row,
        if_complete=state_line(stream, {AS_OF: as_of}),
    )


def schema_line(stream: str, properties: Mapping[str, Property], *, key: Sequence[str], bookmark: str) -> bytes:
    """The SCHEMA of a stream. The properties of its key and its bookmark are never null."""
    never_null = {name: {**properties[name], "type": properties[name]["type"][-1]} for name in (*key, bookmark)}
    return _line(
        {
            "type": "SCHEMA",
            "stream": stream,
            "schema": {"type": "object", "properties": {**properties, **never_null}},
            "key_properties": key,
            "bookmark_properties": [bookmark],
        }
    )


def record_line(stream: str, record: Mapping[str, Any], *, seen_at: str | None = None) -> bytes:
    """A RECORD. `seen_at` is when it was observed, a time in UTC."""
    extracted = {} if seen_at is None else {"time_extracted": seen_at}
    return _line({"type": "RECORD", "stream": stream, "record": record, **extracted})


def state_line(stream: str, bookmark: Mapping[str, str]) -> bytes:
    """A STATE: how far the stream has been read."""
    return _line({"type": "STATE", "value": {"bookmarks": {stream: bookmark}}})


def utc(moment: datetime) -> str:
    """A time as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _time(text: str | None) -> str | None:
    """A server's time as RFC 3339. None if it is no time, which a target would refuse."""
    seconds = parse_timestamp(text)
    return None if seconds is None else format_timestamp(seconds)


def _line(message: Mapping[str, Any]) -> bytes:
    return encode(message) + b"\n"
