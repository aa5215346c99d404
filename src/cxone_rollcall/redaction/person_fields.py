"""Finds JSON fields about people by their keys, at any depth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from cxone_rollcall.model.agent import full_name
from cxone_rollcall.model.json_size import is_too_deep
from cxone_rollcall.redaction.people import NAMING, People

REMOVED = "removed"
"""Stand-in of personal data other than names. Telephone numbers, addresses, dates of birth."""
NOT_JSON = "left out: it is no complete JSON, so people in it cannot be recognized"

_WHO = (
    "(?:agent|user|supervisor|manager|owner|customer|contact|caller|person|employee|member|author|primary|work"
    "|reportto|(?:created|modified|updated)by)?"
)
_ROLES: tuple[tuple[str, str], ...] = (
    ("first", r"(?:first|given|fore|middle)names?"),
    ("last", r"(?:last|family|sur)names?"),
    ("email", r"e?mails?(?:address(?:es)?)?\d*"),
    ("user_name", r"username|login|loginname|userlogin|ntloginname|federated(?:id|username)|upn|userprincipalname"),
    ("user_id", r"useru?u?id|usersid"),
    ("name", r"(?:full|display|nick|preferred|common)name|screenname"),
    (
        "other",
        r"(?:phone|telephone|mobile|cell|fax)(?:phone)?(?:number)?s?\d*|ani|dnis|(?:from|to)addr(?:ess)?|address\w*"
        r"|street\w*|city|postalcode|zip(?:code)?|birth(?:date|day)|dateofbirth|ssn|socialsecurity\w*|employee(?:id|number)"
        r"|notes?|photo\w*|avatar\w*|picture\w*|calleridoverride|custom\d+",
    ),
)
_OF_ROLE = tuple((role, re.compile(_WHO + f"(?:{pattern})")) for role, pattern in _ROLES)
_OF_SOMEBODY = re.compile(_WHO.removesuffix("?") + "name")
_OF_SOMETHING = re.compile(
    "team|skill|state|group|queue|campaign|media|tenant|unit|profile|role|site|station|location|poc"
)
_PLAIN = re.compile(r"[\W_]")


@lru_cache(maxsize=10_000)
def role_of(key: str) -> str:
    """What a field holds of a person, or "" if not personal.

    One of first, last, name, email, user_name, user_id, other.
    """
    plain = _PLAIN.sub("", key).lower()
    if _OF_SOMEBODY.fullmatch(plain) and plain != "username":
        return "name"
    return next((role for role, pattern in _OF_ROLE if pattern.fullmatch(plain)), "")


@lru_cache(maxsize=10_000)
def of_something(key: str) -> bool:
    """Whether a field names a team, skill or other thing. Such names stay."""
    return _OF_SOMETHING.search(key.lower()) is not None


def parsed(body: str) -> Any:
    """A body as plain values; None unless a JSON object or list.

    None also if it nests too deeply.
    """
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return tree if isinstance(tree, dict | list) and not is_too_deep(tree) else None


def meet_all(people: People, tree: Any) -> None:
    """Add all people whom an answer names."""
    for row in _rows(tree, ""):
        every = [(role, text) for role, value in _personal(row) if (text := str(value).strip())]
        fields = dict(reversed(every))  # the first value of each role
        if not fields:
            continue
        first, last = fields.get("first", ""), fields.get("last", "")
        full = full_name(first, last) or ""
        named = {role: fields[role] for role in NAMING if role in fields}
        people.meet(first, last, agent_id=_agent_id(row), **{"name": full, **named})
        if "name" in fields and first:
            people.meet(agent_id=_agent_id(row), name=full)
        for role, text in every:
            if text != fields[role] and role in NAMING:
                people.meet(agent_id=_agent_id(row), **{role: text})


def without_people(people: People, body: str, tree: Any) -> str:
    """A response's body with stand-ins for everything about a person."""
    changed = _changed(people, tree, "")
    return json.dumps(changed, ensure_ascii=False, separators=(",", ":"))


def _rows(tree: Any, key: str) -> Iterator[Mapping[str, Any]]:
    """Yield every object; a person's bare `name` becomes `fullName`."""
    if isinstance(tree, dict):
        yield {("fullName" if _is_bare_name(inner, tree, key) else inner): value for inner, value in tree.items()}
        for inner, value in tree.items():
            yield from _rows(value, inner)
    elif isinstance(tree, list):
        for one in tree:
            yield from _rows(one, key)


def _is_bare_name(key: str, row: Mapping[str, Any], parent: str) -> bool:
    """Whether the key `name` is a person's, not a team's or skill's."""
    if key.lower() != "name":
        return False
    keys = {other.lower() for other in row}
    if "agentid" in keys or any(role_of(other) for other in keys):
        return True
    return not of_something(parent) and ("id" in keys or not any(map(of_something, keys)))


def _personal(row: Mapping[str, Any]) -> Iterator[tuple[str, str | int]]:
    for key, value in row.items():
        role = role_of(key)
        texts = value if isinstance(value, list) else [value]
        yield from ((role, one) for one in texts if role not in ("", "other") and _is_plain(one))


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _agent_id(row: Mapping[str, Any]) -> str:
    fields = {key.lower(): value for key, value in row.items()}
    found = fields.get("agentid", fields.get("id", ""))
    return str(found) if _is_plain(found) else ""


def _changed(people: People, tree: Any, key: str) -> Any:
    if isinstance(tree, list):
        return [_changed(people, one, key) for one in tree]
    if isinstance(tree, str):
        return people.of_things(tree) if of_something(key) else people.without(tree)
    if not isinstance(tree, dict):
        return tree
    fields = {role_of(inner): str(value).strip() for inner, value in tree.items() if _is_plain(value)}
    full = people.known(full_name(fields.get("first"), fields.get("last"))) or ""
    row = {}
    for inner, value in tree.items():
        role = "name" if _is_bare_name(inner, tree, key) else role_of(inner)
        named = key if inner.lower() == "name" else inner
        row[people.without(inner)] = _of_role(people, role, value, full) if role else _changed(people, value, named)
    return row


def _of_role(people: People, role: str, value: Any, full: str) -> Any:
    """The stand-in of a value about a person. `full` is that of the row's full name."""
    if isinstance(value, list):
        return [_of_role(people, role, one, full) for one in value]
    if isinstance(value, dict):
        return {people.without(key): _of_role(people, role_of(key) or role, one, full) for key, one in value.items()}
    if not _is_plain(value) or not str(value).strip():
        return value
    first, _, last = full.rpartition(" ")
    if role == "first":
        return first or REMOVED
    if role == "last":
        return last or REMOVED
    return REMOVED if role == "other" else people.known(str(value)) or REMOVED
