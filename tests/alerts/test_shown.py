"""What a poll shows of each selector and each rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from tests.alerts.floor import START, seat, sight

from cxone_rollcall.alerts.evidence import GONE, MOVED, Shown, evidence, matches
from cxone_rollcall.alerts.reading import parse_alerts
from cxone_rollcall.alerts.rules import Rule, Selector
from cxone_rollcall.alerts.sight import Sight
from cxone_rollcall.alerts.spells import Spells
from cxone_rollcall.alerts.unit import Truth, Unit
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.live.seat import Certainty, Seat
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

SEATS = {
    "available": seat("1"),
    "at tea": seat("2", "Break - Tea"),
    "logged out": replace(seat("3", standing=Standing.LOGGED_OUT), state=AgentState("3", "LoggedOut")),
    "absent": seat("4", standing=Standing.ABSENT),
    "absent, doubted": seat("5", standing=Standing.ABSENT),
    "missed once": seat("6", missed=1),
    "missed three times": seat("7", missed=3),
    "unknown": seat("8", standing=Standing.UNKNOWN),
}
LETTERS = {"t": Truth.TRUE, "f": Truth.FALSE, "u": Truth.UNSEEN}


@pytest.mark.parametrize(
    ("selector", "truths"),
    [
        (Selector(), "tttt uuuu"),
        (Selector(standing=Standing.UNKNOWN), "ffff fftt"),
        (Selector(standing=Standing.ABSENT), "ffft tuuu"),
        (Selector(standing=Standing.PRESENT), "ttff uuuu"),
        (Selector(standing=Standing.LOGGED_OUT), "fftf uuuu"),
        (Selector(group="available"), "tfff uuuu"),
        (Selector(group="unavailable"), "ftff uuuu"),
        (Selector(states=frozenset({"break"})), "ftff uuuu"),
        (Selector(states=frozenset({"tea"})), "ftff uuuu"),
        (Selector(states=frozenset({"break - tea"})), "ftff uuuu"),
        (Selector(states=frozenset({"tea", "available"})), "ttff uuuu"),
        (Selector(states=frozenset({"te"})), "ffff uuuu"),
        (Selector(states=frozenset({"loggedout"})), "ffff uuuu"),
        (Selector(group="available", states=frozenset({"break"})), "ffff uuuu"),
        (Selector(standing=Standing.PRESENT, group="unavailable", states=frozenset({"tea"})), "ftff uuuu"),
    ],
)
def test_which_agents_a_selector_means(selector: Selector, truths: str) -> None:
    """An agent out of sight may be meant or not. Absence is seen, also if it is doubted."""
    found = [matches(selector, one, {"5"}) for one in SEATS.values()]
    assert found == [LETTERS[one] for one in truths.replace(" ", "")]


def rule_of(text: str) -> Rule:
    """The rule of a file with one alert."""
    return parse_alerts(f'[[alert]]\nname = "r"\n{text}\n', named="a").rules[0]


def shown(rule: Rule, at: Sight, known: Iterable[tuple[str, str]] = ()) -> dict[tuple[str, str], Shown]:
    """What a sight shows by team and subject. Those of `known` were true before."""
    units = {("r", team, who): Unit(rule="r", team=team, subject=who, began=START) for team, who in known}
    return {key[1:]: one for key, one in evidence(rule, at, units, Spells(0.0))}


@pytest.mark.parametrize(
    ("limit", "available", "unseen", "given", "truth", "text"),
    [
        ("above = 1", 1, 0, {}, Truth.FALSE, "1, above 1"),
        ("above = 1", 2, 0, {}, Truth.TRUE, "2, above 1"),
        ("above = 1", 1, 1, {}, Truth.UNSEEN, "1 to 2, above 1"),
        ("above = 1", 2, 1, {}, Truth.TRUE, "2 to 3, above 1"),
        ("above = 1", 0, 1, {}, Truth.FALSE, "0 to 1, above 1"),
        ("above = 1", 1, 0, {"roster_complete": False}, Truth.UNSEEN, "1, above 1"),
        ("below = 2", 1, 0, {}, Truth.TRUE, "1, below 2"),
        ("below = 2", 2, 0, {}, Truth.FALSE, "2, below 2"),
        ("below = 2", 1, 1, {}, Truth.UNSEEN, "1 to 2, below 2"),
        ("below = 2", 0, 1, {}, Truth.TRUE, "0 to 1, below 2"),
        ("below = 2", 2, 5, {}, Truth.FALSE, "2 to 7, below 2"),
        ("below = 2", 1, 0, {"roster_complete": False}, Truth.UNSEEN, "1, below 2"),
        ("below = 2", 2, 0, {"roster_complete": False}, Truth.FALSE, "2, below 2"),
    ],
)
def test_counts(limit: str, available: int, unseen: int, given: dict[str, Any], truth: Truth, text: str) -> None:
    """The least number may prove a rule, the most disprove it."""
    seats = [seat(str(number)) for number in range(available)]
    seats += [seat(f"u{number}", missed=1) for number in range(unseen)]
    rule = rule_of(f'count = {{ group = "available", {limit} }}')
    assert shown(rule, sight(seats, START, **given), [("", "")]) == {("", ""): Shown(truth, text=text)}


def test_counts_of_teams() -> None:
    """One team gives its name. By team each has its own number and limit, also those without a team."""
    seats = [seat("1"), seat("2", team="Billing"), seat("3", team=None), seat("4", team=None)]
    one = rule_of('count = { group = "available", team = "SUPPORT", above = 0 }')
    assert shown(one, sight(seats, START)) == {("SUPPORT", ""): Shown(Truth.TRUE, text="1, above 0")}
    two = rule_of('count = { group = "available", team = ["Support", "Billing"], above = 0 }')
    assert shown(two, sight(seats, START)) == {("", ""): Shown(Truth.TRUE, text="2, above 0")}
    each = rule_of('count = { group = "available", above = 0, by = "team" }\nlimit = { BILLING = 3, "" = 1 }')
    assert shown(each, sight(seats, START)) == {
        ("Support", ""): Shown(Truth.TRUE, text="1, above 0"),
        ("", ""): Shown(Truth.TRUE, text="2, above 1"),
    }


@pytest.mark.parametrize(
    ("changed", "label", "text"),
    [
        ({}, "Name 2", "Break - Tea"),
        ({"name": None, "user_name": "two"}, "two", "Break - Tea"),
        ({"name": "", "user_name": None}, "2", "Break - Tea"),
    ],
)
def test_a_person_is_shown_by_the_best_name(changed: dict[str, Any], label: str, text: str) -> None:
    """The name, else the user name, else the id. The text is the state."""
    at_tea = SEATS["at tea"]
    one = replace(at_tea, agent=replace(at_tea.agent, **changed))
    found = shown(rule_of('each = { state = "tea" }'), sight([one], START))
    assert found == {("Support", "2"): Shown(Truth.TRUE, label, text, one)}


def test_a_person_without_a_state_is_shown_by_the_standing() -> None:
    """Agents who are logged out, absent or unknown are said to be. Of an unknown agent no state is shown."""
    for standing, who in (("logged_out", "logged out"), ("absent", "absent"), ("unknown", "missed three times")):
        one = SEATS[who]
        found = shown(rule_of(f'each = {{ standing = "{standing}" }}'), sight([one], START))
        assert found == {
            ("Support", one.agent.agent_id): Shown(Truth.TRUE, f"Name {one.agent.agent_id}", standing, one)
        }


def on_break(since: float, certainty: Certainty = Certainty.EXACT, earliest: float | None = None) -> Seat:
    """A break that began some seconds after the start."""
    first = None if earliest is None else START + earliest
    return seat("1", "Break", since=START + since, certainty=certainty, earliest=first)


@pytest.mark.parametrize(
    ("one", "truth"),
    [
        (on_break(70), Truth.TRUE),
        (on_break(71), Truth.FALSE),
        (on_break(70, Certainty.BETWEEN, 60), Truth.TRUE),
        (on_break(71, Certainty.BETWEEN, 70), Truth.DOUBTFUL),
        (on_break(72, Certainty.BETWEEN, 71), Truth.FALSE),
        (on_break(70, Certainty.AT_LEAST), Truth.TRUE),
        (on_break(71, Certainty.AT_LEAST), Truth.DOUBTFUL),
    ],
)
def test_how_long_a_state_lasts(one: Seat, truth: Truth) -> None:
    """It lasts for the limit if its latest begin says so. It does not if its earliest one says so."""
    rule = rule_of('each = { state = "Break", longer_than = "30s" }')
    (found,) = shown(rule, sight([one], START + 100), [("Support", "1")]).values()
    assert found == Shown(truth, "Name 1", "Break", one)
    assert shown(rule, sight([one], START + 100)) == ({("Support", "1"): found} if truth is Truth.TRUE else {})
    (unseen,) = shown(rule, replace(sight([one], START), as_of=None), [("Support", "1")]).values()
    assert unseen.truth is Truth.UNSEEN


@pytest.mark.parametrize(
    ("row_since", "state", "truth"),
    [
        ("10:00", ("Break", None, "10:00"), Truth.TRUE),
        ("10:30", ("Break", None, "10:00"), Truth.DOUBTFUL),
        (None, ("Break", None, None), Truth.DOUBTFUL),
    ],
)
def test_only_the_same_row_is_known_for_longer(
    row_since: str | None, state: tuple[str, None, str | None], truth: Truth
) -> None:
    """A row with the same time began when it was first seen. Another, or one without a time, may have begun later."""
    one = seat("1", "Break", since=START + 90, certainty=Certainty.AT_LEAST, row_since=row_since)
    unit = Unit(rule="r", team="Support", subject="1", began=START, state=state, state_since=START)
    rule = rule_of('each = { state = "Break", longer_than = "30s" }')
    (found,) = evidence(rule, sight([one], START + 100), {("r", "Support", "1"): unit}, Spells(0.0))
    assert found == (("r", "Support", "1"), Shown(truth, "Name 1", "Break", one))


def test_who_is_no_longer_there() -> None:
    """An agent who left is gone once the roster is complete. One in another team has moved, in any case."""
    rule, known = rule_of('each = { state = "Break", team = "Support" }'), [("Support", "1"), ("Support", "2")]
    moved = seat("1", "Break", team="Sales")
    for whole, truth in ((True, Truth.FALSE), (False, Truth.UNSEEN)):
        found = shown(rule, sight([moved], START, roster_complete=whole), known)
        assert found == {("Support", "1"): Shown(Truth.FALSE, text=MOVED), ("Support", "2"): Shown(truth, text=GONE)}


def test_findings_are_shown_by_their_text() -> None:
    """A finding that holds is true. Of one that was judged nothing holds; of others nothing is known."""
    trouble = CheckCrashed(evidence=(), check="x", error="KeyError")
    known = [("", "RC201"), ("", "RC202"), ("", "RC203")]
    found = shown(
        rule_of('finding = "RC20[123]"'), sight([], START, troubles={"RC202": trouble}, judged={"RC203"}), known
    )
    assert found == {
        ("", "RC201"): Shown(Truth.UNSEEN, "RC201"),
        ("", "RC202"): Shown(Truth.TRUE, "RC202", "the check x crashed: KeyError"),
        ("", "RC203"): Shown(Truth.FALSE, "RC203"),
    }


@pytest.mark.parametrize(
    ("seats", "truth", "text"),
    [
        ("Available Break", None, ""),
        ("Available Break Available", Truth.TRUE, "at least 2 changes"),
        ("Available Break Available Break", Truth.TRUE, "at least 3 changes"),
    ],
)
def test_changes_are_counted(seats: str, truth: Truth | None, text: str) -> None:
    """An agent flaps with as many changes as the rule has."""
    spells, boards = Spells(60.0), [seat("1", state) for state in seats.split()]
    for number, one in enumerate(boards):
        spells.update({"1": one}, (), START + 10 * number)
    at = sight(boards[-1:], START + 10 * len(boards))
    found = [*evidence(rule_of('flapping = { changes = 2, within = "1m" }'), at, {}, spells)]
    assert found == ([] if truth is None else [(("r", "Support", "1"), Shown(truth, "Name 1", text, boards[-1]))])
