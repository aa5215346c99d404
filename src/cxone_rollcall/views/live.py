"""The events of the live view as JSON (`rollcall/live/1`). Fields are only ever added.

Whoever applies `board` and each `change` in order has the exact board at each `poll`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.views.json import encode

if TYPE_CHECKING:
    from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
    from cxone_rollcall.live.seat import Seat

SCHEMA = "rollcall/live/1"

Codes = Mapping[str, tuple[str, ...]]
"""The codes of the findings that explain each agent, by id."""


def line(event: Event, codes: Codes) -> bytes:
    """An event as one line of JSON."""
    return encode(document(event, codes)) + b"\n"


def filtered_line(event: Event, codes: Codes, seats: Iterable[Seat], shows: Callable[[Seat], bool]) -> bytes:
    """An event as one line of JSON for a filter. b"" for a change that `shows` no agent.

    The board has the agents who pass; a change is there if they pass before or after it. `hidden` of the board and of
    each poll counts the others among `seats`; `counts` are of everybody.
    """
    made = document(event, codes)
    if made["type"] == "change":
        pair: tuple[Seat | None, Seat | None] = (event.before, event.after)  # type: ignore[union-attr]
        return encode(made) + b"\n" if any(seat is not None and shows(seat) for seat in pair) else b""
    if made["type"] in ("board", "poll"):
        shown = {seat.agent.agent_id: shows(seat) for seat in seats}
        made["hidden"] = len(shown) - sum(shown.values())
        if made["type"] == "board":
            made["agents"] = [one for one in made["agents"] if shown[one["agent_id"]]]
    return encode(made) + b"\n"


def document(event: Event, codes: Codes) -> dict[str, Any]:
    """An event as JSON values; its `type` says which it is."""
    made: dict[str, Any] = _DOCUMENTS[type(event).__name__](event, codes)
    return made


def agent(seat: Seat, codes: Codes) -> dict[str, Any]:
    """An agent of the board: the fields of `check` and more.

    `group` is that of the state, `since_certainty` how exact `since` is.

    `last_known` is there while the state is not current: what was last seen, and when.
    """
    known, state = seat.agent, seat.state
    document = {
        "agent_id": known.agent_id,
        "name": known.name,
        "user_name": known.user_name,
        "email": known.email,
        "team": known.team,
        "active": known.active,
        **_standing(seat),
        "logged_in": {"present": True, "logged_out": False}.get(seat.shown.value),
        **_since(seat),
        "findings": list(codes.get(known.agent_id, ())),
    }
    if seat.is_stale:
        last = {"standing": seat.standing.value, "as_of": format_timestamp(seat.as_of), "group": seat.group}
        names = {"state": state.state if state else None, "sub_state": state.sub_state if state else None}
        document["last_known"] = {**last, **names}
    return document


def _standing(seat: Seat) -> dict[str, Any]:
    """Standing, state and group as they may be shown. An unknown agent has no state."""
    known = seat.state if seat.shown is seat.standing else None
    return {
        "standing": seat.shown.value,
        "state": known.state if known else None,
        "sub_state": known.sub_state if known else None,
        "group": seat.group if known else None,
    }


def _since(seat: Seat) -> dict[str, Any]:
    """Since when. The state began not later than `since`, and after `since_earliest` if that is known."""
    if seat.shown is not seat.standing:
        return {"since": None, "since_certainty": None, "since_earliest": None}
    since = seat.since
    return {
        "since": format_timestamp(since.latest),
        "since_certainty": since.certainty.value,
        "since_earliest": None if since.earliest is None else format_timestamp(since.earliest),
    }


def _board(event: BoardShown, codes: Codes) -> dict[str, Any]:
    return {
        "type": "board",
        "schema": SCHEMA,
        "run": event.run,
        "poll": event.poll,
        "as_of": format_timestamp(event.as_of),
        "received_at": format_timestamp(event.received_at),
        "complete": event.complete,
        "counts": dict(event.counts),
        "agents": [agent(seat, codes) for seat in event.seats],
    }


def _change(event: Change, codes: Codes) -> dict[str, Any]:
    after = event.after
    return {
        "type": "change",
        "poll": event.poll,
        "agent_id": event.agent_id,
        "before": None if event.before is None else _standing(event.before),
        "after": None if after is None else agent(after, codes),
        "since": None if after is None else _since(after)["since"],
        "since_certainty": None if after is None else _since(after)["since_certainty"],
    }


def _finding(event: FindingChanged, codes: Codes) -> dict[str, Any]:
    finding = event.finding
    return {
        "type": "finding",
        "poll": event.poll,
        "code": finding.code,
        "name": finding.name,
        "begins": event.begins,
        "strength": finding.strength.value,
        "message": finding.text,
        "fix": finding.fix_text,
        "explains": list(finding.explains),
        "explains_all": finding.explains_all,
        "requests": sorted({one.exchange for one in finding.evidence if one.exchange}),
    }


def _poll(event: Polled, codes: Codes) -> dict[str, Any]:
    return {
        "type": "poll",
        "poll": event.poll,
        "as_of": None if event.as_of is None else format_timestamp(event.as_of),
        "received_at": None if event.received_at is None else format_timestamp(event.received_at),
        "ok": event.ok,
        "complete": event.complete,
        "age": None if event.age is None else round(event.age, 3),
        "counts": dict(event.counts),
        "requests": event.requests,
        "interval": event.interval,
        "missed": event.missed,
        "asked": event.asked,
        "corrected": event.corrected,
        "took": None if event.took is None else round(event.took, 3),
    }


_DOCUMENTS: Mapping[str, Any] = {"BoardShown": _board, "Change": _change, "FindingChanged": _finding, "Polled": _poll}
