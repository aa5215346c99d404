"""Records of a fleet as events of a board. With plain records."""

from __future__ import annotations

from typing import Any

from tests.fleet.seats import polled, seat

from cxone_rollcall.alerts.sight import sight_of
from cxone_rollcall.fleet import records
from cxone_rollcall.fleet.records import Changed, Floor, Looked, Note, Record
from cxone_rollcall.fleet.view import View
from cxone_rollcall.live.events import BoardShown, Change, Event, FindingChanged, Polled
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import replace

START = 1_772_447_400.0
"""The tenant's time when ours is 0."""
NOT_POLLED: dict[str, Any] = {"ok": False, "complete": False, "age": None}


class Played:
    """A view of a tenant that is polled every 10 s. `now` is our clock."""

    def __init__(self, floor: Floor | None = None) -> None:
        self.now = 0.0
        self.sequence = 0
        self.view = View(
            floor or Floor(), run="r", owner="a", interval=10.0, slack=2.0, heard=0.0, clock=lambda: self.now
        )

    def poll(self, *changes: Changed, number: int, **fields: Any) -> list[Event]:
        """A record of a poll that ends now."""
        self.sequence += 1
        given = {"owner": "a", "token": "t", "run": "w", **fields}
        of_poll = {name: given.pop(name) for name in Polled.__struct_fields__ if name in given}
        at = of_poll.pop("as_of", START + self.now)
        end = polled(at, **{"poll": self.sequence, "age": None if at is None else 0.0, **of_poll})
        record = Record(number=number, changes=changes, polled=end, **given)
        return self.view.take(record, self.sequence, self.now)

    def quiet(self, number: int, poll: int, *, owner: str = "a", run: str = "w", **fields: Any) -> list[Event]:
        """A poll that changed nothing and ends now."""
        end = polled(**{"as_of": START + self.now, "poll": poll, **fields})
        return self.view.confirm(Looked(number, run, end), owner, self.now)

    def wait(self, seconds: float) -> list[Event]:
        """Let some time pass."""
        self.now += seconds
        return self.view.tick()


def arrived(agent_id: str, **fields: Any) -> Changed:
    """An agent who was not on the roster before."""
    return Changed(agent_id, None, seat(agent_id), **fields)


def last(events: list[Event]) -> Polled:
    """The end of the last poll."""
    assert isinstance(events[-1], Polled)
    return events[-1]


def shown(view: View) -> dict[str, Standing]:
    """The standing of each agent that may be shown."""
    return {one: found.shown for one, found in view.seats.items()}


def test_the_first_poll_shows_the_board() -> None:
    """A reader's first event is the board, as of the worker's poll."""
    board, end = Played().poll(arrived("1"), arrived("2"), number=2)
    assert isinstance(board, BoardShown)
    assert isinstance(end, Polled)
    assert ([one.agent.agent_id for one in board.seats], board.as_of, board.complete) == (["1", "2"], START, True)
    assert (end.ok, end.counts["roster"], end.counts["present"], end.interval) == (True, 2, 2, 10.0)


def test_a_change_is_a_change() -> None:
    """A record with a change gives this change and its poll. A removed agent leaves the board."""
    played = Played()
    played.poll(arrived("1"), arrived("2"), number=2)
    gone, out = seat("2"), seat("1", None)
    *changes, end = played.poll(Changed("1", seat("1"), out), Changed("2", gone, None), number=4)
    assert changes == [
        Change(poll=2, agent_id="1", before=seat("1"), after=out),
        Change(poll=2, agent_id="2", before=gone, after=None),
    ]
    assert isinstance(end, Polled)
    assert (end.poll, end.counts["roster"], end.counts["logged_out"]) == (2, 1, 1)


def test_a_record_that_is_known_gives_nothing() -> None:
    """A record that is read twice is taken once."""
    played = Played()
    assert played.poll(arrived("1"), number=1)
    played.sequence = 0
    assert played.poll(arrived("1"), number=1) == []


def test_the_parts_of_a_poll_appear_together() -> None:
    """A poll that was written in parts is one poll."""
    played = Played()
    assert played.poll(arrived("1"), number=1, more=True) == []
    assert len(played.view.seats) == 0
    assert last(played.poll(arrived("2"), number=2)).counts["roster"] == 2


