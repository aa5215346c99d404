"""What readers are sent beside the events of `watch`. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxone_rollcall.model.groups import GROUPS
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.views.json import encode
from cxone_rollcall.views.live import SCHEMA

if TYPE_CHECKING:
    from cxone_rollcall.live.events import Change
    from cxone_rollcall.live.seat import Seat

NO_BOARD: Mapping[str, Any] = {
    "type": "board",
    "schema": SCHEMA,
    "run": None,
    "poll": 0,
    "as_of": None,
    "received_at": None,
    "complete": False,
    "counts": None,
    "agents": [],
}
"""The board before the first look that showed anybody."""


def block(events: Sequence[Mapping[str, Any]], event_id: str) -> bytes:
    """Events as Server-Sent Events. The last one has the id."""
    sent = [b"event: %s\ndata: %s\n" % (event["type"].encode(), encode(event)) for event in events]
    return b"\n".join(sent) + b"id: %s\n\n" % event_id.encode()


def teams(seats: Iterable[Seat]) -> list[dict[str, Any]]:
    """Each team's number of agents by group and by standing. Sorted by name.

    `stale` counts agents whose state is only the last known one. They are counted in their groups too.
    """
    counts: dict[str, Counter[str]] = {}
    for seat in seats:
        count = counts.setdefault(seat.agent.team or "", Counter())
        shown = seat.shown
        count["roster"] += 1
        count["stale"] += seat.is_stale
        count[seat.group if shown is Standing.PRESENT and seat.group else shown.value] += 1
    names = ("roster", "stale", "logged_out", "absent", "unknown")
    return [
        {
            "team": team,
            "groups": {group: count[group] for group in GROUPS},
            **{name: count[name] for name in names},
        }
        for team, count in sorted(counts.items(), key=lambda item: item[0].casefold())
    ]


def recent(change: Change, document: Mapping[str, Any], *, at: float) -> dict[str, Any] | None:
    """A change for the list of recent ones.

    None if the state is the same, or not known before or after: going blind is no change.
    """
    after = document["after"] or {}
    names = ("standing", "state", "sub_state", "group")
    before = document["before"]
    became = {name: after.get(name) for name in names} if after else None
    if before == became or any(state and state["standing"] == "unknown" for state in (before, became)):
        return None
    seat = change.after or change.before
    assert seat is not None  # noqa: S101  else before and after are the same
    return {
        "at": format_timestamp(at),
        "agent_id": change.agent_id,
        "name": after.get("name") or initials(seat.agent.name),
        "team": seat.agent.team,
        "before": before,
        "after": became,
    }


def anonymous(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with initials for names. Texts that may name somebody are left out."""
    match document["type"]:
        case "board":
            return {**document, "agents": [_nameless(agent) for agent in document["agents"]]}
        case "change" if document["after"] is not None:
            return {**document, "after": _nameless(document["after"])}
        case "alert":
            return _nameless_alert(document)
        case "finding":
            return {**document, "message": document["name"], "fix": f"rollcall explain {document['code']}"}
    return document


def initials(name: str | None) -> str:
    """The first letters of a name: "A. L." for "Ann Lee"."""
    return " ".join(f"{word[0]}." for word in (name or "").replace(",", " ").split())


def _nameless_alert(alert: dict[str, Any]) -> dict[str, Any]:
    """The same alert with initials. The text of a finding may name somebody, and so may a note."""
    subjects = [
        {**one, "label": initials(one["label"])} if one["id"] in alert["agents"] else {**one, "text": ""}
        for one in alert["subjects"]
    ]
    taken = alert["acknowledged"]
    known = None if taken is None else {**taken, "by": initials(taken["by"]), "note": ""}
    return {**alert, "subjects": subjects, "acknowledged": known}


def nameless_timeline(document: dict[str, Any]) -> dict[str, Any]:
    """The same timeline, or timelines, with initials for names."""
    if "agents" in document:
        return {**document, "agents": [nameless_timeline(lane) for lane in document["agents"]]}
    return {**document, "agent": {**document["agent"], "name": initials(document["agent"]["name"])}}


def _nameless(agent: dict[str, Any]) -> dict[str, Any]:
    return {**agent, "name": initials(agent["name"]), "user_name": "", "email": ""}
