"""Rules on agents, teams and findings: what begins and ends them."""

from __future__ import annotations

import pytest
from tests.alerts.floor import START, alerts, blind, kinds, seat, sight

from cxone_rollcall.alerts.events import AlertState
from cxone_rollcall.alerts.state import AlertUnknown
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.live.seat import Certainty
from cxone_rollcall.model.roll import Standing

BREAK = '[[alert]]\nname = "break too long"\neach = { state = "Break", longer_than = "30m" }\n'
FEW = '[[alert]]\nname = "few"\ncount = { group = "available", team = "Support", below = 2 }\n'
BLIND = '[[alert]]\nname = "blind"\ncount = { standing = "unknown", above = 0 }\n'


def test_one_alert_lists_the_people_of_a_team() -> None:
    """Two people of one team are one message. Another team's are another."""
    watching = alerts(BREAK)
    seats = [seat("1", "Break"), seat("2", "Break - Lunch"), seat("3"), seat("4", "Break", team="Billing")]
    assert watching.judge(sight(seats, START + 1799), START + 1799) == []
    told = watching.judge(sight(seats, START + 1800), START + 1800)
    assert kinds(told) == [("firing", ["1", "2"]), ("firing", ["4"])]
    assert [alert.team for alert in watching.now] == ["Support", "Billing"]
    assert watching.judge(sight(seats, START + 1810), START + 1810) == []


def test_who_joins_is_told_alone() -> None:
    """A second person is a second message. The end is one."""
    watching = alerts(BREAK)
    ann, bob = seat("1", "Break"), seat("2", "Break", since=START + 60)
    watching.judge(sight([ann, bob], START + 1800), START + 1800)
    assert kinds(watching.judge(sight([ann, bob], START + 1860), START + 1860)) == [("joined", ["2"])]
    back = [seat("1", since=START + 1900), seat("2", since=START + 1900)]
    assert kinds(watching.judge(sight(back, START + 1910), START + 1910)) == [("ended", ["1", "2"])]
    assert watching.now == ()


def test_teams_have_their_own_limits() -> None:
    """`limit` replaces the time for a team, in any case of letters."""
    watching = alerts(BREAK + 'limit = { support = "10m" }\n')
    seats = [seat("1", "Break"), seat("2", "Break", team="Billing")]
    assert kinds(watching.judge(sight(seats, START + 600), START + 600)) == [("firing", ["1"])]


def test_a_state_that_may_have_begun_earlier_settles_nothing() -> None:
    """After a restart a break is seen anew. That neither ends its alert nor makes it blind."""
    watching = alerts(BREAK)
    watching.judge(sight([seat("1", "Break")], START + 1800), START + 1800)
    again = alerts(BREAK)
    again.restore(watching.snapshot())
    anew = seat("1", "Break", since=START + 2000, certainty=Certainty.AT_LEAST)
    for now in range(2000, 2100, 10):
        assert again.judge(sight([anew], START + now), START + now) == []
    assert [alert.state for alert in again.now] == [AlertState.FIRING]
    away = seat("1", since=START + 2100)
    assert kinds(again.judge(sight([away], START + 2100), START + 2100)) == [("ended", ["1"])]


def test_the_same_row_is_the_same_break() -> None:
    """After a restart, a row with the same time continues its break. A row with another time is a new break."""
    watching = alerts(BREAK + 'keep_firing_for = "5m"\n')
    row = "2026-01-01T10:00:00Z"
    watching.judge(sight([seat("1", "Break", row_since=row)], START + 1800), START + 1800)
    unit = watching.snapshot()["units"][0]
    assert unit["state_since"] == START
    again = alerts(BREAK)
    again.restore(watching.snapshot())
    same = seat("1", "Break", since=START + 2000, certainty=Certainty.AT_LEAST, row_since=row)
    again.judge(sight([same], START + 2010), START + 2010)
    again.judge(sight([same], START + 2015), START + 2015)
    kept = again.snapshot()["units"][0]
    assert (kept["settled"], kept["state_since"]) == ("true", START)
    other = seat("1", "Break", since=START + 2000, certainty=Certainty.EXACT, row_since="2026-01-01T10:33:00Z")
    later = alerts(BREAK)
    later.restore(again.snapshot())
    assert later.judge(sight([other], START + 3800), START + 3800) == []
    assert later.snapshot()["units"][0]["state_since"] == START + 2000
    assert kinds(again.judge(sight([other], START + 2020), START + 2020)) == [("ended", ["1"])]


