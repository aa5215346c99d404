"""What the history says of a tenant that was recorded."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings.test_account import finding
from tests.history.recorded import Recorded, recorded

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.history.interval import Interval, Open, Source, Status, status_of, unknown
from cxone_rollcall.history.reading import History, Window, reading
from cxone_rollcall.history.recording import Recording, cause_of, seats_of
from cxone_rollcall.history.store import Stopped, writing
from cxone_rollcall.live.events import FindingChanged
from cxone_rollcall.live.seat import Certainty, Seat, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.timestamp import format_timestamp

SHORT, ALL_REFUSED = finding("RC504", explains="34"), finding("RC301", everything=True)
BOTH = pytest.mark.parametrize("contract", ["v2", "incontact"])


def days(history: History, window: Window) -> dict[str, list[Interval | Window]]:
    """The whole window of each agent, by id."""
    ids = {number: agent_id for agent_id, number in history.agents().items()}
    return {ids[number]: history.filled(rows, window) for number, rows in history.rows(window).items()}


def gaps(day: list[Interval | Window]) -> list[tuple[int, int, str | None]]:
    """The gaps of a day: begin, end, cause."""
    found = [one for one in day if isinstance(one, Interval) and one.status.standing is Standing.UNKNOWN]
    return [(one.begin, one.end, one.status.cause) for one in found]


def at(day: list[Interval | Window], moment: int) -> Interval | Window:
    """What a day has at a moment. Exactly one."""
    (found,) = [one for one in day if one.begin <= moment < one.end]
    return found


def check_boards(world: Recorded) -> None:
    """Compare each board with the history. Check that each agent's time is whole."""
    with reading(world.path) as history:
        window = Window(history.recorded.first - 60_000, history.recorded.last + 60_000)
        whole = days(history, window)
    for day in whole.values():
        assert sum(one.end - one.begin for one in day) == window.end - window.begin
    for moment, seats in world.boards:
        for agent_id, seat in seats.items():
            shown = at(whole[agent_id], moment)
            assert isinstance(shown, Interval)
            if not _began_later(seat, moment):
                assert shown.status == status_of(seat, cause=shown.status.cause or "")


def _began_later(seat: Seat, moment: int) -> bool:
    """Whether the server dates the state after the poll's moment."""
    return seat.since.latest * 1000 > moment


def full(_: object) -> None:
    """There is no room on the disk."""
    raise sqlite3.OperationalError("database or disk is full")


@BOTH
async def test_each_board_is_in_the_history(contract: str, tmp_path: Path) -> None:
    """At each poll the history shows what the board showed."""
    async with recorded(tmp_path / "h.db", contract) as world:
        async with world.recorder() as recorder:
            await recorder.polls(120)
        check_boards(world)


@BOTH
async def test_what_a_stopped_recorder_missed_is_a_gap(contract: str, tmp_path: Path) -> None:
    """Time between two recorders is a gap, or inferred with a proof."""
    async with recorded(tmp_path / "h.db", contract) as world:
        async with world.recorder() as recorder:
            stopped = await recorder.polls(30)
        world.pass_time(120)
        async with world.recorder() as recorder:
            await recorder.polls(30)
        check_boards(world)
        resumed = world.boards[30][0]
        assert stopped.as_of is not None
        down = round(stopped.as_of * 1000) + 1, resumed, "recorder-down"
        with reading(world.path) as history:
            inferred = 0
            for day in days(history, Window(history.recorded.first, history.recorded.last)).values():
                if gaps(day) != [down]:
                    (bridge,) = [one for one in day if isinstance(one, Interval) and one.source is Source.INFERRED]
                    assert (bridge.begin, bridge.end) == down[:2]
                    assert gaps(day) == []
                    inferred += 1
        assert (inferred > 0) == (contract == "incontact")  # the rows of v2 have no time


@BOTH
async def test_a_blind_poller_leaves_a_gap_with_its_cause(contract: str, tmp_path: Path) -> None:
    """A failing server leaves a gap with a finding's code. It lasts from the last answer to the next."""
    async with recorded(tmp_path / "h.db", contract) as world:
        async with world.recorder() as recorder:
            seen = await recorder.polls(5)
            world.break_by("server-error")
            await recorder.polls(6)
            world.break_by()
            await recorder.polls(5)
        check_boards(world)
        assert seen.as_of is not None
        with reading(world.path) as history:
            window = Window(history.recorded.first, history.recorded.last)
            found = {gap for day in days(history, window).values() for gap in gaps(day)}
        assert found == {(round(seen.as_of * 1000) + 1, world.boards[5][0], "RC105")}


@BOTH
async def test_two_missed_polls_are_no_gap(contract: str, tmp_path: Path) -> None:
    """A state seen again after two missed polls goes on."""
    async with recorded(tmp_path / "h.db", contract) as world:
        async with world.recorder() as recorder:
            await recorder.polls(5)
            world.break_by("server-error")
            await recorder.polls(2)
            world.break_by()
            await recorder.polls(5)
        check_boards(world)
        with reading(world.path) as history:
            window = Window(history.recorded.first, history.recorded.last)
            assert not [gap for day in days(history, window).values() for gap in gaps(day)]


