"""What a desk says and keeps, and the limits of its rules."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.alerts.floor import START, alerts, blind, seat, sight
from tests.alerts.test_senders import Waits, emptied, failing

from cxone_rollcall.alerts.desk import AlertDesk, kept_in
from cxone_rollcall.alerts.events import AlertState
from cxone_rollcall.alerts.outbox import Outbox
from cxone_rollcall.alerts.reading import parse_alerts
from cxone_rollcall.alerts.senders import NotSent
from cxone_rollcall.alerts.sight import Sight, sight_of
from cxone_rollcall.alerts.state import Alerts
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.live.events import Polled

FILE = """
[[alert]]
name = "away"
each = { state = "Break", longer_than = "30s" }
limit = { Billing = "20s" }
send = ["desk"]
[[alert]]
name = "short"
each = { group = "unavailable", longer_than = "10s" }
for = "1m"
[[alert]]
name = "all"
each = { group = "unavailable" }
[send.desk]
url_env = "DESK_URL"
"""

POLLED = Polled(
    poll=3,
    as_of=START,
    received_at=START + 1,
    ok=True,
    complete=True,
    age=1.0,
    counts={},
    requests=1,
    interval=15.0,
    roster_complete=True,
)


def test_the_limit_of_each_agent_is_the_shortest() -> None:
    """Only firing rules with a time have a limit."""
    watching = alerts(FILE)
    seats = [seat("1", "Break"), seat("2", "Break", team="Billing"), seat("3", "Break", since=START + 20), seat("4")]
    for now in range(30, 80, 10):
        watching.judge(sight(seats, START + now), START + now)
        if now == 30:
            assert watching.limits == {"1": 30.0, "2": 20.0}
    assert watching.limits == {"1": 30.0, "2": 20.0, "3": 30.0}
    for now in range(80, 130, 10):
        watching.judge(sight(seats, START + now), START + now)
    assert watching.limits == {"1": 10.0, "2": 10.0, "3": 10.0}


def desk(folder: Path, complaints: list[str]) -> AlertDesk:
    """A desk that sends nothing yet. Its clock stands at 7."""
    rules = parse_alerts(FILE, named="alerts.toml").rules
    outbox = Outbox({"desk": failing(NotSent("HTTP 500"))}, wait=Waits().wait)
    return AlertDesk(
        Alerts(rules, tenant="acme"),
        outbox,
        tenant="acme",
        path=folder / "alerts.json",
        complain=complaints.append,
        clock=lambda: 7.0,
    )


async def test_a_desk_in_words(tmp_path: Path) -> None:
    """It lists alerts, what could not be sent, and its last complaint."""
    complaints: list[str] = []
    at = desk(tmp_path, complaints)
    events = at.alerts.judge(sight([seat("1", "Break")], START + 20), START + 20)
    for event in events:
        at.outbox.put(event.id, b"{}", ["desk"])
    at.outbox.put("other", b"{}", ["desk"])
    assert at.lines() == ["all (Support): Name 1 - Break"]
    await emptied(at.outbox)
    assert at.lines() == ["all (Support): Name 1 - Break", "2 messages not sent to desk: HTTP 500"]
    (tmp_path / "alerts.json").mkdir()
    at.keep()
    assert at.lines()[-1:] == complaints[-1:]
    assert complaints[-1] == f"the alerts cannot be kept in {tmp_path / 'alerts.json'}: Is a directory"
    assert os.listdir(tmp_path) == ["alerts.json"]  # noqa: PTH208


def test_a_team_that_is_nearly_called_so(tmp_path: Path) -> None:
    """An agent without a team is in none. The desk says once which teams nobody is in."""
    complaints: list[str] = []
    at = desk(tmp_path, complaints)
    seats = {"1": seat("1", team="Biling"), "2": seat("2", team=None)}
    followed: Any = SimpleNamespace(seats=seats, doubted=set(), findings={}, judged=set(), now=lambda: None)
    for _ in range(2):
        at.take(followed, POLLED)
    assert complaints == ["alert away: nobody on the board of acme is in team billing; did you mean Biling?"]


def test_a_desk_ends_all_at_its_own_time(tmp_path: Path) -> None:
    """The tenant's time counts. If it is not known, the clock's does."""
    for now, at_ in ((None, "1970-01-01T00:00:07.000Z"), (9.0, "1970-01-01T00:00:09.000Z")):
        at = desk(tmp_path, [])
        at.alerts.judge(sight([seat("1", "Break")], START + 30), START + 30)
        at.end_all("the tenant is gone", now)
        (kept,) = at.outbox.snapshot()
        body = json.loads(base64.b64decode(kept["body"]))
        assert (body["type"], body["timestamp"], body["data"]["why"]) == ("alert.ended", at_, "the tenant is gone")
        assert json.loads((tmp_path / "alerts.json").read_text())["messages"] == [kept]


def test_a_file_is_written_only_for_a_change(tmp_path: Path) -> None:
    """What is kept is read again, whole. Nothing new writes nothing."""
    at = desk(tmp_path, [])
    at.alerts.judge(sight([seat("1", "Break")], START + 30), START + 30)
    at.keep()
    path = tmp_path / "alerts.json"
    before = path.stat().st_ino
    at.keep()
    assert path.stat().st_ino == before
    again = desk(tmp_path, [])
    again.load()
    assert again.alerts.now == at.alerts.now
    at.acknowledge(at.alerts.now[0].id, "Ann", "", START)
    assert path.stat().st_ino != before
    again.load()
    assert again.alerts.now == at.alerts.now


def test_a_file_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    """All alerts begin anew. The line names the file and the reason."""
    complaints: list[str] = []
    path = tmp_path / "alerts.json"
    path.mkdir()
    desk(tmp_path, complaints).load()
    path.rmdir()
    path.write_text("{}")
    desk(tmp_path, complaints).load()
    path.unlink()
    desk(tmp_path, complaints).load()
    begin = f"the alerts of the last run, {path}, cannot be read"
    assert complaints == [f"{begin} (Is a directory): all begin anew", f"{begin} (it is damaged): all begin anew"]


def test_where_alerts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default in the user's data folder. Tenant and rules make the name, by whichever path."""
    monkeypatch.chdir(tmp_path)
    found = kept_in("acme", Path("x.toml"))
    assert found.parent.name == "alerts"
    assert kept_in("acme", tmp_path / "x.toml", tmp_path) == tmp_path / found.name
    assert (len(found.stem), found.suffix) == (16, ".json")
    assert kept_in("acme", tmp_path / "y.toml").name != found.name
    assert kept_in("\udcff", tmp_path / "x.toml").name != found.name