def test_counts_are_judged_from_both_ends() -> None:
    """Unseen agents may be available or not. Too few is proven only if all of them would not be enough."""
    watching = alerts(FEW)
    one, unseen, away = seat("1"), blind(seat("2"))[0], seat("3", "Break")
    assert watching.judge(sight([one, unseen], START), START) == []  # one or two
    assert kinds(watching.judge(sight([one, away], START + 10), START + 10)) == [("firing", [""])]
    for now in (20, 30):
        assert watching.judge(sight([one, unseen], START + now), START + now) == []
    assert kinds(watching.judge(sight([one, unseen], START + 40), START + 40)) == [("blind", [""])]
    assert kinds(watching.judge(sight([one, seat("4"), unseen], START + 50), START + 50)) == [("ended", [""])]


def test_a_part_of_the_roster_proves_no_small_number() -> None:
    """An incomplete roster never proves too few, but may prove enough."""
    watching = alerts(FEW)
    assert watching.judge(sight([seat("1")], START, roster_complete=False), START) == []
    assert kinds(watching.judge(sight([seat("1")], START + 10), START + 10)) == [("firing", [""])]
    enough = sight([seat("1"), seat("2")], START + 20, roster_complete=False)
    assert kinds(watching.judge(enough, START + 20)) == [("ended", [""])]


def test_each_team_is_counted_apart() -> None:
    """`by` counts each team; `limit` gives a team its own number."""
    watching = alerts(
        '[[alert]]\nname = "few"\ncount = { group = "available", below = 2, by = "team" }\nlimit = { Billing = 1 }\n'
    )
    told = watching.judge(sight([seat("1"), seat("2", team="Billing")], START), START)
    assert [(one.alerts[0].team, one.alerts[0].subjects[0].text) for one in told] == [("Support", "1, below 2")]
    both = alerts(FEW.replace('team = "Support"', 'by = "team"'))
    told = both.judge(sight([seat("1"), seat("2", team="Billing")], START), START)
    assert len({one.alerts[0].id for one in told}) == len(told) == 2


def test_unknown_agents_are_counted() -> None:
    """The rule on unknown agents ends when all are seen. Absent agents are not unknown."""
    watching = alerts(BLIND)
    gone = seat("2", standing=Standing.ABSENT)
    assert watching.judge(sight([seat("1"), gone], START), START) == []
    assert kinds(watching.judge(sight(blind(seat("1")), START + 10), START + 10)) == [("firing", [""])]
    assert kinds(watching.judge(sight([seat("1")], START + 20), START + 20)) == [("ended", [""])]


def test_a_blind_start_is_blindness() -> None:
    """Without any roster nobody is on the board, and everybody is unknown."""
    watching = alerts(BLIND + FEW)
    told = watching.judge(sight([], START, roster_complete=False), START)
    assert [(one.kind.value, one.alerts[0].name) for one in told] == [("firing", "blind")]


def test_blindness_is_told_once_for_all() -> None:
    """All alerts that go blind together are one message. An agent who is seen again is not new."""
    watching = alerts(BREAK)
    seats = [seat("1", "Break"), seat("2", "Break", team="Billing")]
    watching.judge(sight(seats, START + 1800), START + 1800)
    told = [watching.judge(sight(blind(*seats), START + now), START + now) for now in range(1810, 1900, 10)]
    assert [kinds(one) for one in told if one] == [[("blind", ["1", "2"])]]
    assert [alert.state for alert in watching.now] == [AlertState.BLIND] * 2
    seen = watching.judge(sight(seats, START + 1900), START + 1900)
    assert kinds(seen) == [("seen", ["1"]), ("seen", ["2"])]


def test_a_rule_on_blindness_silences_what_follows() -> None:
    """If a rule reports unknown agents, alerts that go blind are silent. They are silent when seen again, too."""
    watching = alerts(BREAK + BLIND + 'for = "2m"\n')
    seats = [seat("1", "Break")]
    watching.judge(sight(seats, START + 1800), START + 1800)
    told = []
    for now in range(1810, 2000, 10):
        missed = (now - 1800) // 10
        told += watching.judge(sight(blind(*seats, missed=missed), START + now), START + now)
    assert [(one.kind.value, one.alerts[0].name) for one in told] == [("firing", "blind")]
    told = watching.judge(sight(seats, START + 2000), START + 2000)
    assert [(one.kind.value, one.alerts[0].name) for one in told] == [("ended", "blind")]


def test_blindness_elsewhere_silences_nothing() -> None:
    """A rule on one team's unknown agents does not silence another team."""
    rule = BLIND.replace("above", 'team = "Billing", above')
    watching = alerts(BREAK + rule)
    here, there = seat("1", "Break"), seat("2", team="Billing")
    watching.judge(sight([here, there], START + 1800), START + 1800)
    told = []
    for now in range(1810, 1900, 10):
        told += watching.judge(sight(blind(here, there), START + now), START + now)
    assert [(one.kind.value, one.alerts[0].name) for one in told] == [("firing", "blind"), ("blind", "break too long")]