def test_a_missing_record_is_noticed() -> None:
    """A record that does not follow the last one shows a gap."""
    played = Played()
    played.poll(arrived("1"), number=1)
    follows = Record(owner="a", token="t", number=2, changes=(arrived("2"),))
    later = Record(owner="a", token="t", number=3, changes=(arrived("2"),))
    assert (played.view.lacks(follows, 9), played.view.lacks(later, 9)) == (False, True)


def test_a_quiet_poll_keeps_the_board_fresh() -> None:
    """A poll that changed nothing is a poll, with its own times."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.now = 10.0
    (end,) = played.quiet(1, 2)
    assert isinstance(end, Polled)
    assert (end.ok, end.as_of, played.view.now()) == (True, START + 10, START + 10)
    assert played.wait(12) == []
    (late,) = played.quiet(1, 3, as_of=START + 19, age=0.5)
    assert isinstance(late, Polled)
    assert (late.as_of, late.age, played.view.now()) == (START + 19, 0.5, START + 22)


def test_what_a_quiet_poll_does_not_prove_is_not_taken() -> None:
    """A poll counts once. It is the owner's, and all changes before it are here."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.now = 10.0
    assert played.quiet(2, 2) == []  # a change is not here yet
    assert played.quiet(1, 2, owner="b") == []
    assert played.quiet(1, 1) == []  # the poll of the record
    assert played.quiet(1, 2, as_of=START - 5, run="older") == []
    assert played.quiet(1, 2) != []
    assert played.quiet(1, 2) == []


def test_whoever_is_not_polled_is_unknown_never_absent() -> None:
    """Two polls without an answer make states the last known, three unknown."""
    played = Played()
    played.poll(arrived("1"), Changed("2", None, seat("2", None)), number=2)
    assert played.wait(21) == []
    first, *_ = played.wait(2)
    assert isinstance(first, Polled)
    assert (first.ok, first.missed) == (False, "no worker has polled it for 23 s")
    assert (first.as_of, first.age) == (START, 23.0)
    stale = played.wait(10)
    assert [(one.after.is_stale, one.after.shown) for one in stale if isinstance(one, Change) and one.after] == [
        (True, Standing.PRESENT),
        (True, Standing.LOGGED_OUT),
    ]
    assert last(played.wait(10)).counts["unknown"] == 2
    assert set(shown(played.view).values()) == {Standing.UNKNOWN}


def test_a_long_silence_is_three_polls_at_once() -> None:
    """After hours of silence, everybody is unknown at once."""
    played = Played()
    played.poll(arrived("1"), number=1)
    events = played.wait(7200)
    assert sum(isinstance(one, Polled) for one in events) == 3
    assert (last(events).counts["unknown"], last(events).age) == (1, 7200.0)


def test_a_worker_that_comes_back_makes_the_board_fresh() -> None:
    """The first poll after a silence shows everybody as recorded."""
    played = Played()
    played.poll(arrived("1"), arrived("2"), number=2)
    played.wait(100)
    events = played.poll(Changed("1", seat("1"), seat("1", None)), number=3, owner="b", resumed=True)
    after = {one.agent_id: one.after for one in events if isinstance(one, Change)}
    assert after == {"1": seat("1", None), "2": seat("2")}
    assert last(events).ok
    assert shown(played.view) == {"1": Standing.LOGGED_OUT, "2": Standing.PRESENT}


def test_a_state_that_is_only_known_says_until_when() -> None:
    """A last known state is as of the poll that confirmed it."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.now = 50.0
    played.quiet(1, 2)
    (change,) = [one for one in played.wait(33) if isinstance(one, Change)]
    assert change.after is not None
    assert change.after.as_of == START + 50


def test_a_poll_that_fails_says_why() -> None:
    """A tenant that does not answer its worker shows the worker's reason."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.now = 20.0
    (end,) = played.quiet(1, 2, ok=False, complete=False, as_of=START, age=20.0, missed="no whole answer within 10 s")
    assert isinstance(end, Polled)
    assert (end.ok, end.missed, end.age) == (False, "no whole answer within 10 s", 20.0)


