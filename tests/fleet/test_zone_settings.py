"""What a zone has in the engine, whole."""

from __future__ import annotations

import pytest

from cxone_rollcall.fleet import streams

WEEK_NS = 604_800_000_000_000
HELD = {"storage": "file", "num_replicas": 3, "compression": "none"}
TICKETS = {
    "subjects": ["ticket.eu.*"],
    "retention": "workqueue",
    "discard": "new",
    "max_msgs_per_subject": 1,
    "discard_new_per_subject": True,
    "allow_direct": True,
}
HISTORY = {
    "subjects": ["hist.eu.*"],
    "retention": "limits",
    "discard": "old",
    "max_age": WEEK_NS,
    "allow_direct": True,
    "republish": {"src": "hist.eu.>", "dest": "live.eu.>"},
}
SNAPSHOTS = {
    "subjects": ["snap.eu.*.*", "seen.eu.*"],
    "retention": "limits",
    "discard": "old",
    "max_msgs_per_subject": 1,
    "allow_direct": True,
    "allow_msg_ttl": True,
}
LOGINS = {"subjects": ["token.eu.*"], "retention": "limits", "discard": "old", "max_msgs_per_subject": 1}
CONSUMER = {
    "durable_name": "workers",
    "ack_policy": "explicit",
    "ack_wait": 4_500_000_000,
    "max_deliver": -1,
    "max_ack_pending": -1,
    "max_waiting": 4096,
    "priority_policy": "prioritized",
    "priority_groups": ["workers"],
}
SHARED = ["holder.eu.*", "fleet.eu.*", "pace.eu.*", "_INBOX.eu.>"]
ASKED = [
    "INFO",
    "STREAM.INFO.TICKETS-eu",
    "STREAM.INFO.HIST-eu",
    "STREAM.INFO.SNAP-eu",
    "STREAM.MSG.GET.TICKETS-eu",
    "STREAM.MSG.GET.HIST-eu",
    "STREAM.MSG.GET.SNAP-eu",
    "DIRECT.GET.TICKETS-eu",
    "DIRECT.GET.HIST-eu",
    "DIRECT.GET.SNAP-eu",
    "STREAM.MSG.GET.TOKENS-eu",
    "CONSUMER.INFO.TICKETS-eu.workers",
    "CONSUMER.MSG.NEXT.TICKETS-eu.workers",
]
WRITTEN = ["hist.eu.*", "snap.eu.*.*", "seen.eu.*", "token.eu.*", "$JS.ACK.TICKETS-eu.>"]


def test_the_streams_of_a_zone() -> None:
    """Tickets, a week of history, last snapshots and sealed logins."""
    found = {"TICKETS-eu": TICKETS, "HIST-eu": HISTORY, "SNAP-eu": SNAPSHOTS, "TOKENS-eu": LOGINS}
    assert streams.wanted_streams("eu", 3) == {name: {**HELD, **settings} for name, settings in found.items()}


def test_the_consumer_of_tickets() -> None:
    """Every ticket is delivered again until a worker holds it."""
    assert streams.wanted_consumer(2.0) == CONSUMER


def test_what_a_worker_may() -> None:
    """A worker writes no ticket, and reads what is its zone's."""
    found = streams.permissions("eu")
    assert sorted(found["publish"]) == sorted([*(f"$JS.API.{one}" for one in ASKED), *WRITTEN, *SHARED])
    assert sorted(found["subscribe"]) == sorted(["live.eu.*", *SHARED])


@pytest.mark.parametrize("zone", ["eu", "us"])
def test_all_names_are_the_zones(zone: str) -> None:
    """No subject that a worker may use is of another zone."""
    found = streams.permissions(zone)
    names = [*found["publish"], *found["subscribe"]]
    assert all(zone in one.replace("-", ".").split(".") for one in names if one != "$JS.API.INFO")
