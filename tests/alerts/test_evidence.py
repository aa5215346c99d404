"""Alerts over any polls, judged a second time in another way."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from tests.alerts.floor import START, alerts, blind, seat, sight

from cxone_rollcall.alerts.state import Alerts
from cxone_rollcall.alerts.unit import Truth, Unit
from cxone_rollcall.live.seat import Certainty, Seat
from cxone_rollcall.model.roll import Standing

TRUTHS = st.lists(
    st.tuples(st.sampled_from(list(Truth)), st.sampled_from([0.0, 1.0, 10.0, 30.0])), min_size=1, max_size=40
)
FILE = """
[[alert]]
name = "break"
each = { state = "Break", longer_than = "30s" }
for = "20s"
keep_firing_for = "20s"
[[alert]]
name = "few"
count = { group = "available", below = 2 }
[[alert]]
name = "flaps"
flapping = { changes = 2, within = "40s" }
"""


def ends_at(polls: list[tuple[Truth, float]], for_: float, keep: float) -> tuple[int | None, int | None]:
    """The polls at which a condition fires and ends. Each poll looks back over all before it.

    A time counts if both polls at its ends show the same.
    """
    fired = None
    for last in range(len(polls)):
        course = polls[: last + 1]
        truth = course[-1][0]
        if truth not in (Truth.TRUE, Truth.FALSE):
            continue
        spans = [(b[1] if a[0] is b[0] is truth else 0.0) for a, b in pairwise(course)]
        if fired is None:
            if truth is Truth.FALSE:
                return None, last
            if sum(spans) >= for_:
                fired = last
        elif truth is Truth.FALSE:
            other = max((i for i, one in enumerate(course) if one[0] is Truth.TRUE), default=0)
            if sum(spans[other:]) >= keep:
                return fired, last
    return fired, None


@given(TRUTHS, st.sampled_from([0.0, 10.0, 25.0]), st.sampled_from([0.0, 10.0, 25.0]))
@example([(Truth.TRUE, 10.0), (Truth.UNSEEN, 10.0), (Truth.TRUE, 10.0), (Truth.TRUE, 10.0)], 10.0, 0.0)
def test_a_condition_fires_and_ends_as_a_judge_says(polls: list[tuple[Truth, float]], for_: float, keep: float) -> None:
    """`for` and `keep_firing_for` are the time that was seen, whatever lies between."""
    polls = [(Truth.TRUE, 0.0), *polls]
    unit = Unit(rule="r", team="t", subject="s", began=START)
    now, fired, ended = START, None, None
    for number, (truth, passed) in enumerate(polls):
        now += passed
        goes_on = unit.take(truth, now, for_=for_, keep_firing_for=keep)
        if unit.firing and fired is None:
            fired = number
        if not goes_on:
            ended = number
            break
    assert (fired, ended) == ends_at(polls, for_, keep)


@given(TRUTHS)
def test_a_condition_is_blind_after_three_polls_without_data(polls: list[tuple[Truth, float]]) -> None:
    """The third unseen poll in a row makes it blind. A poll that settles it ends that."""
    unit = Unit(rule="r", team="t", subject="s", began=START)
    unit.take(Truth.TRUE, START, for_=0.0, keep_firing_for=1e9)
    row, blind_now = 0, False
    for truth, _ in polls:
        unit.take(truth, START, for_=0.0, keep_firing_for=1e9)
        row = row + 1 if truth is Truth.UNSEEN else 0
        blind_now = row >= 3 or (blind_now and truth not in (Truth.TRUE, Truth.FALSE))
        assert unit.blind is blind_now


@st.composite
def seats(draw: st.DrawFn) -> dict[str, Any]:
    """One agent at a poll: seen, unseen, absent, or gone."""
    return {
        "state": draw(st.sampled_from(["Break", "Available"])),
        "how": draw(st.sampled_from(["seen", "seen", "seen", "unseen", "absent", "doubted", "gone"])),
        "certainty": draw(st.sampled_from([Certainty.EXACT, Certainty.BETWEEN, Certainty.AT_LEAST])),
        "age": draw(st.sampled_from([0.0, 20.0, 40.0])),
    }


POLLS = st.lists(st.tuples(st.lists(seats(), min_size=3, max_size=3), st.booleans(), st.booleans()), max_size=25)


def as_seat(agent_id: str, drawn: dict[str, Any], now: float) -> Seat | None:
    """The seat of a drawn agent."""
    if drawn["how"] == "gone":
        return None
    if drawn["how"] in ("absent", "doubted"):
        return seat(agent_id, standing=Standing.ABSENT)
    began = now - drawn["age"]
    one = seat(agent_id, drawn["state"], since=began, certainty=drawn["certainty"], earliest=began - 5)
    return blind(one)[0] if drawn["how"] == "unseen" else one


def proves_the_end(rule: str, drawn: list[dict[str, Any]], subject: str, roster_complete: bool) -> bool:
    """Whether a poll alone disproves the condition of an alert."""
    if rule == "few":
        return [one["how"] == "seen" and one["state"] == "Available" for one in drawn].count(True) >= 2
    one = drawn[int(subject)]
    if one["how"] == "gone":
        return roster_complete
    if rule == "flaps":
        return bool(one["how"] in ("seen", "absent"))
    if one["how"] == "absent":
        return True
    short = one["certainty"] is not Certainty.AT_LEAST and one["age"] < 30
    return one["how"] == "seen" and bool(one["state"] != "Break" or short)


@given(POLLS)
def test_an_alert_ends_only_on_evidence(polls: list[tuple[list[dict[str, Any]], bool, bool]]) -> None:
    """A poll proves each alert's end, also after a restart."""
    watching = alerts(FILE)
    now = START
    for drawn, roster_complete, restart in polls:
        now += 10
        made = [as_seat(str(number), one, now) for number, one in enumerate(drawn)]
        doubted = {str(number) for number, one in enumerate(drawn) if one["how"] == "doubted"}
        view = sight([one for one in made if one is not None], now, roster_complete=roster_complete, doubted=doubted)
        for event in watching.judge(view, now):
            if event.kind == "ended":
                (alert,) = event.alerts
                for one in alert.subjects:
                    if one.state != "pending":
                        assert proves_the_end(alert.name, drawn, one.id, roster_complete)
        if restart:
            restarted = alerts(FILE)
            restarted.restore(watching.snapshot())
            assert restarted.now == watching.now
            watching = restarted
        _assert_sound(watching)


def _assert_sound(watching: Alerts) -> None:
    """Each alert has subjects, and its id is its own."""
    assert all(alert.subjects for alert in watching.now)
    assert len({alert.id for alert in watching.now}) == len(watching.now)