def test_blindness_that_is_left_over_is_told() -> None:
    """An alert that is still blind when that rule ends is reported."""
    watching = alerts(BREAK + BLIND.replace("above = 0", "above = 1"))
    ann, bob, others = seat("1", "Break"), seat("2"), blind(seat("1", "Break"), seat("2"))
    watching.judge(sight([ann, bob], START + 1800), START + 1800)
    told = []
    for now in range(1810, 1860, 10):
        told += watching.judge(sight(others, START + now), START + now)
    assert [(one.kind.value, one.alerts[0].name) for one in told] == [("firing", "blind")]
    told = watching.judge(sight([others[0], bob], START + 1860), START + 1860)
    assert [(one.kind.value, one.alerts[0].name) for one in told] == [
        ("ended", "blind"),
        ("blind", "break too long"),
    ]


def test_a_doubted_absence_ends_nothing() -> None:
    """An absence that has another cause than being away ends nothing."""
    watching = alerts(BREAK)
    watching.judge(sight([seat("1", "Break")], START + 1800), START + 1800)
    gone = seat("1", standing=Standing.ABSENT)
    for now in (1810, 1820):
        assert watching.judge(sight([gone], START + now, doubted={"1"}), START + now) == []
    assert kinds(watching.judge(sight([gone], START + 1830), START + 1830)) == [("ended", ["1"])]


def test_who_leaves_the_roster_is_said_to() -> None:
    """The end says that the agent left the roster. A roster that is incomplete ends nothing."""
    watching = alerts(BREAK)
    watching.judge(sight([seat("1", "Break")], START + 1800), START + 1800)
    assert watching.judge(sight([], START + 1810, roster_complete=False), START + 1810) == []
    (told,) = watching.judge(sight([], START + 1820), START + 1820)
    assert (told.kind.value, told.why) == ("ended", "no longer on the roster")


def test_flapping_counts_changes() -> None:
    """Four changes in a minute are too many. It ends after a minute in sight with fewer, not after one out of sight."""
    watching = alerts('[[alert]]\nname = "flaps"\nflapping = { changes = 4, within = "1m" }\n')
    told, now = [], START
    for state in ("Available", "Break", "Available", "Break", "Available"):
        told += watching.judge(sight([seat("1", state), seat("2")], now), now)
        now += 10
    assert kinds(told) == [("firing", ["1"])]
    watching.judge(sight(blind(seat("1"), missed=1), now), now)
    told = []
    while now < START + 300 and not told:
        now += 10
        told = watching.judge(sight([seat("1")], now), now)
    assert kinds(told) == [("ended", ["1"])]
    assert now == START + 120  # in sight again since 60


def test_an_alert_on_changes_goes_blind() -> None:
    """Three polls without data make an alert on changes blind."""
    watching = alerts('[[alert]]\nname = "flaps"\nflapping = { changes = 2, within = "5m" }\n')
    for now, state in ((0, "Available"), (10, "Break"), (20, "Available")):
        watching.judge(sight([seat("1", state)], START + now), START + now)
    told = [watching.judge(sight(blind(seat("1")), START + now), START + now) for now in (30, 40, 50)]
    assert [kinds(one) for one in told] == [[], [], [("blind", ["1"])]]


def test_who_is_not_at_work_may_be_an_alert() -> None:
    """An agent without a state fires a rule on standings. It ends when the agent logs in."""
    watching = alerts('[[alert]]\nname = "out"\neach = { standing = "logged_out" }\n')
    out = seat("1", standing=Standing.LOGGED_OUT)
    assert kinds(watching.judge(sight([out], START), START)) == [("firing", ["1"])]
    assert kinds(watching.judge(sight([seat("1")], START + 10), START + 10)) == [("ended", ["1"])]


def test_stuck_is_any_state_that_lasts() -> None:
    """Twelve hours in one state are too long, whichever it is. Logged out is no such state."""
    watching = alerts('[[alert]]\nname = "stuck"\nstuck = "12h"\n')
    seats = [seat("1", "Not Ready"), seat("2", standing=Standing.LOGGED_OUT)]
    assert kinds(watching.judge(sight(seats, START + 43200), START + 43200)) == [("firing", ["1"])]


def test_findings_match_a_pattern() -> None:
    """`RC2*` fires for a code of it. It ends when the check has run and found nothing, not before."""
    watching = alerts('[[alert]]\nname = "login"\nfinding = "RC2*"\n')
    troubles = {"RC201": CheckCrashed(evidence=(), check="login", error="KeyError")}
    assert kinds(watching.judge(sight([], START, troubles=troubles), START)) == [("firing", ["RC201"])]
    again = alerts('[[alert]]\nname = "login"\nfinding = "RC2*"\n')
    again.restore(watching.snapshot())
    assert again.judge(sight([], START + 10), START + 10) == []
    assert kinds(again.judge(sight([], START + 20, judged={"RC201"}), START + 20)) == [("ended", ["RC201"])]


