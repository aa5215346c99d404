"""Small formats: Prometheus, Singer, filtered events, and agents as rows."""

from __future__ import annotations

import json as reader
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.support.many_values import together
from tests.views.test_whole import live_events

from cxone_rollcall.live.events import BoardShown, Change, Polled
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views import csv, json, live, singer, table
from cxone_rollcall.views.columns import COLUMNS, ROSTER, RowWriter
from cxone_rollcall.views.prometheus import metric, number

HOSTILE = '=a"\\\n\x1b\u202e\ud800'
TIME = "2026-03-02T10:00:00Z"
ENTRIES = (
    RollEntry(Agent("1", HOSTILE, "u", "e", "t", True), Standing.PRESENT, AgentState("1", "Busy", "Chat", "x")),
    RollEntry(Agent("2", active=False), Standing.LOGGED_OUT, AgentState("2", "LoggedOut", None, TIME)),
    RollEntry(Agent("3"), Standing.ABSENT),
    RollEntry(Agent("4"), Standing.UNKNOWN),
)  # fmt: skip


def test_metrics_are_escaped() -> None:
    """A label has its escapes. A metric without a sample is not there."""
    samples = [({"team": 'a"\\\nb', "of": "x"}, 1.0), ({}, 12_345.678_91)]
    assert metric("agents", "gauge", "About.", samples) == [
        "# HELP rollcall_agents About.",
        "# TYPE rollcall_agents gauge",
        'rollcall_agents{team="a\\"\\\\\\nb",of="x"} 1',
        "rollcall_agents 12345.679",
    ]
    assert metric("agents", "gauge", "About.", []) == []


@together("figure", {"0": 0.0, "100": 100.0, "0.5": 0.5, "0.001": 0.001, "-2": -2.0, "1000000000": 1e9})
def test_figures_have_no_useless_zeros(figure: float) -> None:
    """A whole number has no point, and a zero that counts stays."""
    assert float(number(figure)) == figure
    assert number(figure) == str(figure).removesuffix(".0").replace("1e+09", "1000000000")


def written(writer: RowWriter) -> bytes:
    """All agents in a format, as a complete list."""
    return writer.begin + b"".join(map(writer.row, ENTRIES)) + writer.end + writer.if_complete


def test_agents_as_rows_are_whole() -> None:
    """Each format of a list has these bytes, and nothing else. An unknown agent is never logged out in any."""
    hostile = r'"=a\"\\\n\u001b\u202e\\ud800"'
    lines = [
        f'{{"agent_id":"1","name":{hostile},"user_name":"u","email":"e","team":"t","active":true,"standing":"present",'
        '"state":"Busy","sub_state":"Chat","logged_in":true,"since":"x"}',
        '{"agent_id":"2","name":null,"user_name":null,"email":null,"team":null,"active":false,"standing":"logged_out",'
        '"state":"LoggedOut","sub_state":null,"logged_in":false,"since":"2026-03-02T10:00:00Z"}',
        *(
            f'{{"agent_id":"{one}","name":null,"user_name":null,"email":null,"team":null,"active":null,'
            f'"standing":"{standing}","state":null,"sub_state":null,"logged_in":null,"since":null}}'
            for one, standing in (("3", "absent"), ("4", "unknown"))
        ),
    ]
    assert written(json.rows(COLUMNS, array=False)).decode() == "".join(f"{line}\n" for line in lines)
    assert written(json.rows(COLUMNS, array=True)).decode() == "[\n" + ",\n".join(lines) + "\n]\n"
    cells = (
        "agent_id,name,user_name,email,team,active,standing,state,sub_state,logged_in,since\r\n"
        '1,"\'=a""\\\n\x1b\u202e\\ud800",u,e,t,true,present,Busy,Chat,true,x\r\n'
        "2,,,,,false,logged_out,LoggedOut,,false,2026-03-02T10:00:00Z\r\n"
        "3,,,,,,absent,,,,\r\n"
        "4,,,,,,unknown,,,,\r\n"
    )
    assert written(csv.rows(COLUMNS)).decode() == cells
    assert (
        written(csv.rows(ROSTER[:1], show=lambda text: text * 2, mark=b"M")) == b"Magent_id\r\n11\r\n22\r\n33\r\n44\r\n"
    )
    pipe, narrow = written(table.rows(table.STATES, None)).decode(), written(table.rows(table.STATES, 40)).decode()
    assert pipe == (
        "agent id       name                team            standing    state\n"
        '1              =a"\\\\n\\x1b\\u202e\\ud800  t               present     Busy - Chat\n'
        "2                                                  logged_out  LoggedOut\n"
        "3                                                  absent      (absent)\n"
        "4                                                  unknown     (unknown)\n"
    )
    assert narrow == (
        "agent id       name      state\n"
        '1              =a"\\\\n\\…  Busy - Chat\n'
        "2                        LoggedOut\n"
        "3                        (absent)\n"
        "4                        (unknown)\n"
    )


