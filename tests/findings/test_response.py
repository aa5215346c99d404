"""RC5xx: responses that are incomplete, damaged, refused or contradictory."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.many_values import together

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.findings.judge import in_place
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import CompressionUndone, ReadUncompressed, Throttling
from cxone_rollcall.model.observations.base import Failures
from cxone_rollcall.model.observations.roster import Irregular, RowsFound
from cxone_rollcall.model.observations.states import (
    AgentsAskedAlone,
    Alone,
    AskedAlone,
    Contradiction,
    Disagreement,
    MixedUp,
    RowsLost,
    StatesAsked,
    StatesSeen,
    Truncation,
)
from cxone_rollcall.model.struct import replace

from .build import (
    AGAIN,
    ROSTER,
    STATES,
    Example,
    called,
    failed,
    listed,
    roster_of,
    situation,
    states_of,
    struck,
)

TRIO = called("ab", absent="c")
SHORT = called("ab", complete=False)
LOST = called("a", unknown="b")
NOBODY = called()
TWO_ANSWERS = Disagreement(STATES, AGAIN, 0, 9, 9)
WITHOUT_STATES = (StatesAsked, StatesSeen)
THROTTLED = Throttling(count=3, exchange=STATES, seconds_waited=2.5, requests_per_second=4.0, retry_after="1")


EXAMPLES = (
    Example(
        "RC506",
        seen=situation(TRIO, RowsFound(elsewhere={"states": Irregular(STATES, "/items", 2)})),
        strength=Strength.NOTE,
        unlike=situation(
            TRIO, RowsFound(no_content={"states": Irregular(STATES, "", 1)})
        ),  # there was no body to hold rows
        instead="RC513",
    ),
    Example(
        "RC507",
        seen=struck(FailureKind.DAMAGED, LOST, status=200),
        explains="b",
        unlike=struck(FailureKind.NOT_THE_API, LOST, status=200),  # it never was JSON
        instead="RC104",
    ),
    Example(
        "RC508",
        seen=situation(called("ab", states={"b": None})),
        strength=Strength.NOTE,
        unlike=situation(called("a", logged_out="b")),  # not a logged-in state, and a known one
        instead="RC601",
    ),
    Example(
        "RC509",
        seen=situation(TRIO, states_of(TRIO, contradicted={"b": Contradiction(STATES, "Busy and Break")})),
        explains="b",
        unlike=situation(TRIO, states_of(TRIO, late={"b": AGAIN})),  # two answers of two moments
        instead="RC604",
    ),
    Example(
        "RC510",
        seen=situation(TRIO, states_of(TRIO, unasked_rows=1, unasked_exchange=STATES, unasked_agent="z")),
        strength=Strength.NOTE,
        unlike=situation(  # any id gets these rows
            TRIO,
            states_of(TRIO, unasked_rows=2, unasked_exchange=STATES, unasked_agent="z", ignored_exchange=AGAIN),
        ),
        instead="RC408",
    ),
    Example(
        "RC511",
        seen=struck(FailureKind.RATE_LIMITED, LOST, THROTTLED, status=429),
        explains="b",
        unlike=struck(FailureKind.SERVER_TROUBLE, LOST, status=503),  # 503 may carry Retry-After, and is trouble
        instead="RC105",
    ),
    Example(
        "RC512",
        seen=struck(FailureKind.UNREACHABLE, LOST),
        explains="b",
        unlike=struck(FailureKind.UNREACHABLE, called(unknown="ab")),  # no agent was answered
        instead="RC102",
    ),
    Example(
        "RC513",
        seen=situation(TRIO, RowsFound(no_content={"states": Irregular(STATES, "", 1)})),
        strength=Strength.NOTE,
        unlike=struck(FailureKind.DAMAGED, LOST, status=200),  # a body that was cut is not one that was never there
        instead="RC507",
    ),
    Example(
        "RC514",
        seen=situation(LOST, states_of(LOST, unvouched=("b",), unvouched_exchange=AGAIN)),
        explains="b",
        unlike=struck(FailureKind.UNREACHABLE, LOST),  # there was no answer at all
        instead="RC512",
    ),
    Example(
        "RC515",
        seen=situation(
            LOST, states_of(LOST, unvouched=("b",), unvouched_exchange=AGAIN, lost=RowsLost(STATES, AGAIN, 3, 50, 3))
        ),
        explains="b",
        unlike=situation(TRIO, states_of(TRIO, cut=Truncation(37, STATES, AGAIN, 1))),  # up to 37 rows, each came
        instead="RC405",
    ),
    Example(
        "RC516",
        seen=situation(
            LOST,
            states_of(LOST, unvouched=("b",), unvouched_exchange=AGAIN, disagreement=TWO_ANSWERS),
        ),
        explains="b",
        unlike=situation(TRIO, states_of(TRIO, unasked_rows=1, unasked_exchange=STATES, unasked_agent="z")),
        instead="RC510",
    ),
)

MIXED = MixedUp(STATES, 61, 2)


def test_a_mixed_up_cache_that_was_passed() -> None:
    """A mix-up is a NOTE if each request finally got its response. Else it explains who is unknown."""
    healed = situation(TRIO, states_of(TRIO, mixed_up=MIXED, unasked_agent="a")).only("RC516")
    assert (healed.strength, healed.explains) == (Strength.NOTE, ())
    mixed = states_of(LOST, unvouched=("b",), unvouched_exchange=AGAIN, mixed_up=MIXED, unasked_agent="a")
    stays = situation(LOST, mixed).only("RC516")
    assert (stays.strength, stays.explains) == (Strength.PROVEN, ("b",))
    assert stays.text == "2 responses had the rows of another request"
    ignored = states_of(TRIO, mixed_up=MIXED, unasked_agent="a", ignored_exchange=STATES)
    assert "RC516" not in situation(TRIO, ignored).codes()


def test_rows_of_ids_that_nobody_requested() -> None:
    """Rows of ids that are not on the roll prove no mix-up."""
    other = states_of(LOST, unvouched=("b",), unvouched_exchange=AGAIN, mixed_up=MIXED, unasked_agent="b@example.com")
    strange = situation(LOST, other).only("RC516")
    assert (strange.strength, strange.explains) == (Strength.SUSPECTED, ("b",))
    assert strange.text == "2 responses had rows of ids that were never requested"


@pytest.mark.parametrize("state", ["Wrapping Up", "", None])
def test_unknown_state_is_present(state: str | None) -> None:
    """A new, empty or missing state is kept as written. It explains no absence."""
    found = situation(called("ab", states={"b": state})).only("RC508")
    assert found.explains == ()


def test_each_unknown_state_is_named() -> None:
    """Each new state has a remark of its own."""
    seen = situation(called("abcd", states={"a": "Wrapping Up", "b": "Wrapping Up", "c": "Lunch"}))
    found = [one.text for one in seen.findings() if one.code == "RC508"]
    assert ["'Wrapping Up'" in text for text in found] == [True, False]
    assert ["'Lunch'" in text for text in found] == [False, True]


def test_known_states_are_named() -> None:
    """The contract's own states cause no remark."""
    states = dict(zip("abcd", ("Available", "Busy", "Break", "Not Ready"), strict=True))
    assert situation(called("abcd", states=states)).codes() == set()


