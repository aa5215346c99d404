"""What is sent of an alert: JSON and one text. Fields are only ever added."""

from __future__ import annotations

from typing import Any

from cxone_rollcall.alerts.events import Alert, AlertEvent, AlertState, Kind
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.views.json import encode

MOST_NAMED = 10
"""People who are named in a text. The JSON has all."""
_PLAIN = str.maketrans(dict(zip("<>@`*[]|\\&", "‹›＠'·()ǀ／＆", strict=True)))
"""Marks that a chat would follow, and their replacements. Examples: `<!channel>`, `@all`, links."""
_VERBS = {
    Kind.FIRING: "",
    Kind.JOINED: "more people",
    Kind.BLIND: "cannot be seen any more, and may still hold",
    Kind.SEEN: "can be seen again",
    Kind.ENDED: "is over",
}


def document(alert: Alert) -> dict[str, Any]:
    """An alert as JSON values. Times are UTC with a Z."""
    taken = alert.acknowledged
    return {
        "id": alert.id,
        "name": alert.name,
        "team": alert.team or None,
        "state": alert.state.value,
        "since": format_timestamp(alert.since),
        "fired": None if alert.fired is None else format_timestamp(alert.fired),
        "subjects": [
            {
                "id": one.id or None,
                "label": one.label or None,
                "text": one.text,
                "since": format_timestamp(one.since),
                "state": one.state.value,
            }
            for one in alert.subjects
        ],
        "agents": [one.id for one in alert.subjects if one.is_agent],
        "acknowledged": None
        if taken is None
        else {"by": taken.by, "at": format_timestamp(taken.at), "note": taken.note},
        "send": list(alert.send),
    }


def event_document(event: AlertEvent) -> dict[str, Any]:
    """An event as one object of the live stream."""
    return {
        "type": "alert",
        "id": event.id,
        "kind": event.kind.value,
        "at": format_timestamp(event.at),
        "text": text(event),
        "why": event.why,
        "alerts": [document(alert) for alert in event.alerts],
    }


def body(event: AlertEvent, tenant: str) -> bytes:
    """The body of a webhook.

    Source of `type`, `timestamp`, `data`: the Standard Webhooks specification, *Payload structure*.
    """
    data = {"tenant": tenant, **event_document(event)}
    return encode({"type": f"alert.{event.kind.value}", "timestamp": data["at"], "data": data})


def trial_body(place: str, at: float) -> bytes:
    """The body of a trial."""
    when = format_timestamp(at)
    words = f"This is a trial of rollcall's alerts to {plain(place)}. Nothing is wrong."
    return encode({"type": "alert.trial", "timestamp": when, "data": {"type": "trial", "at": when, "text": words}})


def in_words(alert: Alert) -> str:
    """An alert as it is now, on one line. Example: "few (Support), blind: 2, below 3"."""
    state = [] if alert.state is AlertState.FIRING else [alert.state.value]
    taken = [f"acknowledged by {plain(alert.acknowledged.by)}"] if alert.acknowledged is not None else []
    return f"{', '.join([_heading(alert), *state, *taken])}: {_people(alert)}"


def text(event: AlertEvent) -> str:
    """An event in words, on one line. No chat follows a name in it."""
    return "; ".join(_line(event, alert) for alert in event.alerts)


def _line(event: AlertEvent, alert: Alert) -> str:
    verb = "ended: " + event.why if event.why else _VERBS[event.kind]
    return ": ".join(filter(None, (" ".join(filter(None, (_heading(alert), verb))), _people(alert))))


def _heading(alert: Alert) -> str:
    return plain(alert.name) + (f" ({plain(alert.team)})" if alert.team else "")


def _people(alert: Alert) -> str:
    named = [_subject(one.label, one.text) for one in alert.subjects[:MOST_NAMED]]
    rest = len(alert.subjects) - len(named)
    more = [f"and {rest} more"] if rest else []
    return ", ".join([*filter(None, named), *more])


def _subject(label: str, words: str) -> str:
    return plain(f"{label} - {words}" if label and words and label != words else label or words)


def plain(words: str) -> str:
    """A text without control characters and without marks that a chat follows."""
    return "".join(character if character.isprintable() else " " for character in words).translate(_PLAIN)
