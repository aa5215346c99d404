"""Anonymizes a case: each person gets one stand-in everywhere.

It replaces names, user names, e-mails and user ids. Agent ids, which the evidence refers to, stay, and so do teams,
skills, states, the tenant, addresses and times.
"""

from __future__ import annotations

from typing import Any

from cxone_rollcall.casefile.document import CaseFile
from cxone_rollcall.casefile.map_texts import Change, changed
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.observations.probes import TypedIdsAsked
from cxone_rollcall.model.struct import replace
from cxone_rollcall.redaction.people import People
from cxone_rollcall.redaction.person_fields import NOT_JSON, REMOVED, meet_all, parsed, role_of, without_people

OURS = (
    *("contract", "grant_type", "instance", "method", "correlation", "chosen", "elsewhere", "no_content"),
    *("roster_scope", "states_scope", "scopes", "roster_rows", "states_rows", "known_states", "pointer", "path"),
    *("pinned", "pinned_version", "served", "refused", "since", "polled", "retry_after", "last_login"),
)
"""Fields that name no person. They hold times, or words of the contract or the settings."""
OF_THINGS = ("team", "teams", "teams_seen", "state", "sub_state", "meant", "contradicted")
"""Fields that name things. A person's full name is replaced in them, a single word is not."""
PLAIN_HEADERS = frozenset(
    {"date", "expires", "last-modified", "content-type", "content-length", "content-encoding", "server", "connection"}
)


def anonymized(kept: CaseFile) -> CaseFile:
    """The case with a stand-in for each person. Its findings stay the same."""
    people = People(frozenset(entry.agent.agent_id for entry in kept.roll.entries))
    _meet_all(people, kept)
    values = replace(kept, exchanges=())
    return replace(
        changed(values, people.own, _by_field(people)),
        rollcall=kept.rollcall,
        anonymized=True,
        missing={kind: people.without(why) for kind, why in kept.missing.items()},
        exchanges=tuple(_exchange(people, one) for one in kept.exchanges),
    )


def _by_field(people: People) -> dict[str, Change]:
    return {**dict.fromkeys(OURS, str), **dict.fromkeys(OF_THINGS, people.of_things)}


def _meet_all(people: People, kept: CaseFile) -> None:
    for entry in kept.roll.entries:
        people.meet_agent(entry.agent)
    for exchange in kept.exchanges:
        meet_all(people, parsed(exchange.response_body))
    for text in _typed(kept):
        people.meet_typed(text)


def _typed(kept: CaseFile) -> list[str]:
    """Everything that the user typed for agents."""
    typed = [entry.asked_as for entry in kept.roll.entries if entry.asked_as is not None]
    for seen in kept.observations:
        if isinstance(seen, Selected):
            typed += [*seen.agents, *seen.unknown]
        elif isinstance(seen, TypedIdsAsked):
            typed += [item.typed for item in seen.items]
    return typed


def _exchange(people: People, exchange: Exchange) -> Exchange:
    bare = replace(exchange, response_body="")
    return replace(
        changed(bare, people.without, _by_field(people)),
        request_headers=_headers(people, exchange.request_headers),
        response_headers=_headers(people, exchange.response_headers),
        **_body(people, exchange),
    )


def _headers(people: People, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _header(people, name, value)) for name, value in headers)


def _header(people: People, name: str, value: str) -> str:
    if name.lower() in PLAIN_HEADERS:
        return value
    return REMOVED if role_of(name.lower().removeprefix("x-")) else people.without(value)


def _body(people: People, exchange: Exchange) -> dict[str, Any]:
    """The response's body without people, or why it is left out."""
    body = exchange.response_body
    if not body.strip():
        return {"response_body": body}
    tree = parsed(body)
    if tree is None:
        return {"response_body": "", "left_out": exchange.left_out or NOT_JSON}
    return {"response_body": without_people(people, body, tree)}
