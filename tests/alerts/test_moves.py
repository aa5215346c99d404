"""Agents who move, people who are pending, clocks that are set."""

from __future__ import annotations

from tests.alerts.floor import START, alerts, blind, kinds, seat, sight

AWAY = '[[alert]]\nname = "away"\neach = { state = "Break" }\nfor = "30s"\n'
FEW = '[[alert]]\nname = "few"\ncount = { group = "available", below = 2 }\nfor = "30s"\n'


def test_an_agent_who_moves_keeps_the_time() -> None:
    """A move to another team ends no break. Its time goes on in the new team."""
    watching = alerts(AWAY)
    for now in (0.0, 10.0, 20.0):
        assert watching.judge(sight([seat("1", "Break")], START + now), START + now) == []
    (told,) = watching.judge(sight([seat("1", "Break", team="Sales")], START + 30), START + 30)
    assert (told.kind.value, told.alerts[0].team, told.alerts[0].since) == ("firing", "Sales", START)


def test_an_alert_moves_with_its_agent() -> None:
    """A firing alert ends in one team and fires in another."""
    watching = alerts(AWAY)
    for now in (0.0, 20.0, 40.0):
        watching.judge(sight([seat("1", "Break")], START + now), START + now)
    told = watching.judge(sight([seat("1", "Break", team="Sales")], START + 50), START + 50)
    assert {(one.kind.value, one.alerts[0].team, one.alerts[0].fired, one.why) for one in told} == {
        ("ended", "Support", START + 40, "in another team now"),
        ("firing", "Sales", START + 50, ""),
    }
    assert {unit["team"] for unit in watching.snapshot()["units"]} == {"Sales"}


def test_a_move_waits_for_the_time_that_the_file_says_now() -> None:
    """Who moves after the time was raised is pending."""
    watching, again = alerts(AWAY), alerts(AWAY.replace("30s", "1h"))
    for now in (0.0, 20.0, 40.0):
        watching.judge(sight([seat("1", "Break")], START + now), START + now)
    again.restore(watching.snapshot())
    again.judge(sight([seat("1", "Break", team="Sales")], START + 50), START + 50)
    assert [(one.team, one.state, one.fired) for one in again.now] == [("Sales", "pending", None)]


def test_messages_are_not_about_who_is_pending() -> None:
    """Somebody whose time is not over yet is in no message."""
    watching = alerts(AWAY)
    ann, bob = seat("1", "Break"), seat("2", "Break")
    for now in (0.0, 20.0, 40.0):
        watching.judge(sight([ann, seat("2")], START + now), START + now)
    watching.judge(sight([ann, bob], START + 50), START + 50)
    told = [watching.judge(sight(blind(ann, bob), START + now), START + now) for now in (60, 70, 80)]
    assert kinds(told[-1]) == [("blind", ["1"])]
    assert kinds(watching.judge(sight([seat("1"), bob], START + 90), START + 90)) == [("ended", ["1"])]
    assert [one.id for one in watching.now[0].subjects] == ["2"]


def test_a_clock_that_is_set_forward_is_no_time() -> None:
    """Two polls in a row are two intervals apart, at most."""
    for rule, people in ((AWAY, [seat("1", "Break")]), (FEW, [seat("1"), seat("2", "Break")])):
        watching = alerts(rule)
        polls = [sight(people, START + now, since_last=20.0) for now in (0, 300, 310)]
        assert [kinds(watching.judge(one, one.as_of or 0.0)) for one in polls[:2]] == [[], []]
        assert [kind for kind, _ in kinds(watching.judge(polls[2], START + 310))] == ["firing"]


def test_the_same_data_again_is_no_time() -> None:
    """No time passes while the server's own look is the same."""
    watching = alerts(AWAY)
    stale = sight([seat("1", "Break")], START)
    for now in range(0, 300, 10):
        assert watching.judge(stale, START + now) == []
    fresh = [sight([seat("1", "Break")], START + now) for now in range(300, 340, 10)]
    told = [kinds(watching.judge(one, one.as_of or 0.0)) for one in fresh]
    assert told == [[], [], [("firing", ["1"])], []]


def test_blindness_needs_no_data() -> None:
    """Without any new data, time passes for a rule on unknown agents."""
    watching = alerts('[[alert]]\nname = "blind"\ncount = { standing = "unknown", above = 0 }\nfor = "30s"\n')
    dark = sight(blind(seat("1")), START)
    told = [kinds(watching.judge(dark, START + now)) for now in range(0, 50, 10)]
    assert told == [[], [], [], [("firing", [""])], []]