def test_healed_throttling_is_a_note() -> None:
    """429s that waiting healed are a note with the pace."""
    found = situation(TRIO, THROTTLED).only("RC511")
    assert (found.strength, found.explains) == (Strength.NOTE, ())
    assert "2.5 s" in found.text


@pytest.mark.parametrize(
    "kind",
    [
        FailureKind.NOT_THE_API,
        FailureKind.SERVER_TROUBLE,
        FailureKind.TIMED_OUT,
        FailureKind.DAMAGED,
        FailureKind.UNAUTHORIZED,
        FailureKind.FORBIDDEN,
    ],
)
def test_failure_with_a_code_is_reported_once(kind: FailureKind) -> None:
    """A failure with its own code is not reported twice."""
    seen = struck(kind, LOST, status=500)
    assert seen.codes()
    assert "RC512" not in seen.codes()


@together("kind", FailureKind)
@pytest.mark.parametrize("stage", [Stage.TOKEN, Stage.ROSTER, Stage.STATES])
def test_each_failure_is_reported(kind: FailureKind, stage: Stage) -> None:
    """Each failure leads to some finding, at any stage."""
    failures = Failures(items=(failed(kind, stage, "b" if stage is Stage.STATES else ""),), answered=2)
    throttled = [THROTTLED] if kind is FailureKind.RATE_LIMITED else []
    assert situation(LOST, failures, *throttled).codes()


