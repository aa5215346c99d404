"""What is told of a floor over some polls, event by event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.alerts.floor import START, blind, seat, sight
from tests.support.written import assert_as_written

from cxone_rollcall.alerts.events import Alert, AlertEvent
from cxone_rollcall.alerts.reading import parse_alerts
from cxone_rollcall.alerts.rules import AlertFile
from cxone_rollcall.alerts.sight import Sight
from cxone_rollcall.alerts.state import Alerts
from cxone_rollcall.model.roll import Standing

PLACES = '[send.desk]\nurl_env = "A"\n[send.chat]\nurl_env = "B"\n'
AT_ONCE = (
    """
[[alert]]
name = "break"
each = { state = "Break", longer_than = "30s" }
send = ["desk"]
[[alert]]
name = "idle"
each = { group = "available" }
send = ["desk", "chat"]
[[alert]]
name = "few"
count = { group = "available", by = "team", below = 1 }
[[alert]]
name = "blind"
count = { standing = "unknown", above = 2 }
send = ["chat"]
"""
    + PLACES
)
LATER = AT_ONCE.replace('longer_than = "30s" }', 'longer_than = "30s" }\nfor = "15s"\nkeep_firing_for = "15s"')


def polls() -> Iterator[Sight]:
    """A floor at each poll, ten seconds apart. People go on a break, out of sight, to another team, and away."""
    ann, ben = seat("1", "Break"), seat("2", "Break", since=START + 15)
    cat, dan = seat("3", team="Billing"), seat("4", team=None, standing=Standing.LOGGED_OUT)
    floors = [
        [seat("1"), seat("2"), cat, dan],
        [ann, seat("2"), cat, dan],
        [ann, ben, cat, dan],
        [ann, ben, cat, dan],
        [ann, ben, cat, dan],
        [ann, ben, cat, dan],
        [ann, ben, seat("3", "Busy", team="Billing", since=START + 60), dan],
        [*blind(ann, missed=1), ben, cat, dan],
        [*blind(ann, missed=2), *blind(ben, missed=1), *blind(cat, missed=1), dan],
        [*blind(ann), *blind(ben, missed=2), *blind(cat, missed=2), dan],
        [*blind(ann, ben, cat), dan],
        [ann, ben, seat("3"), dan],
        [seat("1", "Break", team="Sales"), ben, seat("3"), dan],
        [ben, seat("3"), dan],
        [seat("2", since=START + 140), seat("3"), dan],
        [seat("2", since=START + 140), seat("3"), dan],
        [seat("2", since=START + 140), seat("3"), seat("4", team=None)],
    ]
    for number, floor in enumerate(floors):
        yield sight(floor, START + 10 * number, roster_complete=number != 13)


def in_words(event: AlertEvent) -> Iterator[str]:
    """An event, its alerts and their people, a line for each."""
    to, why = " ".join(event.send) or "nobody", event.why and f": {event.why}"
    yield f"  {event.kind} at {event.at - START:g} to {to}{why}"
    for alert in event.alerts:
        fired = "" if alert.fired is None else f", fired {alert.fired - START:g}"
        yield f"    {alert.name} of {alert.team or 'no team'}, {alert.state}, since {alert.since - START:g}{fired}"
        for one in alert.subjects:
            yield f"      {one.id or '-'} {one.label or '-'}: {one.text}, {one.state}, since {one.since - START:g}"


def told(file: AlertFile) -> tuple[list[str], list[AlertEvent], list[tuple[Alert, ...]]]:
    """The words, the events and the alerts after each poll."""
    watching, words, events, alerts = Alerts(file.rules, tenant="acme"), list[str](), list[AlertEvent](), []
    for number, poll in enumerate(polls()):
        found = watching.judge(poll, START + 10 * number)
        words.append(f"poll {10 * number}: {' '.join(f'{one.name}/{one.team}={one.state}' for one in watching.now)}")
        words += [line for event in found for line in in_words(event)]
        events += found
        alerts.append(watching.now)
    return words, events, alerts


def test_each_event_is_written_out() -> None:
    """What rules tell is written beside this test."""
    text = []
    for name, file in (("at once", AT_ONCE), ("later", LATER)):
        words, events, _ = told(parse_alerts(file, named="alerts.toml"))
        assert len({event.id for event in events}) == len(events)
        text += [f"{name}:", *words]
    assert_as_written(Path(__file__).with_name("told.txt"), "\n".join(text) + "\n")


def test_a_restart_between_two_polls_changes_nothing() -> None:
    """Rules that need no time tell the same after each restart."""
    file = parse_alerts(AT_ONCE, named="alerts.toml")
    _, expected, alerts = told(file)
    found: list[AlertEvent] = []
    kept: object = None
    for number, poll in enumerate(polls()):
        watching = Alerts(file.rules, tenant="acme")
        if kept is not None:
            watching.restore(kept)
        found += watching.judge(poll, START + 10 * number)
        assert watching.now == alerts[number]
        kept = json.loads(json.dumps(watching.snapshot()))
    assert found == expected
