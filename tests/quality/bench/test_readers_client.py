"""The delays of a board's readers leave no slow reader out."""

import pytest
from quality.bench.readers_client import delays


def test_each_poll_counts_from_its_first_reader() -> None:
    """A delay is the time from the first reader. The poll under way at the start is left out."""
    assert sorted(delays([{b"1": 0.1, b"2": 1.0, b"3": 2.5}, {b"2": 1.25, b"3": 2.0}])) == [0.0, 0.0, 0.25, 0.5]


def test_a_skipped_poll_counts_as_late() -> None:
    """A reader who skips a poll had it with the next one."""
    assert delays([{b"1": 0.0, b"2": 1.0, b"3": 2.0}, {b"1": 0.0, b"3": 2.5}]) == [0.0, 0.0, 0.5, 1.5]


def test_a_poll_under_way_at_the_end() -> None:
    """A poll that has not reached a reader is no delay."""
    assert delays([{b"1": 0.0, b"2": 1.0}, {b"1": 0.0}]) == [0.0]


def test_a_lost_reader_is_an_error() -> None:
    """A reader without any poll is not left out of the figures."""
    with pytest.raises(RuntimeError, match="no poll"):
        delays([{b"1": 0.0, b"2": 1.0}, {}])
