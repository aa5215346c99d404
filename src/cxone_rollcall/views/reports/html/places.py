"""The place of each row. It has a name, a glyph, a colour and a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cxone_rollcall.model.struct import Value
from cxone_rollcall.views.screen.choices import GLYPHS
from cxone_rollcall.views.text import printable

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Report

UNKNOWN, OUT, OFF = "unknown", "out", "off"


class Place(Value, frozen=True):
    """What a time counts as. `key` is its class in the page."""

    key: str
    glyph: str
    name: str
    meaning: str


PLACES = (
    Place("on-contact", GLYPHS["on-contact"], "On contact", "with a customer or a colleague, inbound or outbound"),
    Place("after-contact", GLYPHS["after-contact"], "After contact", "work after a contact (ACW)"),
    Place("available", GLYPHS["available"], "Available", "waits for a contact"),
    Place("unavailable", GLYPHS["unavailable"], "Unavailable", "logged in on a break, in a meeting or not ready"),
    Place("pending", GLYPHS["pending"], "Pending", "on the way into another state"),
    Place("other", GLYPHS["other"], "Other", "logged in, in a state that has no group yet"),
    Place(UNKNOWN, "?", "Unknown", "the state was not known: nothing was recorded, or there was no answer"),
    Place(OUT, "○", "Logged out or absent", "known to be not logged in"),
    Place(OFF, " ", "Not on the roster", "no agent of the tenant at that time"),
)
"""In the order in which they are stacked, from below."""
BY_KEY = {place.key: place for place in PLACES}
DRAWN = tuple(place.key for place in PLACES if place.key not in (OUT, OFF))
"""What a stack shows: who is logged in, and who may be."""


def place_of(standing: Any, group: Any) -> str:
    """The key of a row's place."""
    if standing == "present":
        return str(group) if group in GLYPHS else "other"
    if standing == "unknown":
        return UNKNOWN
    return OFF if standing == "not_on_roster" else OUT


def state_text(standing: Any, state: Any, sub_state: Any) -> str:
    """The words for a row's state, printable. An agent that is not present has its standing."""
    if standing != "present":
        return str(standing).replace("_", " ").capitalize()
    own, sub = str(state or "Logged in"), str(sub_state or "")
    within = sub.casefold().startswith(own.casefold())
    return printable(sub if within else " - ".join(filter(None, (own, sub))))


def columns(report: Report, *names: str) -> Iterator[tuple[Any, ...]]:
    """Some columns of all rows, by name."""
    places = [report.columns.index(name) for name in names]
    for row in report.rows:
        yield tuple(row[place] for place in places)
