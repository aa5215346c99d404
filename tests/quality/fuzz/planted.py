"""A reader with a defect, to see that the fuzzer finds it."""

from __future__ import annotations

from quality.fuzz.target import Target

ROWS = ("first", "second")


def read_row(data: bytes) -> str:
    """The row with the number after a word. A high number raises IndexError, which is the defect."""
    if data[:2] != b"RC":
        return ""
    if not data[2:3].isdigit():
        return ""
    return ROWS[int(data[2:3])]


def feed(data: bytes) -> None:
    """Read a row."""
    read_row(data)


def _seeds() -> tuple[bytes, ...]:
    return (b"nothing", b"RC1")


TARGETS = (Target(name="planted", about="a reader that has a defect", feed=feed, seeds=_seeds),)
