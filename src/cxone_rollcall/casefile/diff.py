"""What differs between two saved runs.

It compares settings, token, roster, states, findings and shapes of responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from cxone_rollcall.findings.account import Account
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.json_size import is_too_deep
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Observation, Selected, TenantAsked
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.model.struct import Value

_SETTINGS = ("instance", "contract", "grant_type", "pinned_version", "tenant_id")
_SELECTED = ("state", "teams", "teams_seen")
_TOKEN = ("scopes", "tenant", "agent_id", "has_user", "status")
_AGENT = ("team", "active")
_NAMES = ("user_name", "name", "email")
_VARIABLE = re.compile(r"(?<=/)(?:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/|$)", re.IGNORECASE)
"""Parts of a path that name one of many things. They are numbers and UUIDs."""


class Difference(Value, frozen=True):
    """One thing that differs. `before` and `after` are "" for what was not there.

    `part` is `settings`, `token`, `roster`, `states`, `findings` or `responses`.
    """

    part: str
    what: str
    before: str
    after: str


def differences(before: Account, after: Account, *, names: bool = True) -> list[Difference]:
    """What differs between two runs, in the order of their parts.

    Without `names`, names, user names and e-mails of agents are not compared: an anonymized run has others.
    """
    return [
        *_settings(before, after, fields=(*_SELECTED, "agents") if names else _SELECTED),
        *_token(before, after),
        *_roster(before, after, fields=(*_AGENT, *_NAMES) if names else _AGENT),
        *_states(before, after),
        *_findings(before, after),
        *_responses(before, after),
    ]


def _settings(before: Account, after: Account, *, fields: tuple[str, ...]) -> Iterator[Difference]:
    asked = _observed(before, after, TenantAsked)
    yield from _fields("settings", asked, _SETTINGS)
    yield from _fields("settings", (before.tenant, after.tenant), ("profile",))
    selected = _observed(before, after, Selected)
    yield from _fields("settings", selected, fields)
    yield from _fields("settings", (before, after), ("ended_early",))


def _token(before: Account, after: Account) -> Iterator[Difference]:
    granted = _observed(before, after, TokenGranted)
    if (granted[0] is None) != (granted[1] is None):
        words = ["none" if token is None else "granted" for token in granted]
        yield Difference("token", "token", *words)
        return
    yield from _fields("token", granted, _TOKEN)


def _roster(before: Account, after: Account, *, fields: tuple[str, ...]) -> Iterator[Difference]:
    yield from _fields("roster", (before.roll, after.roll), ("roster_complete",))
    old, new = _entries(before), _entries(after)
    selected = _selects(before) or _selects(after)
    if len(old) != len(new):
        yield Difference("roster", "agents selected" if selected else "agents", str(len(old)), str(len(new)))
    for agent_id in dict.fromkeys((*old, *new)):
        agents = [entries[agent_id].agent if agent_id in entries else None for entries in (old, new)]
        known = agents[0] or agents[1]
        assert known is not None  # noqa: S101  the id is of one of them
        if None in agents:
            lacks = before if agents[0] is None else after
            if _selects(lacks) or not lacks.roll.roster_complete:
                continue  # that run did not show who is not on the roster
            words = ["" if agent is None else "on the roster" for agent in agents]
            yield Difference("roster", _who(known), *words)
        else:
            yield from _fields("roster", agents, fields, of=f"{_who(known)} ")


def _states(before: Account, after: Account) -> Iterator[Difference]:
    for name in ("logged_in", "logged_out", "absent", "unknown"):
        counts = [str(account.counts[name]) for account in (before, after)]
        if counts[0] != counts[1]:
            yield Difference("states", name.replace("_", " "), *counts)
    old, new = _entries(before), _entries(after)
    for agent_id, entry in old.items():
        if agent_id in new and (words := _state(entry)) != (now := _state(new[agent_id])):
            yield Difference("states", _who(entry.agent), words, now)


def _findings(before: Account, after: Account) -> Iterator[Difference]:
    found = []
    for account in (before, after):
        kept: dict[str, list[str]] = {}
        for finding in account.findings:
            kept.setdefault(f"{finding.code} {finding.name}", []).append(f"{finding.strength}: {finding.text}")
        found.append({code: "; ".join(texts) for code, texts in kept.items()})
    yield from _mappings("findings", *found)


def _responses(before: Account, after: Account) -> Iterator[Difference]:
    yield from _mappings("responses", _shapes(before.exchanges), _shapes(after.exchanges), in_both=True)


def _shapes(exchanges: Iterable[Exchange]) -> dict[str, str]:
    """The statuses of each endpoint, and the types in its JSON bodies."""
    seen: dict[str, set[str]] = {}
    for exchange in exchanges:
        endpoint = f"{exchange.method} {_VARIABLE.sub('*', exchange.target.partition('?')[0])}"
        status = exchange.fault if exchange.status is None else str(exchange.status)
        seen.setdefault(f"{endpoint} status", set()).add(status)
        if exchange.status is None or not exchange.response_body:
            continue
        try:
            body = msgspec.json.decode(exchange.response_body)
        except (msgspec.DecodeError, RecursionError):
            seen.setdefault(f"{endpoint} body", set()).add("no complete JSON")
            continue
        if is_too_deep(body):
            seen.setdefault(f"{endpoint} body", set()).add("JSON of too many levels")
            continue
        for pointer, kind in _places(body, f"{endpoint} "):
            seen.setdefault(pointer, set()).add(kind)
    return {place: ", ".join(sorted(kinds)) for place, kinds in seen.items()}


def _places(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        yield pointer, "list"
        for inner in value:
            yield from _places(inner, f"{pointer}/*")
    else:
        yield pointer, _KINDS.get(type(value), "number")


_KINDS: Mapping[type, str] = {str: "text", bool: "true or false", type(None): "null"}


def _observed(before: Account, after: Account, kind: type[Observation]) -> list[Observation | None]:
    """What each run observed of this kind."""
    return [account.case.get(kind) for account in (before, after)]


def _selects(account: Account) -> bool:
    """Whether options of the run left agents out."""
    selected = account.case.get(Selected)
    return selected is not None and bool(selected.agents or selected.teams)


def _entries(account: Account) -> dict[str, RollEntry]:
    return {entry.agent.agent_id: entry for entry in account.roll.entries}


def _state(entry: RollEntry) -> str:
    words = (entry.standing.replace("_", " "), entry.state and entry.state.state, entry.state and entry.state.sub_state)
    return ", ".join(word for word in words if word)


def _who(agent: Agent) -> str:
    return f"{agent.name} ({agent.agent_id})" if agent.name else agent.agent_id


def _fields(part: str, pair: Iterable[object], names: tuple[str, ...], *, of: str = "") -> Iterator[Difference]:
    old, new = pair
    for name in names:
        values = [_words(getattr(one, name, None)) for one in (old, new)]
        if values[0] != values[1]:
            yield Difference(part, of + name.replace("_", " "), *values)


def _mappings(
    part: str, old: Mapping[str, str], new: Mapping[str, str], *, in_both: bool = False
) -> Iterator[Difference]:
    """What differs between two mappings. With `in_both`, only of endpoints that both runs asked."""
    endpoints = [{place.rpartition(" ")[0] for place in mapping} for mapping in (old, new)]
    for key in dict.fromkeys((*old, *new)):
        if in_both and not all(key.rpartition(" ")[0] in asked for asked in endpoints):
            continue
        if old.get(key) != new.get(key):
            yield Difference(part, key, old.get(key, ""), new.get(key, ""))


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    return "" if value is None else str(value)