def test_agents_for_singer_are_whole() -> None:
    """Each record has its time; a time that is none is null. Only a complete list has a STATE."""
    times = (datetime(2026, 3, 2, 11, second, 5, tzinfo=timezone(timedelta(hours=1))) for second in range(9))
    columns = tuple(one for one in COLUMNS if one.name in ("agent_id", "active", "logged_in", "since"))
    writer = singer.rows("s", columns, now=lambda: next(times))
    seen, as_of = '"time_extracted":"2026-03-02T10:0{}:05Z"', '"as_of":"2026-03-02T10:00:05Z"'
    records = (
        '"agent_id":"1","active":true,"logged_in":true,"since":null',
        '"agent_id":"2","active":false,"logged_in":false,"since":"2026-03-02T10:00:00.000Z"',
        '"agent_id":"3","active":null,"logged_in":null,"since":null',
        '"agent_id":"4","active":null,"logged_in":null,"since":null',
    )
    assert written(writer).decode().splitlines() == [
        '{"type":"SCHEMA","stream":"s","schema":{"type":"object","properties":{'
        '"as_of":{"type":"string","format":"date-time"},"agent_id":{"type":"string"},'
        '"active":{"type":["null","boolean"]},"logged_in":{"type":["null","boolean"]},'
        '"since":{"type":["null","string"],"format":"date-time"}}},"key_properties":["agent_id"],'
        '"bookmark_properties":["as_of"]}',
        *(
            f'{{"type":"RECORD","stream":"s","record":{{{as_of},{record}}},{seen.format(at)}}}'
            for at, record in enumerate(records, 1)
        ),
        f'{{"type":"STATE","value":{{"bookmarks":{{"s":{{{as_of}}}}}}}}}',
    ]
    assert writer.end == b""
    roster = singer.rows("s", ROSTER[:1], now=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    assert b"since" not in roster.begin + roster.row(ENTRIES[0])


def team(*teams: str | None) -> Callable[[Seat], bool]:
    """A filter that shows agents of these teams."""
    return lambda seat: seat.agent.team in teams


@pytest.mark.parametrize(
    ("shows", "listed", "hidden"),
    [
        (team("Support"), ["a"], 2),
        (team(None), ["b", "c"], 1),
        (team(), [], 3),
        (team("Support", None), ["a", "b", "c"], 0),
    ],
)
def test_a_filtered_board_counts_whom_it_hides(shows: Callable[[Seat], bool], listed: list[str], hidden: int) -> None:
    """A filtered board has the agents who pass, and counts the others. Its counts are of everybody."""
    events = [event for _, event in live_events()]
    board = next(event for event in events if isinstance(event, BoardShown))
    polled = next(event for event in events if isinstance(event, Polled))
    made = reader.loads(live.filtered_line(board, {}, board.seats, shows))
    assert [one["agent_id"] for one in made["agents"]] == listed
    assert made == {**live.document(board, {}), "agents": made["agents"], "hidden": hidden}
    assert [one for one in live.document(board, {})["agents"] if one["agent_id"] in listed] == made["agents"]
    of_poll = live.filtered_line(polled, {}, board.seats, shows)
    assert reader.loads(of_poll) == {**live.document(polled, {}), "hidden": hidden}
    assert of_poll.endswith(b"}\n")


def test_a_filtered_change_is_shown_to_who_sees_a_side_of_it() -> None:
    """Whoever sees an agent before or after a change sees the change. Findings are for everybody."""
    events = dict(live_events())
    board = events["board"]
    assert isinstance(board, BoardShown)
    ann = board.seats[0]
    moved = replace(ann, agent=replace(ann.agent, team="Billing"))
    change = Change(poll=2, agent_id="a", before=ann, after=moved)
    for teams, seen in ((("Support",), True), (("Billing",), True), (("Sales", None), False)):
        line = live.filtered_line(change, {"a": ("RC601",)}, (), team(*teams))
        assert line == (live.line(change, {"a": ("RC601",)}) if seen else b"")
    new = replace(change, before=None)
    gone = replace(change, after=None)
    assert live.filtered_line(new, {}, (), team("Billing")) == live.line(new, {})
    assert live.filtered_line(gone, {}, (), team("Billing")) == b""
    finding = events["finding"]
    assert live.filtered_line(finding, {}, board.seats, team()) == live.line(finding, {})


HARMFUL = "\x7f\x80\x9f\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"


@together("character", {repr(one): one for one in HARMFUL})
def test_json_escapes_what_a_terminal_obeys(character: str) -> None:
    """Controls, bidi marks and line separators are escapes in JSON. They read back as they were."""
    made = json.encode({"name": f"a{character}b"})
    assert made == f'{{"name":"a\\u{ord(character):04x}b"}}'.encode()
    assert reader.loads(made) == {"name": f"a{character}b"}


@together("character", {repr(one): one for one in "\xa0\u0619\u061d\u200b\u2010\u2027\u202f\u2065\u206aé渡"})
def test_json_leaves_other_characters_alone(character: str) -> None:
    """The neighbours of harmful characters are as they were."""
    assert json.encode(character) == f'"{character}"'.encode()


def test_json_of_any_values_has_no_lone_surrogate() -> None:
    """Surrogates become escapes in keys, lists and texts. Other values are unchanged."""
    value = {"\ud800": ["\udfff", 1, None, True, {"a": ("x", 1.5)}]}
    assert reader.loads(json.encode(value)) == {"\\ud800": ["\\udfff", 1, None, True, {"a": ["x", 1.5]}]}


def test_the_seconds_of_a_poll_have_milliseconds() -> None:
    """Age and duration of a poll have three decimals. Unknown ones are null."""
    polled = Polled(
        poll=1, as_of=None, received_at=None, ok=False, complete=False, age=None, counts={}, requests=3, interval=5.0
    )
    timed = live.document(replace(polled, age=0.12345, took=2.98765), {})
    assert (timed["age"], timed["took"]) == (0.123, 2.988)
    untimed = live.document(polled, {})
    assert (untimed["age"], untimed["took"], untimed["as_of"], untimed["received_at"]) == (None, None, None, None)


def test_each_way_to_begin_a_formula_is_neutral() -> None:
    """A text that a spreadsheet may run gets an apostrophe. One with such a sign inside does not."""
    for begins in ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"):
        assert csv.neutral(f"{begins}1") == f"'{begins}1"
        assert csv.neutral(f"1{begins}") == f"1{begins}"
    assert csv.neutral("") == ""
    assert csv.lines([["a;b", 1], ['"', "ü\ud800"]], ";") == b'"a;b";1\r\n"""";\xc3\xbc\\ud800\r\n'