def test_an_acknowledgement_is_kept() -> None:
    """It has a person, a time and a note. It survives a restart. An unknown id and an empty name are refused."""
    watching = alerts(BREAK)
    watching.judge(sight([seat("1", "Break")], START + 1800), START + 1800)
    (alert,) = watching.now
    taken = watching.acknowledge(alert.id, " Ann ", "on it", START + 1900).acknowledged
    assert taken is not None
    assert (taken.by, taken.at, taken.note) == ("Ann", START + 1900, "on it")
    again = alerts(BREAK)
    again.restore(watching.snapshot())
    assert again.now == watching.now
    with pytest.raises(AlertUnknown):
        watching.acknowledge("other", "Ann", "", START)
    longest = watching.acknowledge(alert.id, "A" * 100, "n" * 1000, START).acknowledged
    assert longest is not None
    assert (len(longest.by), len(longest.note)) == (100, 1000)
    for by, note in (("", ""), ("A" * 101, ""), ("A\x1b", ""), ("Ann", "n" * 1001)):
        with pytest.raises(ValueError, match="must"):
            watching.acknowledge(alert.id, by, note, START)


def test_a_snapshot_is_one_tenants() -> None:
    """The alerts of another tenant, and damaged ones, are refused."""
    watching = alerts(BREAK)
    with pytest.raises(ValueError, match="another tenant"):
        alerts(BREAK, tenant="other").restore(watching.snapshot())
    kept = watching.snapshot()
    damages: list[object] = [
        None,
        [],
        {},
        {**kept, "units": [{"rule": "x"}]},
        {**kept, "more": 1},
        {**kept, "told": ""},
    ]
    for damaged in damages:
        with pytest.raises(ValueError, match="damaged"):
            watching.restore(damaged)
    with pytest.raises(ValueError, match="do not fit together"):
        watching.restore({**KEPT, "groups": []})


KEPT = {
    "schema": "rollcall/alerts/1",
    "tenant": "acme",
    "told": 1,
    "groups": [["break too long", "Support", {"id": "a1", "told": ["1"], "fires": True}]],
    "units": [
        {
            "rule": "break too long",
            "team": "Support",
            "subject": "1",
            "label": "Name 1",
            "text": "Break",
            "began": START + 1800,
            "fired": START + 1800,
            "firing": True,
            "at": START + 1800,
            "settled": "true",
            "state": ["Break", None, None],
            "state_since": START,
        }
    ],
}
"""What version 0.1.0 keeps of an alert. Later versions read it."""


def test_what_an_older_version_kept_goes_on() -> None:
    """A kept alert goes on under its id. It ends with the break."""
    watching = alerts(BREAK)
    watching.restore(KEPT)
    assert [(alert.id, alert.state, alert.since) for alert in watching.now] == [("a1", AlertState.FIRING, START + 1800)]
    assert watching.judge(sight([seat("1", "Break")], START + 1900), START + 1900) == []
    assert kinds(watching.judge(sight([seat("1")], START + 2000), START + 2000)) == [("ended", ["1"])]


def test_two_tenants_share_no_id() -> None:
    """The same alert of two tenants has two ids, also its messages."""
    told = []
    for tenant in ("a", "b"):
        watching = alerts(BREAK, tenant=tenant)
        told += watching.judge(sight([seat("1", "Break")], START + 1800), START + 1800)
    assert len({one.id for one in told}) == len({one.alerts[0].id for one in told}) == 2


def test_a_rule_that_was_removed_ends_its_alerts() -> None:
    """Its alert ends with that reason."""
    watching = alerts(BREAK)
    watching.judge(sight([seat("1", "Break")], START + 1800), START + 1800)
    again = alerts(FEW)
    again.restore(watching.snapshot())
    assert again.limits == {}
    told = again.judge(sight([seat("1", "Break"), seat("2"), seat("3")], START + 1810), START + 1810)
    assert [(one.kind.value, one.why) for one in told] == [("ended", "the rule is no longer in the file")]


def test_what_is_no_longer_looked_at_ends_with_its_reason() -> None:
    """A tenant that is removed ends its alerts at once. What only waited was never told."""
    watching, waiting = alerts(BLIND), alerts(BLIND + 'for = "1h"\n')
    unseen = sight(blind(seat("1")), START)
    assert [one.kind for one in watching.judge(unseen, START)] == ["firing"]
    (ended,) = watching.end_all("the tenant is gone", START + 1)
    assert (ended.kind, ended.why, ended.alerts[0].name) == ("ended", "the tenant is gone", "blind")
    assert (watching.now, watching.end_all("the tenant is gone", START + 2)) == ((), [])
    assert waiting.judge(unseen, START) == waiting.end_all("the tenant is gone", START + 1) == []
    assert waiting.now == ()