def test_findings_begin_and_end() -> None:
    """Findings have the code, strength and message of the worker's. A new worker's begin anew."""
    played = Played()
    played.poll(arrived("1"), number=1)
    note = Note("RC406", True, "PROVEN", "a filter {hides} agents")
    found = [one for one in played.poll(number=1, notes=(note,)) if isinstance(one, FindingChanged)]
    assert [(one.begins, one.finding.code, one.finding.name, one.finding.text) for one in found] == [
        (True, "RC406", "state-filter-hides", "a filter {hides} agents")
    ]
    assert list(played.view.findings) == ["RC406"]
    ends = [one for one in played.poll(number=1, owner="b", resumed=True) if isinstance(one, FindingChanged)]
    assert [(one.begins, one.finding.code, one.finding.text) for one in ends] == [(False, "RC406", "")]
    assert dict(played.view.findings) == {}


def test_the_codes_of_agents_are_kept() -> None:
    """The findings that explain an agent are those of the last change."""
    played = Played()
    played.poll(arrived("1", codes=("RC601",)), number=1)
    assert played.view.codes == {"1": ("RC601",)}
    played.poll(Changed("1", seat("1"), seat("1")), number=2)
    assert played.view.codes == {}


def test_a_board_begins_with_a_snapshot() -> None:
    """A snapshot has the seats, codes and findings. Until a poll is heard of, the board says so."""
    floor = Floor()
    changes, notes = (arrived("1", codes=("RC601",)),), (Note("RC406", True, "PROVEN", "m"),)
    record = Record(owner="a", token="t", number=1, changes=changes, notes=notes, polled=polled(START))
    floor.apply(record, 7)
    kept = records.assemble([records.decode_snapshot(records.encode(one)) for one in records.snapshots(floor, "a")])
    played = Played(kept)
    board, end = played.view.begin()
    assert isinstance(board, BoardShown)
    assert isinstance(end, Polled)
    assert [one.agent.agent_id for one in board.seats] == ["1"]
    assert (end.ok, end.as_of, end.missed) == (False, START, "no poll of it has been heard of yet")
    assert (board.as_of, board.complete, end.complete) == (START, False, False)
    assert (played.view.codes, list(played.view.findings)) == ({"1": ("RC601",)}, ["RC406"])
    played.now = 5.0
    assert last(played.quiet(1, 3)).ok


def test_a_tenant_that_was_never_polled_has_no_board() -> None:
    """Nothing is shown of a tenant that nobody has polled, but that."""
    played = Played()
    assert played.view.begin() == []
    end = last(played.wait(25))
    assert (end.ok, end.as_of, end.age) == (False, None, None)


def test_a_delayed_record_makes_no_board_younger() -> None:
    """A record that waited for the engine makes nothing look younger."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.now = 15.0
    played.view.confirm(Looked(1, "w", polled(START + 5, poll=2)), "a", 15.0)
    assert played.view.now() == START + 15


def test_a_board_that_begins_in_a_silence_is_unknown() -> None:
    """After hours without a poll a reader begins with unknown agents."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.now = 7200.0
    board, end = played.view.begin()
    assert isinstance(board, BoardShown)
    assert isinstance(end, Polled)
    assert (board.complete, board.counts["unknown"], end.ok, end.age) == (False, 1, False, 7200.0)
    assert played.view.tick() == []


def test_a_worker_that_sees_nobody_makes_nothing_known() -> None:
    """After a silence, a poll without any answer leaves everybody unknown. One with answers shows them."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.wait(100)
    end = last(played.poll(number=1, owner="b", run="v", as_of=None, ok=False, complete=False, missed="no answer"))
    assert (end.as_of, end.age, end.counts["unknown"], end.missed) == (START, 100.0, 1, "no answer")
    assert last(played.poll(number=1, owner="b", run="v")).counts["unknown"] == 0


def test_a_poll_without_an_answer_is_a_missed_one() -> None:
    """It shows no state to alerts. The next poll that does makes it known."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.now = 10.0
    (end,) = played.quiet(1, 2, ok=False, as_of=START, age=10.0)
    assert isinstance(end, Polled)
    assert (end.ok, played.view.seats["1"].missed) == (False, 1)
    played.quiet(1, 3)
    assert played.view.seats["1"].missed == 0


