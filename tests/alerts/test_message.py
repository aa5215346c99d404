"""Messages: names stay text, and nothing in them runs."""

from __future__ import annotations

import json

from tests.alerts.floor import START, alerts, blind, seat, sight

from cxone_rollcall.alerts import message
from cxone_rollcall.alerts.events import AlertEvent
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.model.struct import replace

BREAK = '[[alert]]\nname = "break"\neach = { state = "Break" }\n'


def named(name: str, agent_id: str = "1") -> Seat:
    """An agent of this name, on a break."""
    one = seat(agent_id, "Break")
    return replace(one, agent=replace(one.agent, name=name))


def told(*seats: Seat) -> AlertEvent:
    """The message of these agents."""
    return alerts(BREAK).judge(sight(seats, START), START)[0]


def test_a_text_names_the_people() -> None:
    """Ten are named and the rest counted; the JSON has all."""
    event = told(*(seat(str(number), "Break") for number in range(13)))
    assert message.text(event).startswith("break (Support): Name 0 - Break, Name 1 - Break")
    assert message.text(event).endswith("and 3 more")
    assert len(json.loads(message.body(event, "acme"))["data"]["alerts"][0]["subjects"]) == 13


def test_a_text_says_what_became_of_it() -> None:
    """Blindness and the end are said in words."""
    watching = alerts(BREAK)
    watching.judge(sight([seat("1", "Break")], START), START)
    events = [
        event
        for now in (10, 20, 30)
        for event in watching.judge(sight(blind(seat("1", "Break")), START + now), START + now)
    ]
    assert [message.text(one) for one in events] == [
        "break (Support) cannot be seen any more, and may still hold: Name 1 - Break"
    ]
    (ended,) = watching.judge(sight([seat("1")], START + 40), START + 40)
    assert message.text(ended) == "break (Support) is over: Name 1 - Break"
    watching.judge(sight([seat("1", "Break")], START + 50), START + 50)
    (left,) = watching.judge(sight([], START + 60), START + 60)
    assert message.text(left) == "break (Support) ended: no longer on the roster: Name 1 - Break"


def test_names_do_nothing_in_a_chat() -> None:
    """No name calls everybody, makes a link or begins a line. The JSON has it as it is."""
    for name in (
        "<!channel>",
        "@here",
        "[x](https://evil.example)",
        "a\x1b[2J",
        "a\nb",
        "`code`",
        "*bold*",
        "a\u202eb",
    ):
        event = told(named(name))
        text = message.text(event)
        assert text.isprintable()
        assert not set(text.removeprefix("break (Support)")) & set("<>@`*[]")
        assert json.loads(message.body(event, "acme"))["data"]["alerts"][0]["subjects"][0]["label"] == name


def test_a_lone_surrogate_is_no_trouble() -> None:
    """A name that is no Unicode is sent all the same."""
    assert json.loads(message.body(told(named("\udcff")), "acme"))