def test_rows_of_unknown_agents_do_not_contradict() -> None:
    """Two rows of an agent that was not requested are no finding."""
    roll = called("ab")
    assert (
        situation(roll, states_of(roll, contradicted={"z": Contradiction(STATES, "Busy and Break")})).codes() == set()
    )
    both = {"z": Contradiction(STATES, "Busy and Break"), "a": Contradiction(STATES, "Busy and Break")}
    assert situation(roll, states_of(roll, contradicted=both)).only("RC509").explains == ("a",)


@pytest.mark.parametrize("place", ["/items", "/resultSet/entities", ""])
def test_evidence_points_to_where_the_rows_are(place: str) -> None:
    """If rows are elsewhere, findings that cite the response point there. Others are left as they are."""
    odd = RowsFound(elsewhere={"states": Irregular(STATES, place, 1)}, places={STATES: place})
    stuck = states_of(TRIO, contradicted={"b": Contradiction(STATES, "Busy and Break")})
    for places, pointer in (({STATES: place}, place), ({AGAIN: place}, "/entities")):
        seen = situation(TRIO, replace(odd, places=places), stuck)
        (evidence,) = in_place(seen.only("RC509"), seen.case()).evidence
        assert evidence.pointer == pointer


@pytest.mark.parametrize(
    ("place", "pointer"),
    [("/data/entities", "/data/totalCount"), ("/items", "/totalCount"), ("", "/totalCount")],
)
def test_evidence_points_to_what_is_beside_the_rows(place: str, pointer: str) -> None:
    """The total of rows in an envelope is in it, too."""
    odd = RowsFound(elsewhere={"roster": Irregular(ROSTER, place, 1)}, places={ROSTER: place})
    seen = situation(TRIO, odd, replace(roster_of(TRIO), total=4))
    (evidence,) = in_place(seen.only("RC504"), seen.case()).evidence
    assert evidence.pointer == pointer


def test_rows_of_another_request_may_be_older_rows() -> None:
    """With unrequested rows, a cache may make rows come and go."""
    lost = RowsLost(STATES, AGAIN, 3, 50, 3)
    strays = states_of(LOST, unvouched=("b",), lost=lost, unasked_rows=1, unasked_exchange=STATES, unasked_agent="z")
    assert situation(LOST, strays).only("RC515").strength is Strength.SUSPECTED
    alone = states_of(LOST, unvouched=("b",), lost=lost)
    assert situation(LOST, alone).only("RC515").strength is Strength.PROVEN


@pytest.mark.parametrize(("reversals", "proven"), [(0, False), (2, False), (3, True)])
def test_a_few_changes_may_be_agents(reversals: int, proven: bool) -> None:
    """One or two rows that come and go may be logouts."""
    strength = Strength.PROVEN if proven else Strength.SUSPECTED
    lost = states_of(LOST, unvouched=("b",), lost=RowsLost(STATES, AGAIN, 1, 50, reversals))
    assert situation(LOST, lost).only("RC515").strength is strength
    two = states_of(LOST, unvouched=("b",), disagreement=Disagreement(STATES, AGAIN, 8, 9, reversals))
    assert situation(LOST, two).only("RC516").strength is strength


