"""Whole messages, and their words."""

from __future__ import annotations

import json

import pytest
from tests.alerts.floor import START

from cxone_rollcall.alerts import message
from cxone_rollcall.alerts.events import Acknowledged, Alert, AlertEvent, AlertState, Kind, Subject


def subject(number: int, state: AlertState = AlertState.FIRING) -> Subject:
    """A person on a break since some seconds after the start."""
    return Subject(
        id=str(number), label=f"Name {number}", text="Break", since=START + number, state=state, is_agent=True
    )


ALERT = Alert(
    id="a-1",
    name="break",
    team="Support",
    state=AlertState.BLIND,
    since=START,
    fired=START + 60,
    subjects=(subject(1), subject(2, AlertState.PENDING)),
    acknowledged=Acknowledged("Ann", START + 70.5, "on it"),
    send=("desk", "chat"),
)
BARE = Alert(
    id="a-2",
    name="few",
    team="",
    state=AlertState.PENDING,
    since=START + 1,
    fired=None,
    subjects=(Subject(id="", label="", text="2, below 3", since=START + 1, state=AlertState.PENDING),),
)
DOCUMENTS = [
    {
        "id": "a-1",
        "name": "break",
        "team": "Support",
        "state": "blind",
        "since": "1970-01-12T13:46:40.000Z",
        "fired": "1970-01-12T13:47:40.000Z",
        "subjects": [
            {"id": "1", "label": "Name 1", "text": "Break", "since": "1970-01-12T13:46:41.000Z", "state": "firing"},
            {"id": "2", "label": "Name 2", "text": "Break", "since": "1970-01-12T13:46:42.000Z", "state": "pending"},
        ],
        "agents": ["1", "2"],
        "acknowledged": {"by": "Ann", "at": "1970-01-12T13:47:50.500Z", "note": "on it"},
        "send": ["desk", "chat"],
    },
    {
        "id": "a-2",
        "name": "few",
        "team": None,
        "state": "pending",
        "since": "1970-01-12T13:46:41.000Z",
        "fired": None,
        "subjects": [
            {"id": None, "label": None, "text": "2, below 3", "since": "1970-01-12T13:46:41.000Z", "state": "pending"}
        ],
        "agents": [],
        "acknowledged": None,
        "send": [],
    },
]


def test_a_whole_message() -> None:
    """A body has the tenant, the event and its text. Each alert is whole."""
    event = AlertEvent(id="msg_1", kind=Kind.BLIND, at=START + 80, alerts=(ALERT, BARE), send=("desk",), why="")
    words = (
        "break (Support) cannot be seen any more, and may still hold: Name 1 - Break, Name 2 - Break;"
        " few cannot be seen any more, and may still hold: 2, below 3"
    )
    at = "1970-01-12T13:48:00.000Z"
    data = {"type": "alert", "id": "msg_1", "kind": "blind", "at": at, "text": words, "why": "", "alerts": DOCUMENTS}
    assert message.event_document(event) == data
    assert json.loads(message.body(event, "acme")) == {
        "type": "alert.blind",
        "timestamp": at,
        "data": {"tenant": "acme", **data},
    }
    assert json.loads(message.trial_body("de<sk", START)) == {
        "type": "alert.trial",
        "timestamp": "1970-01-12T13:46:40.000Z",
        "data": {
            "type": "trial",
            "at": "1970-01-12T13:46:40.000Z",
            "text": "This is a trial of rollcall's alerts to de‹sk. Nothing is wrong.",
        },
    }


@pytest.mark.parametrize(
    ("kind", "why", "words"),
    [
        (Kind.FIRING, "", "few: 2, below 3"),
        (Kind.JOINED, "", "few more people: 2, below 3"),
        (Kind.BLIND, "", "few cannot be seen any more, and may still hold: 2, below 3"),
        (Kind.SEEN, "", "few can be seen again: 2, below 3"),
        (Kind.ENDED, "", "few is over: 2, below 3"),
        (Kind.ENDED, "the tenant is gone", "few ended: the tenant is gone: 2, below 3"),
    ],
)
def test_each_kind_of_message_has_its_words(kind: Kind, why: str, words: str) -> None:
    """A text says what became of the alert. Then it names people."""
    assert message.text(AlertEvent(id="", kind=kind, at=START, alerts=(BARE,), why=why)) == words


def test_an_alert_in_words() -> None:
    """It says the state unless it fires, and who acknowledged it. Ten people are named."""
    assert message.in_words(ALERT) == "break (Support), blind, acknowledged by Ann: Name 1 - Break, Name 2 - Break"
    assert message.in_words(BARE) == "few, pending: 2, below 3"
    for number, end in ((10, "Name 9 - Break"), (11, "Name 9 - Break, and 1 more")):
        many = Alert(
            id="",
            name="n",
            team="",
            state=AlertState.FIRING,
            since=0,
            fired=0,
            subjects=tuple(map(subject, range(number))),
        )
        assert message.in_words(many).endswith(end)
        assert message.in_words(many).startswith("n: Name 0 - Break")


@pytest.mark.parametrize(
    ("label", "words", "shown"),
    [
        ("Ann", "Break", "Ann - Break"),
        ("Ann", "", "Ann"),
        ("", "2 of 3", "2 of 3"),
        ("RC201", "RC201", "RC201"),
        ("", "", ""),
    ],
)
def test_a_person_in_words(label: str, words: str, shown: str) -> None:
    """The label and the text, each only once."""
    one = Subject(id="1", label=label, text=words, since=0, state=AlertState.FIRING)
    alert = Alert(id="", name="n", team="", state=AlertState.FIRING, since=0, fired=0, subjects=(one,))
    assert message.in_words(alert) == f"n: {shown}"


def test_marks_of_chats_are_replaced() -> None:
    """Each mark has one that looks like it. A control character becomes a blank."""
    assert message.plain("<>@`*[]|\\&") == "‹›＠'·()ǀ／＆"
    assert message.plain("a\nb\x1bc\u2028d é") == "a b c d é"
