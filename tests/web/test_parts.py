"""Parts of the board's server: the ring, documents, metrics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from tests.fleet.seats import seat
from tests.fleet.test_view import START, Played, last
from tests.support.many_values import together
from tests.views.test_whole import live_events

from cxone_rollcall.fleet.records import Changed, Note
from cxone_rollcall.live.events import BoardShown, Change, Polled
from cxone_rollcall.live.seat import MOST_MISSED, STALE
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.struct import replace
from cxone_rollcall.version import __version__
from cxone_rollcall.views.live import document
from cxone_rollcall.web import documents, metrics
from cxone_rollcall.web.archive import Archive
from cxone_rollcall.web.overview import of
from cxone_rollcall.web.ring import MOST_BYTES, MOST_POLLS, Ring
from cxone_rollcall.web.tenant import MOST_RECENT, RECENT, Tenant


def test_the_ring_keeps_an_hour() -> None:
    """The ring has the last 360 polls. Older ones, and those to come, are not there."""
    ring = Ring()
    assert (ring.last is None, ring.after(0)) == (True, None)
    for number in range(7, 7 + MOST_POLLS):
        ring.append(number, b"%d" % number)
    assert (MOST_POLLS, ring.after(6), ring.after(5)) == (360, (b"7", 7), None)
    ring.append(367, b"x")
    assert (ring.after(6), ring.after(7), ring.after(366), ring.after(367)) == (None, (b"8", 8), (b"x", 367), None)
    assert ring.last == 367
    ring.clear()
    assert (ring.last is None, ring.after(366)) == (True, None)


def test_the_ring_bounds_its_bytes() -> None:
    """The ring has 8 MiB at most. The newest block stays, however large it is."""
    ring, half = Ring(), bytes(MOST_BYTES // 2)
    assert MOST_BYTES == 8 * 1024 * 1024
    ring.append(1, half)
    ring.append(2, half)
    assert ring.after(0) == (half, 1)
    ring.append(3, b"x")
    assert (ring.after(0), ring.after(1)) == (None, (half, 2))
    ring.append(4, half * 3)
    assert (ring.after(2), ring.after(3)) == (None, (half * 3, 4))
    ring.clear()
    for number in (5, 6):
        ring.append(number, half)
    assert ring.after(4) == (half, 5)


async def test_a_reader_of_the_ring_wakes_with_a_block_and_at_the_end() -> None:
    """Whoever waits goes on with the next block. After the end nobody waits."""
    ring = Ring()
    wakes: tuple[Callable[[], None], ...] = (lambda: ring.append(1, b""), ring.close)
    for wake in wakes:
        waiting = [asyncio.ensure_future(ring.wait()) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(one.done() for one in waiting)
        waiting[0].cancel()  # the others still wait
        wake()
        await asyncio.gather(*waiting[1:])
    await ring.wait()
    assert ring.closed.is_set()


def test_an_event_for_readers_is_whole() -> None:
    """A poll is sent with its events, each a line of data. The last has the id, so that no reader resumes within."""
    sent = documents.block([{"type": "change", "a": "\n\u2028"}, {"type": "poll"}], "r.7")
    assert sent == (
        b'event: change\ndata: {"type":"change","a":"\\n\\u2028"}\n\n'
        b'event: poll\ndata: {"type":"poll"}\nid: r.7\n\n'
    )  # fmt: skip


def test_teams_are_counted_by_what_may_be_shown() -> None:
    """A last known state counts in its group. An unknown agent has none. Sorted by name in any letter case."""
    board = dict(live_events())["board"]
    assert isinstance(board, BoardShown)
    ann, bo, cy = board.seats
    lost = replace(ann, agent=Agent("d", team="billing"), missed=MOST_MISSED)
    stale = replace(ann, agent=Agent("e", team="Support"), missed=STALE)
    nowhere = replace(ann, agent=Agent("f", team="billing"), group=None)
    groups = {"available": 0, "on-contact": 0, "after-contact": 0, "unavailable": 0, "pending": 0, "other": 0}
    none = {"roster": 0, "stale": 0, "logged_out": 0, "absent": 0, "unknown": 0}
    assert documents.teams([ann, bo, cy, lost, stale, nowhere]) == [
        {"team": "", "groups": {**groups, "unavailable": 1}, **none, "roster": 2, "absent": 1},
        {"team": "billing", "groups": groups, **none, "roster": 2, "stale": 1, "unknown": 1},
        {"team": "Support", "groups": {**groups, "available": 2}, **none, "roster": 2, "stale": 1},
    ]


def changes() -> dict[str, tuple[Change, dict[str, Any]]]:
    """Each change of the examples, with its document."""
    return {name: (one, document(one, {})) for name, one in live_events() if isinstance(one, Change)}


def test_a_change_is_recent_only_if_both_sides_are_known() -> None:
    """Going blind and seeing again are no changes. Nor is a last known state."""
    made = changes()
    shown = {name: documents.recent(*of_one, at=60.0) for name, of_one in made.items()}
    lunch = {"standing": "present", "state": "Break", "sub_state": "Lunch", "group": "unavailable"}
    out = {"standing": "logged_out", "state": None, "sub_state": None, "group": None}
    absent = {**out, "standing": "absent"}
    at = {"at": "1970-01-01T00:01:00.000Z"}
    assert {name: one for name, one in shown.items() if one} == {
        "logged out": {**at, "agent_id": "b", "name": "", "team": None, "before": lunch, "after": out},
        "new": {**at, "agent_id": "c", "name": "", "team": None, "before": None, "after": absent},
        "off the roster": {**at, "agent_id": "c", "name": "", "team": None, "before": absent, "after": None},
    }
    change, _ = made["last known"]
    assert change.before is not None
    named = replace(change, after=None)
    gone = documents.recent(named, document(named, {}), at=60.0)
    assert gone is not None
    assert (gone["name"], gone["team"]) == ("A. L.", "Support")
    out_again = replace(change, before=replace(change.before, state=None), after=change.before)
    came = documents.recent(out_again, document(out_again, {}), at=60.0)
    assert came is not None
    assert (came["name"], came["team"]) == ("Ann Lee", "Support")
    back = replace(made["unknown"][0], before=made["unknown"][0].after, after=change.before)
    assert documents.recent(back, document(back, {}), at=60.0) is None


@together(
    "name",
    {
        "two names": ("Ann Lee", "A. L."),
        "the family first": ("Lee, Ann Maria", "L. A. M."),
        "a comma without a blank": ("Lee,Ann", "L. A."),
        "blanks": ("  Ann  ", "A."),
        "other scripts": ("渡辺 美咲", "渡. 美."),
        "nothing": (None, ""),
        "no letters": (" , ", ""),
    },
)
def test_initials(name: tuple[str | None, str]) -> None:
    """Of each word of a name its first letter stays."""
    whole, short = name
    assert documents.initials(whole) == short


def test_anonymous_documents_name_nobody() -> None:
    """Names are initials. Texts that may hold a name are left out. Nothing else changes."""
    events = {name: document(event, {}) for name, event in live_events()}
    board, change = events["board"], events["unknown"]
    nameless = {"name": "A. L.", "user_name": "", "email": ""}
    others = {"name": "", "user_name": "", "email": ""}
    first, *rest = board["agents"]
    assert documents.anonymous(board) == {
        **board, "agents": [{**first, **nameless}, *({**one, **others} for one in rest)]
    }  # fmt: skip
    assert documents.anonymous(change) == {**change, "after": {**change["after"], **nameless}}
    gone, poll, finding = events["off the roster"], events["poll"], events["finding"]
    assert (documents.anonymous(gone), documents.anonymous(poll)) == (gone, poll)
    assert documents.anonymous(finding) == {
        **finding, "message": finding["name"], "fix": f"rollcall explain {finding['code']}"
    }  # fmt: skip
    people = [{"id": "1", "label": "Ann Lee", "text": "Break"}, {"id": "RC1", "label": "RC1", "text": "Ann fails"}]
    alert = {"type": "alert", "agents": ["1"], "subjects": people, "acknowledged": None, "name": "n"}
    subjects = [{"id": "1", "label": "A. L.", "text": "Break"}, {"id": "RC1", "label": "RC1", "text": ""}]
    assert documents.anonymous(alert) == {**alert, "subjects": subjects}
    taken = {"by": "Bo Ek", "at": "t", "note": "Ann is ill"}
    known = {"by": "B. E.", "at": "t", "note": ""}
    assert documents.anonymous({**alert, "acknowledged": taken})["acknowledged"] == known
    lane = {"agent": {"agent_id": "1", "name": "Ann Lee", "team": "T"}, "intervals": [1]}
    hidden = {"agent": {"agent_id": "1", "name": "A. L.", "team": "T"}, "intervals": [1]}
    assert documents.nameless_timeline(lane) == hidden
    assert documents.nameless_timeline({"agents": [lane], "total": 1}) == {"agents": [hidden], "total": 1}


FILTER = Note("RC406", True, "PROVEN", "Ann Lee is hidden")


def of_a_day(anonymous: bool = False) -> tuple[Played, Tenant]:
    """A tenant of two agents after a poll. One is logged out, and a finding holds."""
    played, tenant = Played(), Tenant("", "Acme", interval=10.0, anonymous=anonymous)
    tenant.show(played.view)
    out = Changed("2", None, replace(seat("2", None), agent=Agent("2", "Bo Ek", team='a"\\\nb')))
    ann = Changed("1", None, replace(seat("1"), agent=Agent("1", "Ann Lee", "alee", "ann@x"), group="available"))
    for event in played.poll(ann, out, number=2, notes=(FILTER,)):
        tenant.take(replace(event, took=1.23456) if isinstance(event, Polled) else event)
    for status in (200, 200, None, 429):
        exchange = Exchange(number=1, method="GET", target="/", purpose="", status=status, fault="", milliseconds=1.0)
        tenant.count(exchange)
    return played, tenant


def samples(tenant: Tenant) -> list[str]:
    """All samples of a tenant."""
    return [line for line in metrics.render(tenant).decode().splitlines() if not line.startswith("#")]


def test_the_metrics_are_whole() -> None:
    """Each metric has its type and its sample. What is not known is not there."""
    played, tenant = of_a_day()
    tenant.readers = 3
    start = f"{START:.0f}"
    first = [
        f'rollcall_build_info{{version="{__version__}"}} 1',
        "rollcall_up 1",
        'rollcall_polls_total{result="missed"} 0',
        'rollcall_polls_total{result="ok"} 1',
        'rollcall_requests_total{status="200"} 2',
        'rollcall_requests_total{status="429"} 1',
        'rollcall_requests_total{status="none"} 1',
        "rollcall_throttled_total 1",
        "rollcall_poll_duration_seconds_sum 1.235",
        "rollcall_poll_duration_seconds_count 1",
        "rollcall_sse_clients 3",
        f"rollcall_last_success_timestamp_seconds {start}",
        'rollcall_finding{code="RC406"} 1',
        f"rollcall_as_of_timestamp_seconds {start}",
        'rollcall_agents{standing="present"} 1',
        'rollcall_agents{standing="logged_out"} 1',
        'rollcall_agents{standing="absent"} 0',
        'rollcall_agents{standing="unknown"} 0',
    ]
    groups = ("available", "on-contact", "after-contact", "unavailable", "pending", "other")
    of_nobody = [f'rollcall_group_agents{{group="{group}",team=""}} {int(group == groups[0])}' for group in groups]
    of_a_team = [f'rollcall_group_agents{{group="{group}",team="a\\"\\\\\\nb"}} 0' for group in groups]
    assert samples(tenant) == [*first, *of_nobody, *of_a_team]
    text = metrics.render(tenant).decode()
    assert text.endswith("\n")
    kinds = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE"))
    assert {name.removeprefix("rollcall_"): kind for name, kind in kinds.items() if kind != "gauge"} == {
        "polls_total": "counter",
        "requests_total": "counter",
        "throttled_total": "counter",
        "poll_duration_seconds": "summary",
    }
    names = {line.partition("{")[0].partition(" ")[0] for line in samples(tenant)}
    assert {name.removesuffix("_sum").removesuffix("_count") for name in names} == kinds.keys()
    assert not any(word in text for word in ("Ann", "alee", "Bo Ek"))
    for event in played.wait(33):
        tenant.take(event)
    assert not any("group_agents" in line for line in samples(tenant))  # last known states are no figures
    assert {"rollcall_up 0", 'rollcall_polls_total{result="missed"} 2'} <= set(samples(tenant))
    assert f"rollcall_last_success_timestamp_seconds {start}" in samples(tenant)
    tenant.take(replace(last(played.poll(number=3)), took=2.0))
    assert {"rollcall_poll_duration_seconds_sum 3.235", "rollcall_poll_duration_seconds_count 2"} <= set(
        samples(tenant)
    )


def test_the_metrics_of_a_new_tenant() -> None:
    """Before the first poll no agent is counted, not even as zero."""
    assert samples(Tenant("", "Acme", interval=10.0)) == [
        f'rollcall_build_info{{version="{__version__}"}} 1',
        "rollcall_up 0",
        'rollcall_polls_total{result="missed"} 0',
        'rollcall_polls_total{result="ok"} 0',
        "rollcall_throttled_total 0",
        "rollcall_poll_duration_seconds_sum 0",
        "rollcall_poll_duration_seconds_count 0",
        "rollcall_sse_clients 0",
    ]


def test_an_id_of_an_event_is_of_its_run() -> None:
    """A reader goes on after an id of this run only. Any other text begins anew."""
    _, tenant = of_a_day()
    assert (tenant.event_id(7), tenant.position("r.7"), tenant.position("r.0")) == ("r.7", 7, 0)
    wrong = ("", "r", "r.", "7", ".7", "s.7", "r.-1", "r.x", "r.\u0667", f"r.{'9' * 16}", "r.7 ", "r.1.7")
    assert [tenant.position(one) for one in wrong] == [None] * len(wrong)
    assert tenant.position(f"r.{'9' * 15}") == int("9" * 15)
    new = Tenant("", "Acme", interval=10.0)
    assert (new.event_id(7), new.position(".7"), new.server_time) == (".7", None, None)


def archive(recording: Any = None) -> Archive:
    """The history of a tenant that nobody reads."""
    return Archive(Mock(), Mock(), recording)


@pytest.mark.parametrize("polls", [None, 0])
async def test_nothing_of_the_polling_before_is_sent(polls: int | None) -> None:
    """Changes of a poll that did not end are not sent. Nor are those that wait for the history."""
    _, tenant = of_a_day()
    recording = None if polls is None else Mock(polls=polls, take=AsyncMock(), trouble="")
    tenant.archive = archive(recording)
    await tenant.follow(dict(live_events())["new"])
    played = Played()
    tenant.show(played.view)
    await tenant.follow(played.poll(number=0)[-1])
    sent = tenant.ring.after(0)
    assert sent is not None
    assert (sent[1], sent[0].count(b"event: change")) == (1, 0)


def test_recent_changes_end_with_a_quarter_hour() -> None:
    """The newest change is first. One of more than 15 minutes ago is not listed, and 200 at most."""
    played, tenant = of_a_day()

    def move(number: int, *, to: str | None) -> None:
        before, after = (seat("2", state) for state in ((None, to) if to else ("Break", None)))
        for event in played.poll(Changed("2", before, after), number=number):
            tenant.take(event)

    def listed() -> list[tuple[str, str]]:
        changes = json.loads(tenant.board())["recent"]["changes"]
        return [(one["before"]["standing"], one["after"]["standing"]) for one in changes]

    assert listed() == []
    move(3, to="Break")
    played.now += RECENT
    move(4, to=None)
    assert listed() == [("present", "logged_out"), ("logged_out", "present")]
    played.now += 1
    move(5, to="Break")
    assert listed() == [("logged_out", "present"), ("present", "logged_out")]
    for number in range(6, 6 + MOST_RECENT + 5):
        move(number, to="Break" if number % 2 else None)
    assert (len(listed()), MOST_RECENT, RECENT) == (200, 200, 900.0)


def test_hostile_lines_of_the_list_are_plain() -> None:
    """A missed poll's reason is text of others. Whatever it is, the line of a tenant has it as it is."""
    played, tenant = of_a_day()
    for event in played.quiet(2, 2, ok=False, complete=False, missed="<b>\x1b\u202e", as_of=START):
        tenant.take(event)
    assert of(tenant).text == "2 agents, 1 present: <b>\x1b\u202e"
