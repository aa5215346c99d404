"""What a history says of a window. Who may write it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.interval import Interval, Source, Status, Window, unknown
from cxone_rollcall.history.reading import Recorded, Row, reading
from cxone_rollcall.history.store import writing
from cxone_rollcall.model.roll import Standing

RECORDED = Recorded(100, 200, 195, ((Window(120, 130), "recorder-down"), (Window(130, 140), "file-not-writable")))


@pytest.mark.parametrize(
    ("window", "parts"),
    [
        ((100, 120), [(100, 120, "")]),
        ((140, 200), [(140, 200, "")]),
        ((120, 130), [(120, 130, "recorder-down")]),
        ((119, 141), [(119, 120, ""), (120, 130, "recorder-down"), (130, 140, "file-not-writable"), (140, 141, "")]),
        ((125, 135), [(125, 130, "recorder-down"), (130, 135, "file-not-writable")]),
        ((90, 101), [(90, 100, "not-recorded"), (100, 101, "")]),
        ((199, 210), [(199, 200, ""), (200, 210, "not-recorded")]),
        ((0, 10), [(0, 10, "not-recorded")]),
        ((200, 10**15), [(200, 10**15, "not-recorded")]),
        ((150, 150), []),
    ],
)
def test_each_part_of_a_window_was_recorded_or_has_a_cause(
    window: tuple[int, int], parts: list[tuple[int, int, str]]
) -> None:
    """The parts are the window, in order. One in which nothing was recorded says why."""
    assert [(*part, cause) for part, cause in RECORDED.parts(Window(*window))] == parts


@pytest.mark.parametrize(
    ("window", "widened"),
    [
        ((120, 130), (119, 131)),
        ((125, 135), (119, 141)),
        ((119, 120), (119, 120)),
        ((140, 141), (140, 141)),
        ((150, 160), (150, 160)),
        ((110, 121), (110, 131)),
        ((10, 20), (10, 101)),
        ((10, 100), (10, 101)),
        ((200, 210), (199, 210)),
        ((300, 310), (199, 310)),
    ],
)
def test_a_window_reaches_to_the_nearest_recorded_time(window: tuple[int, int], widened: tuple[int, int]) -> None:
    """A window without a recording is stretched. It reaches the milliseconds beside it."""
    one_gap = Recorded(100, 200, 195, ((Window(120, 130), ""), (Window(132, 140), "")))
    assert one_gap.widened(Window(*window)) == Window(*widened)


def test_a_window_has_no_hole(path: Path) -> None:
    """Without an interval, nothing was recorded or the agent left."""
    present = Status(Standing.PRESENT, "Busy", None, "on-contact")
    with reading(path) as history:
        history.recorded = RECORDED
        history.statuses = {0: unknown("RC105"), 1: present}
        rows = [Row(95, 110, 1, None, 0), Row(110, 125, 0, 5, 1), Row(150, 160, 1, 0, 2)]
        filled = history.filled(rows, Window(90, 210))
    assert filled == [
        Interval(90, 95, unknown("not-recorded")),
        Interval(95, 110, present),
        Interval(110, 125, unknown("RC105"), 5, Source.BACKFILLED),
        Interval(125, 130, unknown("recorder-down")),
        Interval(130, 140, unknown("file-not-writable")),
        Window(140, 150),
        Interval(150, 160, present, 0, Source.INFERRED),
        Window(160, 200),
        Interval(200, 210, unknown("not-recorded")),
    ]


def test_people_are_kept_as_the_roster_has_them(path: Path) -> None:
    """Another recorder of the same roster adds nothing to it."""
    with reading(path) as history:
        people = list(history.people().values())
        few = history.people([1, 2])
        assert [len(one) for one in people] == [1] * 30
        assert few == {number: one for number, one in history.people().items() if number in (1, 2)}
        assert {person.agent.active for one in people for person in one} == {True, False}


def test_a_window_of_the_past_is_cut(path: Path) -> None:
    """Rows of a window are those of the file, cut to it. One agent has what all have."""
    with reading(path) as history:
        first, last = history.recorded.first, history.recorded.last
        whole = history.rows(Window(first, last))
        step = (last - first) // 7
        for begin in range(first + 1, last, step):
            window = Window(begin, begin + step // 2)
            expected = {
                number: [
                    Row(
                        max(one.begin, window.begin),
                        min(one.end, window.end),
                        one.status,
                        one.slack if one.begin >= window.begin else None,
                        one.source,
                    )
                    for one in rows
                    if one.begin < window.end and window.begin < one.end
                ]
                for number, rows in whole.items()
            }
            found = history.rows(window)
            assert found == expected
            assert all(history.rows(window, [number]) == {number: rows} for number, rows in found.items())


def test_seconds_are_those_of_the_rows(path: Path) -> None:
    """The database sums the seconds that the rows have."""
    with reading(path) as history:
        first, last = history.recorded.first, history.recorded.last
        for begin in range(first - 2_000, last, (last - first) // 9):
            window = Window(begin, begin + 7_777_777)
            expected = {number: Counter[int]() for number, rows in history.rows(window).items() for _ in rows}
            for number, rows in history.rows(window).items():
                for one in rows:
                    expected[number][one.status] += one.end // 1000 - one.begin // 1000
            found = {number: +Counter(spent) for number, spent in history.seconds(window).items()}
            assert {number: spent for number, spent in found.items() if spent} == {
                number: +spent for number, spent in expected.items() if +spent
            }


def test_numbers_are_remembered(tmp_path: Path) -> None:
    """A number is kept under its name, and replaced. A poll may bring some."""
    with writing(tmp_path / "h.db") as store:
        assert store.remembered("until") is None
        for number in (5, 3):
            store.remember("until", number)
            assert store.remembered("until") == number
    with reading(tmp_path / "h.db") as history:
        assert (history.remembered("until"), history.remembered("other"), history.tenant) == (3, None, "")


def test_one_process_records_at_a_time(tmp_path: Path) -> None:
    """Another one is refused, by any name of the file. The refusal says who records."""
    path, link = tmp_path / "h.db", tmp_path / "link.db"
    with writing(path):
        link.symlink_to(path)
        for name in (path, link):
            with pytest.raises(HistoryError, match=r"h\.db|link\.db") as refused, writing(name):
                pass
            assert "is being recorded by process " in str(refused.value)
        (tmp_path / "h.db.holder").write_text(" \n")
        with pytest.raises(HistoryError, match="by another process: one process records at a time"), writing(path):
            pass
        (tmp_path / "h.db.holder").unlink()
        with pytest.raises(HistoryError, match="recorded by another process"), writing(path):
            pass
    assert {one.name for one in tmp_path.iterdir()} - {"h.db.lock"} == {"h.db", "link.db"}
    with writing(path):
        pass


def test_a_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    """The refusal has the command that makes it."""
    with pytest.raises(HistoryError, match="does not exist") as refused, writing(tmp_path / "new" / "h.db"):
        pass
    assert refused.value.example == f"mkdir -p {tmp_path / 'new'}"
    assert not (tmp_path / "new").exists()


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, sound: bytes) -> None:
    """A damaged file is refused with the command that checks it. A folder has none."""
    path = tmp_path / "h.db"
    path.write_bytes(sound[:100] + b"\xff" * (len(sound) - 100))
    with pytest.raises(HistoryError, match="cannot be recorded in: ") as refused, writing(path):
        pass
    assert refused.value.example == f"rollcall history check --history {path}"
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(HistoryError, match="recorded in: Is a directory") as refused, writing(tmp_path / "folder.db"):
        pass
    assert refused.value.example == ""