def test_rows_on_different_pages_are_of_different_times() -> None:
    """Two rows of one agent on different pages are a suspected contradiction. The pages are of different times."""
    two = {"b": Contradiction(STATES, "LoggedOut and Busy", one_response=False)}
    found = situation(TRIO, states_of(TRIO, contradicted=two)).only("RC509")
    assert (found.strength, found.explains) == (Strength.SUSPECTED, ("b",))


def test_a_damaged_response_replaced_by_another_is_a_note() -> None:
    """A damaged response is a note if its agents are known. From another response."""
    healed = struck(FailureKind.DAMAGED, LOST, status=200)
    assert healed.only("RC507").strength is Strength.PROVEN
    known = situation(called("ab"), Failures(items=(failed(FailureKind.DAMAGED, agents="b"),), answered=4))
    assert (known.only("RC507").strength, known.only("RC507").explains) == (Strength.NOTE, ())


@pytest.mark.parametrize(
    ("per_second", "said"), [(0.714, "0.71 responses"), (7.14, "7.1 responses"), (71.4, "71 responses")]
)
def test_the_rate_is_the_one_reached(per_second: float, said: str) -> None:
    """A slow rate keeps two digits."""
    assert said in situation(TRIO, replace(THROTTLED, requests_per_second=per_second)).only("RC511").text


def test_429s_explain_requests_that_wait_at_an_interruption() -> None:
    """429s explain requests that still wait when a run is interrupted."""
    found = situation(LOST, replace(THROTTLED, pending=1)).only("RC511")
    assert (found.strength, found.explains, found.explains_all) == (Strength.PROVEN, ("b",), False)
    assert "1 request still waited" in found.text
    everyone = situation(called(unknown="ab"), replace(THROTTLED, pending=2)).only("RC511")
    assert (everyone.explains, everyone.explains_all) == (("a", "b"), True)


@pytest.mark.parametrize("kind", [FailureKind.DAMAGED, FailureKind.SERVER_TROUBLE, FailureKind.TIMED_OUT])
def test_a_request_cut_short_explains_the_unknown(kind: FailureKind) -> None:
    """The failed request of an interrupted run explains unknown agents. Nothing else is made of it."""
    cut = Failures(items=(failed(kind, detail="as it said", tries=1, cut_short=True),), answered=1)
    seen = situation(LOST, cut)
    found = seen.only("RC512")
    assert (found.strength, found.explains, found.explains_all) == (Strength.PROVEN, ("b",), False)
    assert "1 request for the states without a usable response when the run was cut short: as it said" in found.text
    assert "--timeout" in found.fix_text
    assert seen.codes().isdisjoint({"RC105", "RC106", "RC507"})


def test_a_probe_cut_short_explains_no_agent() -> None:
    """The failed probe of an interrupted run explains no agent."""
    cut = Failures(items=(failed(FailureKind.DAMAGED, Stage.PROBE, cut_short=True),), answered=1)
    assert "RC512" not in situation(LOST, cut).codes()


UNREAD = ReadUncompressed(asked=Stage.STATES, reason="the compressed body cannot be decompressed", unread=3, read=5)


def test_an_uncompressed_answer_is_noted() -> None:
    """If only the uncompressed answer could be read, a NOTE cites both."""
    found = situation(TRIO, CompressionUndone(items=(UNREAD,))).only("RC507")
    assert (found.strength, found.explains, found.explains_all) == (Strength.NOTE, (), False)
    assert "the states was damaged until rollcall asked for an uncompressed one" in found.text
    assert [one.exchange for one in found.evidence] == [3, 5]
    assert "Accept-Encoding: identity" in found.fix_text
    assert "RC507" not in situation(TRIO, CompressionUndone()).codes()


