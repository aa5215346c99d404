"""A reader with a defect, planted so that the fuzzer can be seen to find one."""

from __future__ import annotations

from quality.fuzz.target import Target

ROWS = ("first", "second")


def read_row(data: bytes) -> str:
    """Return a row by the digits after a word; IndexError, which no caller expects, where there is none so far."""
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
