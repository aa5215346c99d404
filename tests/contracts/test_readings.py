"""Rows and envelopes of any shape are read as `readings.txt` has it.

After a change that is meant, delete the file and run this test, which writes it anew. Read the difference before you
commit it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.written import assert_as_written

from cxone_rollcall.contracts.incontact import rows as incontact
from cxone_rollcall.contracts.protocol import Page, UnusableAnswer
from cxone_rollcall.contracts.v2 import rows as v2
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.struct import Value

WRITTEN = Path(__file__).with_name("readings.txt")
VALUES: dict[str, object] = {
    "null": None,
    "empty": "",
    "blank": " ",
    "word": "word",
    "0": 0,
    "1": 1,
    "2": 2,
    "-3": -3,
    "7.5": 7.5,
    "true": True,
    "'False'": "False",
    "[]": [],
    "[down]": ["down"],
    "{}": {},
    "{name}": {"name": "inner"},
    "{message}": {"code": "E1", "message": "down"},
    "{href}": {"href": "/next"},
    "long": "x" * 260,
    "huge": 10**45,
    "'007'": "007",
    "out": "Logged Out",
    "in": "LoggedIn",
    "either": "Unknown",
    "'2'": "2",
    "'OK'": "OK",
    "'ERROR'": "ERROR: down",
    "500": 500,
    "time": "2026-03-02T10:30:00Z",
}
"""What a member may hold, by its name in the file."""


class Read(NamedTuple):
    """A reader, a usual row, and members in and beside rows."""

    name: str
    read: Callable[[Response], Page[Any]]
    at: str
    row: dict[str, object]
    members: tuple[str, ...]
    beside: tuple[str, ...]


BESIDE = ("error", "errors", "errorCode", "exceptionMessage", "success", "status", "statusCode", "code", "message")
STATE_FLAGS = ("isLoggedIn", "loggedIn", "online", "isLoggedOut", "signed_out", "error", "errorMessage", "success")
READERS = (
    Read(
        "v2 roster",
        v2.read_roster,
        "entities",
        {"id": "1", "name": "Ann", "isActive": True},
        (
            *("id", "agentId", "name", "userName", "email", "emailAddress", "isActive", "active", "team", "teamName"),
            *("lastLogin", "firstName"),
        ),
        ("totalCount", *BESIDE),
    ),
    Read(
        "v2 states",
        lambda response: v2.read_states(response, {"1": "1"}),
        "entities",
        {"agentId": "1", "state": "Busy"},
        (
            *("agentId", "id", "state", "stateName", "subState", "startDate", "stateStartTime", "lastStateChange"),
            *STATE_FLAGS,
        ),
        BESIDE,
    ),
    Read(
        "incontact roster",
        incontact.read_roster,
        "agents",
        {"agentId": 1, "userName": "ann", "isActive": True},
        (
            *("agentId", "userId", "userID", "userName", "firstName", "lastName", "emailAddress", "isActive"),
            *("teamName", "lastLogin", "name", "email", "team", "id"),
        ),
        ("totalRecords", "hiddenAgents", "lastPollTime", "businessUnitId", "_links", *BESIDE),
    ),
    Read(
        "incontact states",
        incontact.read_states,
        "agentStates",
        {"agentId": 1, "agentStateId": 2, "agentStateName": "Unavailable", "outStateDescription": "Lunch"},
        (
            *("agentId", "agentStateId", "agentStateName", "isACW", "isAcw", "outStateDescription", "outStateId"),
            *("startDate", "lastPollTime", "state", "errorCode", *STATE_FLAGS),
        ),
        ("totalRecords", "lastPollTime", "_links", *BESIDE),
    ),
)


def lines() -> Iterator[str]:
    """Yield what is read of each changed body."""
    for reader in READERS:
        shown: dict[str, dict[str, list[str]]] = {}
        for member, value, body in _bodies(reader):
            shown.setdefault(_told(reader, body), {}).setdefault(member, []).append(value)
        for read, members in shown.items():
            yield f"{reader.name}: {read}"
            yield f"    {'; '.join(f'{member}: {_listed(values)}' for member, values in members.items())}"


def _listed(values: list[str]) -> str:
    return "all" if len(values) == len(VALUES) else ", ".join(values)


def _bodies(reader: Read) -> Iterator[tuple[str, str, object]]:
    """Yield the bodies, each with its unusual member and value."""
    own, *_ = reader.row
    other = [{**reader.row, own: 2}] if own in reader.members[:1] else []
    for name in reader.members:
        yield name, "missing", {reader.at: [{key: one for key, one in reader.row.items() if key != name}, *other]}
        for said, value in VALUES.items():
            yield name, said, {reader.at: [{**reader.row, name: value}, *(other if name == own else [])]}
    for name in reader.beside:
        for said, value in VALUES.items():
            yield f"beside {name}", said, {reader.at: [reader.row], name: value}
            yield f"no rows beside {name}", said, {reader.at: [], name: value}
            if reader.name.startswith("incontact"):
                yield f"wrapped beside {name}", said, {"resultSet": {reader.at: [reader.row]}, name: value}
    rows = [reader.row]
    for shape, body in {
        "rows alone": rows,
        "another name": {"items": rows},
        "two lists": {"items": rows, "others": rows},
        "a list of links": {"items": rows, "_links": []},
        "two levels": {"data": {"items": rows}},
        "two levels, twice": {"data": {"items": rows}, "more": {"items": rows}},
        "no object": [1, "a", None],
        "an object alone": reader.row,
        "an object in place of rows": {reader.at: reader.row},
        "nothing": {},
    }.items():
        yield "shape", shape, body


def _told(reader: Read, body: object) -> str:
    try:
        page = reader.read(Response(status=200, headers={}, body=json.dumps(body).encode()))
    except UnusableAnswer as unusable:
        return f"{unusable.kind}: {unusable.error} {_short(unusable.detail)}"
    return ", ".join(_fields(page))


def _fields(value: Value | Any) -> Iterator[str]:
    names, defaults = value.__struct_fields__, value.__struct_defaults__
    usual = dict(zip(reversed(names), reversed(defaults), strict=False))
    for name in names:
        one = getattr(value, name)
        if one in (usual.get(name), (), None):
            continue
        if isinstance(one, tuple):
            one = "; ".join(f"({', '.join(_fields(row))})" for row in one)
        elif hasattr(one, "__struct_fields__"):
            one = f"({', '.join(_fields(one))})"
        yield f"{name}={_short(one)}"


def _short(value: object) -> str:
    return str(value).replace("x" * 240, "..").replace("0" * 40, "..")


def test_readings_are_as_written() -> None:
    """Each row and each envelope is read as `readings.txt` has it."""
    assert_as_written(WRITTEN, "\n".join(lines()) + "\n")