def test_another_failure_is_not_explained_by_429s() -> None:
    """An agent whose own request failed is not explained by others' 429s."""
    failures = Failures(items=(failed(FailureKind.TIMED_OUT, agents="b"),), answered=1)
    seen = situation(called("a", unknown="bc"), replace(THROTTLED, pending=1), failures)
    assert seen.only("RC511").explains == ("c",)
    assert seen.only("RC106").explains == ("b",)


@pytest.mark.parametrize("status", [407, 451])
def test_a_request_that_a_proxy_refuses(status: int) -> None:
    """Where a proxy refuses a request, the fix is at the network."""
    refused = failed(FailureKind.REJECTED, status=status)
    assert "HTTPS_PROXY" in situation(TRIO, Failures(items=(refused,), answered=2)).only("RC512").fix_text


@pytest.mark.parametrize("kind", [FailureKind.REJECTED, FailureKind.NOT_FOUND, FailureKind.UNREACHABLE])
def test_a_refused_option_is_named(kind: FailureKind) -> None:
    """A refused request for an option is named with the option. It explains no agent."""
    option = failed(kind, status=400, detail="no such state", option="--state Foo")
    found = situation(TRIO, Failures(items=(option,), answered=2)).only("RC512")
    assert "with --state Foo without a usable response on any try: HTTP 400 no such state" in found.text
    assert found.fix_text.startswith("correct --state Foo")
    assert (found.strength, found.explains, found.explains_all) == (Strength.PROVEN, (), False)


def test_a_list_with_other_rows_is_not_empty() -> None:
    """A state list with rows of other agents is not empty. They are agents that were not requested."""
    roll = called(unknown="a")
    unvouched: dict[str, Any] = {"listed": True, "unvouched": ("a",), "unvouched_exchange": STATES}
    assert "RC605" in listed(roll, states_of(roll, **unvouched)).codes()
    others = listed(roll, states_of(roll, others=9, **unvouched))
    assert "RC605" not in others.codes()
    assert "RC514" in others.codes()


def test_why_and_check_name_the_same() -> None:
    """An agent refused alone is explained alike in `why` and `check`.

    The others may be on the account or only in the list.
    """
    refused = AgentsAskedAlone(items=(AskedAlone(agent_id="b", said=Alone.FORBIDDEN, exchange=AGAIN),))
    unvouched: dict[str, Any] = {"listed": True, "unvouched": ("b",), "unvouched_exchange": STATES}
    everyone, alone = called("c", unknown="b"), called(unknown="b")
    for roll, others in ((everyone, 0), (alone, 1)):
        found = listed(roll, states_of(roll, others=others, **unvouched), refused).only("RC302")
        assert found.explains == ("b",)


def test_the_agent_of_the_evidence_is_one_that_is_explained() -> None:
    """The evidence is of an agent that the finding explains. It is in the exchange without its row."""
    roll = called("a", unknown="bc")
    states = states_of(roll, unvouched=("b", "c"), unvouched_exchange=STATES, missing_in={"b": STATES, "c": AGAIN})
    failures = Failures(items=(failed(FailureKind.TIMED_OUT, agents="b"),), answered=1)
    found = situation(roll, states, failures).only("RC514")
    assert found.explains == ("c",)
    assert (found.evidence[0].exchange, "no row for c" in found.evidence[0].claim) == (AGAIN, True)


def test_an_empty_body_is_not_a_list() -> None:
    """The evidence distinguishes an empty list from an empty body."""
    roll = called(unknown="a")
    states = states_of(roll, unvouched=("a",), unvouched_exchange=STATES)
    none = RowsFound(no_content={"states": Irregular(STATES, "", 1)})
    assert situation(roll, states).only("RC605").evidence[0].seen == "[]"
    assert situation(roll, states, none).only("RC605").evidence[0].seen == "no content"
