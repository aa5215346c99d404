"""What alerts are and what is sent of them, as values."""

from __future__ import annotations

from enum import StrEnum

from cxone_rollcall.model.struct import Value


class AlertState(StrEnum):
    """Pending, firing or blind.

    PENDING until it held for long enough; BLIND if nothing shows whether a firing alert has ended.
    """

    PENDING = "pending"
    FIRING = "firing"
    BLIND = "blind"


class Acknowledged(Value, frozen=True):
    """Who has taken an alert over, when, and what they noted. `at` is in seconds since the epoch."""

    by: str
    at: float
    note: str = ""


class Subject(Value, frozen=True, kw_only=True):
    """One agent or finding of an alert; for a count `id` is "".

    `since` is when its condition was first seen true.
    """

    id: str
    label: str
    text: str
    since: float
    state: AlertState
    is_agent: bool = False


class Alert(Value, frozen=True, kw_only=True):
    """What holds of one rule in one team. "" is no team.

    `since` is when it was first seen true; `fired` when it began to fire, None while it is pending.
    """

    id: str
    name: str
    team: str
    state: AlertState
    since: float
    fired: float | None
    subjects: tuple[Subject, ...]
    acknowledged: Acknowledged | None = None
    send: tuple[str, ...] = ()


class Kind(StrEnum):
    """What an event reports. JOINED: more people; SEEN: not blind any more, and still firing."""

    FIRING = "firing"
    JOINED = "joined"
    BLIND = "blind"
    SEEN = "seen"
    ENDED = "ended"


class AlertEvent(Value, frozen=True, kw_only=True):
    """One message. It has one alert, or all that go blind at once.

    `id` is the same however often it is sent. `why` says why an alert ended. For FIRING and JOINED, `subjects` of the
    alert are those that are new; for ENDED, the last ones.
    """

    id: str
    kind: Kind
    at: float
    alerts: tuple[Alert, ...]
    send: tuple[str, ...] = ()
    why: str = ""