async def test_a_quick_restart_keeps_since(tmp_path: Path) -> None:
    """A restart within three intervals keeps `since` of unchanged states."""
    async with recorded(tmp_path / "h.db", "incontact") as world:
        async with world.recorder() as recorder:
            await recorder.polls(60)
            before = dict(recorder.poller.board.seats)
        async with world.recorder() as recorder:
            await recorder.polls(1)
            after = recorder.poller.board.seats
            kept = [one for one, seat in after.items() if seat.same_as(before[one].standing, before[one].state)]
            assert len(kept) > len(after) / 2
            for agent_id in kept:
                shown = [format_timestamp(board[agent_id].since.latest) for board in (before, after)]
                assert shown[0] == shown[1]


async def test_what_cannot_be_written_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls that find no room on the disk are written later, whole."""
    async with recorded(tmp_path / "h.db", "v2") as world:
        async with world.recorder() as recorder:
            with monkeypatch.context() as patch:
                patch.setattr(recorder.store, "_insert_proofs", full)  # other parts of the poll are stored by then
                await recorder.polls(40)
                assert recorder.recording.trouble == "database or disk is full"
                assert (recorder.recording.waiting, recorder.recording.polls) == (40, 0)
                assert recorder.recording.changes == 0
            await recorder.polls(1)
            assert recorder.recording.trouble == ""
            assert (recorder.recording.waiting, recorder.recording.polls) == (0, 41)
            assert recorder.recording.changes > 40
        assert world.complaints == [
            f"{world.path} cannot be written: database or disk is full. Changes wait in memory",
            f"{world.path} can be written again",
        ]
        check_boards(world)


async def test_too_much_waiting_becomes_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If too much waits, its time becomes a gap that says why."""
    monkeypatch.setattr("cxone_rollcall.history.recording.MOST_WAITING", 10)
    async with recorded(tmp_path / "h.db", "v2") as world:
        async with world.recorder() as recorder:
            seen = await recorder.polls(5)

            with monkeypatch.context() as patch:
                patch.setattr(recorder.store, "write", full)
                await recorder.polls(60)
            del world.boards[5:]
            await recorder.polls(2)
        check_boards(world)
        assert seen.as_of is not None
        with reading(world.path) as history:
            window = Window(history.recorded.first, history.recorded.last)
            found = {gap for day in days(history, window).values() for gap in gaps(day)}
            lost = Window(round(seen.as_of * 1000) + 1, world.boards[5][0])
            assert found == {(*lost, "file-not-writable")}
            holes = [one.status.cause for one in history.filled([], lost) if isinstance(one, Interval)]
        assert holes == ["file-not-writable"]