def test_an_alert_that_is_blind_and_one_that_is_pending() -> None:
    """An alert fires as long as one of its people does. Its times are the first ones."""
    watching = alerts(FILE.replace('for = "1m"', 'for = "5s"'))
    ann, bob = seat("1", "Break"), seat("2", "Break", since=START + 25)
    for now in (0, 10, 20, 30, 40):
        people = [ann, bob] if now >= 25 else [ann, seat("2")]
        watching.judge(sight(people, START + now), START + now)
    short = next(one for one in watching.now if one.name == "short")
    assert (short.state, short.since, short.fired) == (AlertState.FIRING, START + 10, START + 20)
    assert [(one.id, one.state, one.since) for one in short.subjects] == [
        ("1", AlertState.FIRING, START + 10),
        ("2", AlertState.PENDING, START + 40),
    ]
    for now in (50, 60, 70):
        watching.judge(sight([*blind(ann), bob], START + now), START + now)
    states = {one.name: (one.state, [it.state.value for it in one.subjects]) for one in watching.now}
    assert states["short"] == (AlertState.FIRING, ["blind", "firing"])


def test_what_there_is_to_judge_by() -> None:
    """A sight has what is followed, as of the poll. Two intervals may have passed since the poll before."""
    ann, found = seat("1"), CheckCrashed(evidence=(), check="x", error="y")
    followed: Any = SimpleNamespace(seats={"1": ann}, doubted={"2"}, findings={"RC901": found}, judged={"RC901"})
    assert sight_of(followed, POLLED) == Sight(
        seats={"1": ann},
        as_of=START,
        roster_complete=True,
        doubted={"2"},
        troubles={"RC901": found},
        judged={"RC901"},
        since_last=30.0,
    )
