"""Spans of time as people write them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_values import together

from cxone_rollcall.model.time_span import parse_time_span

SPANS = {"90s": 90, "30m": 1_800, "1h30m": 5_400, "2d": 172_800, "1d1s": 86_401, "0s": 0}


@together("read", {text: (text, seconds) for text, seconds in SPANS.items()})
def test_spans_are_read(read: tuple[str, int]) -> None:
    """Units may be left out, in this order."""
    text, seconds = read
    assert parse_time_span(text) == seconds


@given(*[st.integers(0, 999)] * 4)
def test_parts_add_up(days: int, hours: int, minutes: int, seconds: int) -> None:
    """Each unit counts as what it is."""
    assert (
        parse_time_span(f"{days}d{hours}h{minutes}m{seconds}s") == ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    )


@together(
    "text", {text or "empty": text for text in ("", "5", "m", "5 m", "-5m", "5m5h", "1.5h", "5M", "٥m", "9999999999s")}
)
def test_other_texts_are_no_spans(text: str) -> None:
    """A text without a unit, or with anything else, is no span."""
    assert parse_time_span(text) is None