def test_a_clock_that_goes_back_stops_no_board() -> None:
    """A tenant whose clock is set back is still polled."""
    played = Played()
    played.poll(arrived("1"), number=1)
    (end,) = played.quiet(1, 2, as_of=START - 3600)
    assert isinstance(end, Polled)
    assert end.ok


def test_alerts_are_given_what_the_worker_knows() -> None:
    """They need doubted absences and the checks that ran. Those of a new worker begin anew."""
    played = Played()
    end = last(played.poll(arrived("1"), number=1, roster_complete=True, judged=("RC105",), doubted=("1", "2")))
    assert end.roster_complete
    played.poll(number=1, judged=("RC301",), settled=("2",), notes=(Note("RC105", True, "PROVEN", "m", True),))
    shown = sight_of(played.view, end)
    assert (shown.doubted, shown.judged, list(shown.troubles)) == ({"1"}, {"RC105", "RC301"}, ["RC105"])
    assert shown.troubles["RC105"].explains_all
    parts = [records.decode_snapshot(records.encode(one)) for one in records.snapshots(played.view.floor, "a")]
    kept = records.assemble(parts)
    assert kept is not None
    assert (kept.judged, kept.doubted) == (shown.judged, shown.doubted)
    played.poll(number=1, owner="b", resumed=True, judged=("RC105",))
    assert (set(played.view.judged), set(played.view.doubted)) == ({"RC105"}, set())


def test_a_poll_that_nobody_did_takes_no_agent_off_the_roster() -> None:
    """The roster is as whole as a worker last read it."""
    played = Played()
    played.poll(arrived("1"), number=1, roster_complete=True)
    assert last(played.wait(100)).roster_complete
    played.quiet(1, 2, roster_complete=False)
    assert not last(played.wait(100)).roster_complete


def test_the_end_of_a_poll_is_told_whole() -> None:
    """It is as its worker tells it. What only the worker knows is left out. One that nobody did was not asked for."""
    played = Played()
    nobody = polled(None, **NOT_POLLED, counts=played.view.board.counts({}))
    played.now = 22.0
    assert played.view.tick() == [replace(nobody, missed="no worker has polled it for 22 s", asked=False)]
    seen = {"requests": 7, "corrected": 2, "took": 0.5, "age": 3.0, "roster_complete": True}
    events = played.poll(arrived("1"), number=1, **seen)
    assert isinstance(events[0], BoardShown)
    assert (events[0].as_of, events[0].received_at, events[0].complete) == (START + 22, START + 22, True)
    told = polled(START + 22, poll=2, age=3.0, counts=played.view.board.counts({}), roster_complete=True)
    assert last(events) == told
    assert played.view.now() == START + 25
    played.now = 30.0
    (end,) = played.quiet(1, 2, as_of=None, ok=False, complete=False, age=None, missed="no answer")
    unknown = replace(told, poll=3, ok=False, complete=False, age=11.0)
    assert end == replace(unknown, missed="no answer", roster_complete=False)


def test_a_poll_that_saw_some_is_no_missed_one() -> None:
    """Nor is a whole one in the second of the last."""
    played = Played()
    played.poll(arrived("1"), number=1)
    played.now = 5.0
    for number, ok in ((2, False), (3, True)):
        played.quiet(1, number, ok=ok)
        assert played.view.seats["1"].missed == 0


def test_a_finding_that_ends_says_what_its_worker_says() -> None:
    """It has the page of its code. One that a newer version invented has only the code."""
    played = Played()
    notes = (Note("RC406", True, "PROVEN", "it hides agents"), Note("RC999", True, "SUSPECTED", "new"))
    played.poll(arrived("1"), number=1, notes=notes)
    assert [(one.name, one.fix_text) for one in played.view.findings.values()] == [
        ("state-filter-hides", "rollcall explain RC406"),
        ("RC999", "rollcall explain RC999"),
    ]
    gone = Note("RC406", False, "PROVEN", "it hides nobody")
    events = played.poll(number=1, notes=(gone,))
    ends = [one for one in events if isinstance(one, FindingChanged)]
    assert [(one.begins, one.finding.code, one.finding.text) for one in ends] == [(False, "RC406", "it hides nobody")]