@BOTH
async def test_a_missed_poll_ends_what_was_given_up(
    contract: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed poll leaves no gap when the file is writable again."""
    monkeypatch.setattr("cxone_rollcall.history.recording.MOST_WAITING", 10)
    async with recorded(tmp_path / "h.db", contract) as world:
        async with world.recorder() as recorder:
            await recorder.polls(1)

            with monkeypatch.context() as patch:
                patch.setattr(recorder.store, "write", full)
                await recorder.polls(1)
                while recorder.recording.waiting:
                    await recorder.polls(1)
            world.break_by("server-error")
            await recorder.polls(1)
            world.break_by()
            world.boards.clear()
            await recorder.polls(1)
        check_boards(world)


def open_findings(path: Path) -> list[str]:
    """The codes of the findings that hold, as the file has them."""
    with closing(sqlite3.connect(path)) as db:
        return [code for (code,) in db.execute("SELECT code FROM troubles WHERE end IS NULL")]


async def test_a_finding_ends_with_its_recorder(tmp_path: Path) -> None:
    """What a stopped recorder had found ends with its last poll."""
    path = tmp_path / "h.db"
    async with recorded(path, "v2") as world:
        async with world.recorder() as recorder:
            await recorder.polls(2)
            world.break_by("server-error")
            await recorder.polls(3)
        held = open_findings(path)
        assert held
        world.break_by()
        async with world.recorder() as recorder:
            await recorder.polls(2)
        assert open_findings(path) == []
        with closing(sqlite3.connect(path)) as db:
            (last,) = db.execute("SELECT max(received_at) FROM polls WHERE run = 1").fetchone()
            assert {end for (end,) in db.execute("SELECT end FROM troubles")} == {last}


async def test_a_finding_from_before_the_first_board_is_kept(tmp_path: Path) -> None:
    """A finding from before any answer is stored with the first board."""
    path = tmp_path / "h.db"
    async with recorded(path, "v2", faults=["server-error"]) as world, world.recorder() as recorder:
        await recorder.polls(2)
        found = set(recorder.poller.troubles.now)
        assert found
        world.break_by()
        await recorder.polls(1)
        with closing(sqlite3.connect(path)) as db:
            assert {code for (code,) in db.execute("SELECT code FROM troubles")} >= found


async def test_findings_survive_what_was_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings that began while polls were given up are stored later."""
    path = tmp_path / "h.db"
    monkeypatch.setattr("cxone_rollcall.history.recording.MOST_WAITING", 10)
    async with recorded(path, "v2") as world, world.recorder() as recorder:
        await recorder.polls(2)

        with monkeypatch.context() as patch:
            patch.setattr(recorder.store, "write", full)
            await recorder.polls(40)
            world.break_by("server-error")
            await recorder.polls(5)
        await recorder.polls(1)
        assert set(open_findings(path)) == set(recorder.poller.troubles.now) != set()


async def test_a_saved_file_takes_new_states(tmp_path: Path) -> None:
    """Recording goes on in a file whose statuses have lost some numbers."""
    path = tmp_path / "h.db"
    async with recorded(path, "v2") as world:
        async with world.recorder() as recorder:
            await recorder.polls(1)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("INSERT INTO statuses SELECT max(status) + 2, 'unknown', NULL, NULL, NULL, 'x' FROM statuses")
        async with world.recorder() as recorder:
            await recorder.polls(60)
        assert world.complaints == []


async def test_a_file_is_of_one_tenant(tmp_path: Path) -> None:
    """Another tenant's polls are refused, though its agents' ids are equal."""
    path = tmp_path / "h.db"
    async with recorded(path, "incontact") as world, world.recorder() as recorder:
        await recorder.polls(2)
    before = path.read_bytes()
    async with recorded(path, "incontact", seed=2) as world:
        told = r"h\.db has the history of emulated \(tenant id .*\), not of tenant id .*: each tenant needs a file"
        with pytest.raises(HistoryError, match=told):
            async with world.recorder() as recorder:
                await recorder.polls(1)
    assert path.read_bytes() == before


@BOTH
async def test_a_tenant_is_known_again(contract: str, tmp_path: Path) -> None:
    """New tokens, another port and another client are still the same tenant."""
    path = tmp_path / "h.db"
    for client_id in ("one", "another"):
        async with recorded(path, contract, client_id=client_id) as world, world.recorder() as recorder:
            await recorder.polls(2)
    with reading(path) as history:
        assert (history.polls, history.tenant) == (4, "emulated")


@pytest.mark.parametrize(
    ("asked", "codes", "found", "cause"),
    [
        (True, {"1": ("RC504", "RC301")}, [ALL_REFUSED], "RC504"),
        (True, {"2": ("RC504",)}, [SHORT, ALL_REFUSED], "RC301"),
        (True, {"1": ()}, [SHORT], "RC902"),
        (True, {}, [], "RC902"),
        (False, {"1": ("RC504",)}, [ALL_REFUSED], "recorder-down"),
    ],
)
def test_why_an_agent_is_unknown(
    asked: bool, codes: dict[str, tuple[str, ...]], found: list[Finding], cause: str
) -> None:
    """The agent's own finding comes first, then one that explains all. Without a question nothing recorded."""
    now = {one.code: one for one in found}
    poller: Any = SimpleNamespace(asked=asked, codes=codes, troubles=SimpleNamespace(now=now))
    assert cause_of(poller, "1") == cause


def test_the_board_of_an_earlier_run() -> None:
    """Each seat is as it was last confirmed. A row is there if it had anything."""
    ann, busy = Agent("1", "Ann"), Status(Standing.PRESENT, "Busy", "On call", "on-contact")
    since = Since(4.0, Certainty.EXACT, 4.0)
    opened = {
        "1": Open(1_000, busy, 5, since, "2026-03-02T08:00:00Z", known_until=7_000),
        "2": Open(2_000, Status(Standing.ABSENT)),
        "3": Open(2_000, unknown("RC105"), row_since="2026-03-02T08:00:00Z", held=busy),
        "4": Open(2_000, Status(Standing.PRESENT, None, "Lunch", "other")),
    }
    people = {"1": ann, **{one: Agent(one) for one in ("2", "3", "4")}}
    at_least = Since(9.0, Certainty.AT_LEAST)
    row = AgentState("1", "Busy", "On call", "2026-03-02T08:00:00Z")
    undated, lunch = AgentState("3", None, None, "2026-03-02T08:00:00Z"), AgentState("4", None, "Lunch")
    assert list(seats_of(Stopped(opened, people, 9_000, 9_500))) == [
        Seat(ann, Standing.PRESENT, row, "on-contact", since, 7.0),
        Seat(people["2"], Standing.ABSENT, None, None, at_least, 9.0),
        Seat(people["3"], Standing.UNKNOWN, undated, None, at_least, 9.0),
        Seat(people["4"], Standing.PRESENT, lunch, "other", at_least, 9.0),
    ]


async def test_nothing_is_recorded_before_the_begin(tmp_path: Path) -> None:
    """Without a poller to follow, an event is left alone."""
    with writing(tmp_path / "h.db") as store:
        recording = Recording(store, print)
        await recording.take(FindingChanged(poll=1, finding=SHORT, begins=True))
        assert (recording.polls, recording.waiting, recording.trouble) == (0, 0, "")
        assert store.stopped() == Stopped({}, {}, 0, 0)
